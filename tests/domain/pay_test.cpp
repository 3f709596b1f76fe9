// Paying and giving up what is held (domain.md "Selling").
#include <gtest/gtest.h>

#include "tests/support/office.h"
#include "tests/support/script.h"
#include "tests/support/script_text.h"

namespace onsale::testing {
namespace {

TEST(Pay, MovesMoneySellsSeatsIssuesTicketsAndEndsTheSession) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds A-1 A-2    held until 10:05:00
    and          tickets of fan1 are   none
    at 10:01:00  fan1 pays             paid, 300 left
    and          wallet of fan1 is     300
    and          revenue is            200
    and          seat A-1 is           sold to fan1
    and          seat A-2 is           sold to fan1
    and          tickets of fan1 are   A-1 A-2
    and          hold of fan1 is       paid
    and          fan1 is               completed
    at 10:05:00  tick
    and          seat A-1 is           sold to fan1     # sold for good
    and          hold of fan1 is       paid
  )");
}

TEST(Pay, OneTransferAndOneTicketForEachSeat) {
  Script script;
  ASSERT_TRUE(script
                  .run(R"(
    performance Free seats=F-1 price=0
    fan1 has 500
    at 10:00:00  fan1 enters               active
    at 10:00:00  fan1 holds A-1 A-2 F-1    held until 10:05:00
    at 10:01:00  fan1 pays                 paid, 300 left
  )",
                       0)
                  .empty());
  const Tables& tables = script.office().tables();
  ASSERT_EQ(tables.tickets.size(), 3U);
  for (const auto& [key, line] : tables.lines) {
    const domain::Ticket& ticket = tables.tickets.at(line.ticket);
    EXPECT_EQ(ticket.seat, line.seat);
    EXPECT_EQ(ticket.reservation, line.reservation);
    EXPECT_EQ(ticket.performance, line.performance);
    EXPECT_EQ(ticket.user, domain::UserId{1});
    EXPECT_EQ(ticket.issued_at, parse_time("10:01:00"));
  }
  ASSERT_EQ(tables.transfers.size(), 3U);  // the charge and the two seats that cost something
  std::int64_t balance = 500;
  for (const auto& [id, transfer] : tables.transfers) {
    if (transfer.cause == domain::TransferCause::charge) continue;
    EXPECT_EQ(transfer.cause, domain::TransferCause::payment);
    EXPECT_EQ(transfer.debit, transfer.wallet);
    EXPECT_EQ(transfer.amount, tables.seats.at(transfer.seat).price);
    EXPECT_EQ(transfer.wallet_balance_after.minor, balance -= 100);
  }
}

TEST(Pay, TwicePaysOnce) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 enters         active
    at 10:00:00  fan1 holds A-1      held until 10:05:00
    at 10:01:00  fan1 pays           paid, 400 left
    and          fan1 pays           already_paid
    at 10:01:01  fan1 pays           already_paid
    and          wallet of fan1 is   400
    and          tickets of fan1 are  A-1
  )");
}

TEST(Pay, NotFoundWhenItIsSomebodyElsesOrNobodys) {
  play(R"(
    fan1 has 500
    fan2 has 500
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 pays             not_found
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    at 10:00:01  fan2 pays for fan1    not_found
    at 10:00:02  fan1 pays             paid, 400 left
    at 10:00:03  fan2 pays for fan1    not_found          # before already_paid
  )");
}

TEST(Pay, AlreadyPaidBeforeReservationExpired) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 enters         active
    at 10:00:00  fan1 holds A-1      held until 10:05:00
    at 10:01:00  fan1 pays           paid, 400 left
    at 10:05:00  fan1 pays 1         already_paid        # past its time, wrong amount
  )");
}

TEST(Pay, ReservationExpiredBeforeAmountMismatch) {
  play(R"(
    at 10:00:00      fan1 enters         active
    at 10:00:00      fan1 holds A-1      held until 10:05:00
    at 10:04:59.999  fan1 pays 99        amount_mismatch
    at 10:05:00      fan1 pays 99        reservation_expired    # no tick came by
    tick
    at 10:05:01      fan1 pays 100       reservation_expired
  )");
}

TEST(Pay, ACanceledReservationCannotBePaid) {
  play(R"(
    fan1 has 100
    at 10:00:00  fan1 enters         active
    at 10:00:00  fan1 holds A-1      held until 10:05:00
    at 10:00:01  fan1 cancels        canceled
    and          fan1 pays           reservation_expired
    at 10:00:02  fan1 pays           reservation_expired
  )");
}

TEST(Pay, AmountMismatchBeforeInsufficientFunds) {
  play(R"(
    fan1 has 99
    at 10:00:00  fan1 enters         active
    at 10:00:00  fan1 holds A-1      held until 10:05:00
    at 10:00:01  fan1 pays 101       amount_mismatch
    at 10:00:01  fan1 pays 100       insufficient_funds
    and          seat A-1 is         held by fan1
    and          fan1 is             active until 10:10:00
    at 10:00:02  fan1 charges 1      balance 100
    at 10:00:02  fan1 pays 100       paid, 0 left
  )");
}

TEST(Pay, AChargeInTheSameBatchCounts) {
  play(R"(
    at 10:00:00  fan1 enters             active
    at 10:00:00  fan1 holds A-1 A-2      held until 10:05:00
    at 10:00:00  fan1 holds A-3          held until 10:05:00
    at 10:00:01  fan1 pays #1            insufficient_funds
    and          fan1 charges 250        balance 250
    and          fan1 pays #1            paid, 50 left
    and          fan1 pays #2            insufficient_funds
  )");
}

TEST(Pay, WhoeverIsShortMayGiveTheHoldUpInsteadAndItsSeatsAreFreeAtOnce) {
  play(R"(
    fan1 has 150
    at 10:00:00  fan1 enters                       active
    and          fan2 enters                       active
    at 10:00:00  fan1 holds A-1 A-2                held until 10:05:00
    at 10:00:01  fan1 pays 200 or cancels          insufficient_funds, canceled
    and          fan2 holds A-1                    held until 10:05:01
    and          fan1 pays or cancels              reservation_expired
    and          seat A-2 is                       available
    and          hold of fan1 is                   canceled
    and          wallet of fan1 is                 150
    and          fan1 is                           active until 10:10:00
    at 10:00:02  fan1 holds A-3                    held until 10:05:02
    at 10:00:03  fan1 pays or cancels              paid, 50 left
    and          fan1 is                           completed
  )");
}

TEST(Pay, NothingElseThanBeingShortCancels) {
  play(R"(
    fan1 has 50
    at 10:00:00  fan1 enters                       active
    at 10:00:00  fan1 holds A-1                    held until 10:05:00
    at 10:00:01  fan1 pays 99 or cancels           amount_mismatch
    and          fan2 pays for fan1 or cancels     not_found
    and          seat A-1 is                       held by fan1
    and          hold of fan1 is                   held
  )");
}

TEST(Pay, NeedsNoSession) {
  play(R"(
    room session=60s
    fan1 has 100
    at 10:00:00  fan1 enters         active
    at 10:00:00  fan1 holds A-1      held until 10:05:00
    at 10:01:00  tick
    and          fan1 is             expired
    at 10:04:00  fan1 pays           paid, 0 left
    and          fan1 is             expired
  )");
}

TEST(Pay, ASeatOwnedBySomebodyElseIsNeverPaidEvenIfTheClockSteppedBack) {
  play(R"(
    fan1 has 100
    at 10:00:00  fan1 enters         active
    and          fan2 enters         active
    at 10:00:00  fan1 holds A-1      held until 10:05:00
    at 10:05:00  fan2 holds A-1      held until 10:10:00
    at 10:04:59  fan1 pays           reservation_expired
    and          seat A-1 is         held by fan2
  )");
}

TEST(Cancel, SeatsAreAvailableAtOnce) {
  play(R"(
    at 10:00:00  fan1 enters             active
    and          fan2 enters             active
    at 10:00:00  fan1 holds A-1 A-2      held until 10:05:00
    at 10:00:01  fan1 cancels            canceled
    and          fan2 holds A-1          held until 10:05:01
    and          seat A-2 is             available
    and          hold of fan1 is         canceled
    and          fan1 is                 active until 10:10:00
  )");
}

TEST(Cancel, NotFoundBeforeAlreadyPaidBeforeAlreadyOver) {
  play(R"(
    fan1 has 100
    at 10:00:00  fan1 enters             active
    at 10:00:00  fan1 cancels            not_found
    at 10:00:00  fan1 holds A-1          held until 10:05:00
    at 10:00:00  fan2 cancels for fan1   not_found
    at 10:00:01  fan1 pays               paid, 0 left
    at 10:00:02  fan2 cancels for fan1   not_found
    at 10:09:00  fan1 cancels            already_paid
    and          seat A-1 is             sold to fan1
  )");
}

TEST(Cancel, OverIsOver) {
  play(R"(
    at 10:00:00  fan1 enters             active
    at 10:00:00  fan1 holds A-1          held until 10:05:00
    at 10:00:01  fan1 holds A-2          held until 10:05:01
    at 10:00:02  fan1 cancels #2         canceled
    and          fan1 cancels #2         already_over
    at 10:05:00  fan1 cancels #1         already_over    # expired, tick or not
    and          hold of fan1 #1 is      expired
    and          hold of fan1 #2 is      canceled
  )");
}

}  // namespace
}  // namespace onsale::testing
