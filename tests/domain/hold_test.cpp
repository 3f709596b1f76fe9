// Holding seats: each outcome, and between each two neighbours which one wins (domain.md
// "Selling").
#include <gtest/gtest.h>

#include "tests/support/office.h"
#include "tests/support/script.h"
#include "tests/support/script_text.h"

namespace onsale::testing {
namespace {

TEST(Hold, ASeatIsHeldForItsTime) {
  play(R"(
    fan1 has 100
    at 10:00:00      fan1 enters       active
    and              fan2 enters       active
    at 10:00:00      fan1 holds A-1    held until 10:05:00
    and              seat A-1 is       held by fan1
    at 10:04:59.999  fan2 holds A-1    seat_taken A-1
    at 10:05:00      fan2 holds A-1    held until 10:10:00
    and              hold of fan1 is   expired
    and              seat A-1 is       held by fan2
    at 10:05:00      fan1 pays         reservation_expired
  )");
}

TEST(Hold, TheEventSetsTheTime) {
  play(R"(
    event hold=30s
    at 10:00:00  fan1 enters       active
    at 10:00:00  fan1 holds A-1    held until 10:00:30
    at 10:00:30  tick
    and          seat A-1 is       available
    and          hold of fan1 is   expired
  )");
}

TEST(Hold, TheTickAtItsEndWritesItDown) {
  Script script;
  const auto mismatches = script.run(R"(
    at 10:00:00  fan1 enters       active
    at 10:00:00  fan1 holds A-1    held until 10:05:00
    at 10:05:00  tick
  )",
                                     0);
  EXPECT_EQ(mismatches, std::vector<std::string>{});
  const Tables& tables = script.office().tables();
  EXPECT_EQ(tables.reservations.at({1}).state, domain::ReservationState::expired);
  EXPECT_EQ(tables.reservations.at({1}).ended_at, parse_time("10:05:00"));
  EXPECT_EQ(tables.seats.at({1}).status, domain::SeatStatus::available);
  EXPECT_FALSE(tables.seats.at({1}).reservation);
  EXPECT_FALSE(tables.seats.at({1}).held_until);
}

TEST(Hold, AllOrNothing) {
  play(R"(
    at 10:00:00  fan1 enters           active
    and          fan2 enters           active
    at 10:00:00  fan1 holds A-2        held until 10:05:00
    at 10:00:01  fan2 holds A-1 A-2    seat_taken A-2
    and          seat A-1 is           available
    at 10:00:02  fan2 holds A-1 A-3    held until 10:05:02
    and          seat A-1 is           held by fan2
    and          seat A-3 is           held by fan2
  )");
}

TEST(Hold, OneBatchOneWinner) {
  play(R"(
    at 10:00:00  fan1 enters       active
    and          fan2 enters       active
    at 10:00:01  fan1 holds A-1    held until 10:05:01
    and          fan2 holds A-1    seat_taken A-1
    and          fan2 holds A-2    held until 10:05:01
    and          fan1 holds A-1    seat_taken A-1       # not even one's own twice
  )");
}

TEST(Hold, ASeatTakenOverLeavesTheRestOfAnExpiredHoldAlone) {
  play(R"(
    fan2 has 1000
    at 10:00:00  fan1 enters           active
    and          fan2 enters           active
    and          fan3 enters           active
    at 10:00:00  fan1 holds A-1 A-2    held until 10:05:00
    at 10:05:00  fan2 holds A-1        held until 10:10:00   # no tick came by
    and          seat A-2 is           available
    at 10:05:01  tick
    and          seat A-1 is           held by fan2
    and          seat A-2 is           available
    at 10:05:02  fan3 holds A-2        held until 10:10:02
    at 10:05:03  fan2 pays             paid, 900 left
    and          seat A-1 is           sold to fan2
  )");
}

TEST(Hold, TakeoverAndExpiryInOneBatch) {
  play(R"(
    at 10:00:00  fan1 enters           active
    and          fan2 enters           active
    at 10:00:00  fan1 holds A-1 A-2    held until 10:05:00
    at 10:05:00  fan2 holds A-2        held until 10:10:00
    and          tick
    and          hold of fan1 is       expired
    and          hold of fan2 is       held
    and          seat A-1 is           available
    and          seat A-2 is           held by fan2
  )");
}

TEST(Hold, CancelingTheSecondOwnersHoldDoesNotBringTheFirstBack) {
  play(R"(
    fan1 has 100
    at 10:00:00  fan1 enters           active
    and          fan2 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    at 10:05:00  fan2 holds A-1        held until 10:10:00
    at 10:05:01  fan2 cancels          canceled
    and          seat A-1 is           available
    at 10:05:01  fan1 pays             reservation_expired
    at 10:05:02  tick
    and          seat A-1 is           available
  )");
}

TEST(Hold, LimitCountsWhatIsHeldAndWhatIsPaid) {
  play(R"(
    event limit=3
    fan1 has 1000
    room session=36000s
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    at 10:00:00  fan1 pays             paid, 900 left
    at 10:01:00  fan1 enters           active
    at 10:01:00  fan1 holds A-2        held until 10:06:00
    at 10:01:00  fan1 holds A-3 A-4    seat_limit
    and          fan1 holds A-3        held until 10:06:00    # exactly the limit
    at 10:01:00  fan1 holds A-4        seat_limit
    at 10:02:00  fan1 cancels #2       canceled
    at 10:02:00  fan1 holds A-4        held until 10:07:00    # canceled counts no more
    at 10:06:00  fan1 holds A-5        held until 10:11:00    # nor does expired, tick or not
    at 10:06:00  fan1 holds A-6        seat_limit
  )");
}

TEST(Hold, LimitSeesTheHoldsOfItsOwnBatch) {
  play(R"(
    event limit=2
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    and          fan1 holds A-2        held until 10:05:00
    and          fan1 holds A-3        seat_limit
  )");
}

TEST(Hold, LimitIsPerEventAcrossItsPerformances) {
  play(R"(
    event limit=2
    performance Sat seats=S-1,S-2
    event Gala
    performance Ball of=Gala seats=G-1,G-2
    at 10:00:00  fan1 enters             active
    at 10:00:00  fan1 holds A-1 S-1      held until 10:05:00    # one hold, two performances
    at 10:00:01  fan1 holds S-2          seat_limit
    at 10:00:01  fan1 holds G-1 of Gala  held until 10:05:01    # another event
  )");
}

TEST(Hold, EventNotFoundComesFirst) {
  play(R"(
    at 10:00:00  fan1 holds A-1 of Nowhere    event_not_found   # though not admitted
  )");
}

TEST(Hold, NotAdmittedBeforeSeatNotFound) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 holds A-1    not_admitted     # never entered
    at 10:00:00  fan1 enters       active
    and          fan2 enters       waiting at 1
    at 10:00:00  fan2 holds Z-9    not_admitted     # waiting is not enough
    at 10:00:00  fan1 holds Z-9    seat_not_found ?
  )");
}

TEST(Hold, SeatNotFoundBeforeSaleNotOpen) {
  play(R"(
    event opens=11:00:00
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds A-1 Z-9    seat_not_found ?
    at 10:00:00  fan1 holds A-1        sale_not_open until 11:00:00
  )");
}

TEST(Hold, ASeatOfAnotherEventIsNotFound) {
  play(R"(
    event Gala
    performance Ball of=Gala seats=G-1
    at 10:00:00  fan1 enters                 active
    at 10:00:00  fan1 holds A-1 of Gala      seat_not_found A-1
    at 10:00:00  fan1 holds G-1 A-1 of Gala  seat_not_found A-1
  )");
}

TEST(Hold, KeepsTheNameThatIsPrintedOnTheTickets) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 enters                 active
    at 10:00:00  fan1 holds A-1 as 김하늘    held until 10:05:00
    at 10:00:01  fan1 holds A-2              held until 10:05:01
    and          name of fan1 #1 is          김하늘
    and          name of fan1 #2 is
    at 10:00:02  fan1 pays #1                paid, 400 left
    and          name of fan1 #1 is          김하늘
    at 10:05:01  tick
    and          hold of fan1 #2 is          expired
    and          name of fan1 #1 is          김하늘
  )");
}

TEST(Hold, ASeatOfAnotherPerformanceIsNotFound) {
  Script script;
  EXPECT_TRUE(script.run("performance Sat seats=S-1\nat 10:00:00  fan1 enters  active", 0).empty());
  Office& office = script.office();
  const auto& sat = office.tables().performances.rbegin()->second;
  const domain::Hold swapped{domain::UserId{1}, sat.event, {{sat.id, domain::SeatId{1}}}};
  const auto outcome = office.run(swapped, parse_time("10:00:00"));
  EXPECT_EQ(outcome.result, domain::HoldResult::seat_not_found);
  EXPECT_EQ(outcome.seats, std::vector{domain::SeatId{1}});
}

TEST(Hold, SaleNotOpenBeforeSaleClosed) {
  play(R"(
    performance Sun opens=12:00:00 seats=U-1
    performance Mat starts=09:30:00 seats=M-1
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds M-1        sale_closed
    at 10:00:00  fan1 holds M-1 U-1    sale_not_open until 12:00:00
    at 10:00:00  fan1 holds U-1 M-1    sale_not_open until 12:00:00
  )");
}

TEST(Hold, SaleClosedBeforeSeatLimit) {
  play(R"(
    event limit=1 closes=10:05:00
    at 10:00:00      fan1 enters           active
    at 10:04:59.999  fan1 holds A-1 A-2    seat_limit
    at 10:05:00      fan1 holds A-1 A-2    sale_closed
  )");
}

TEST(Hold, SeatLimitBeforeSeatTaken) {
  play(R"(
    event limit=1
    at 10:00:00  fan1 enters           active
    and          fan2 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    at 10:00:00  fan2 holds A-1 A-2    seat_limit
    at 10:00:00  fan2 holds A-1        seat_taken A-1
  )");
}

TEST(Hold, SeatTakenBeforeInsufficientFunds) {
  play(R"(
    event balance=yes
    fan1 has 100
    at 10:00:00  fan1 enters       active
    and          fan2 enters       active
    at 10:00:00  fan1 holds A-1    held until 10:05:00
    at 10:00:00  fan2 holds A-1    seat_taken A-1
    at 10:00:00  fan2 holds A-2    insufficient_funds
  )");
}

TEST(Hold, InsufficientFundsBeforeHeldOnlyIfTheEventAsksForTheBalance) {
  play(R"(
    event Gala balance=yes
    performance Ball of=Gala seats=G-1,G-2 price=100
    fan1 has 199
    at 10:00:00  fan1 enters                 active
    at 10:00:00  fan1 holds G-1 G-2 of Gala  insufficient_funds
    and          seat G-1 is                 available
    at 10:00:00  fan1 holds A-1 A-2          held until 10:05:00
    at 10:00:01  fan1 charges 1              balance 200
    at 10:00:02  fan1 holds G-1 G-2 of Gala  held until 10:05:02
  )");
}

TEST(Hold, BlockedAndSoldSeatsAreTaken) {
  Script script;
  Office& office = script.office();
  office.scene().seats.at({2}).status = domain::SeatStatus::blocked;
  const auto mismatches = script.run(R"(
    fan1 has 100
    at 10:00:00  fan1 enters       active
    and          fan2 enters       active
    at 10:00:00  fan1 holds A-1    held until 10:05:00
    at 10:00:00  fan1 pays         paid, 0 left
    at 12:00:00  fan2 enters       active
    at 12:00:00  fan2 holds A-1 A-2 A-3   seat_taken A-1 A-2
  )",
                                     0);
  EXPECT_TRUE(mismatches.empty()) << mismatches.front();
}

TEST(Hold, SalesWindowsOfThePerformanceGoBeforeTheEvents) {
  play(R"(
    event opens=10:00:00 closes=12:00:00
    performance Early opens=09:00:00 seats=E-1,E-2
    performance Late closes=13:00:00 seats=L-1,L-2
    performance Soon closes=13:00:00 starts=11:00:00 seats=N-1,N-2
    room session=36000s
    at 09:00:00      fan1 enters       active
    at 09:00:00      fan1 holds A-1    sale_not_open until 10:00:00
    at 09:00:00      fan1 holds E-1    held until 09:05:00
    at 10:59:59.999  fan1 holds N-1    held until 11:04:59.999
    at 11:00:00      fan1 holds N-2    sale_closed          # it has started
    at 12:00:00      fan1 holds A-1    sale_closed
    at 12:00:00      fan1 holds L-1    held until 12:05:00
    at 13:00:00      fan1 holds L-2    sale_closed
  )");
}

TEST(Hold, WithoutClosingTimesAPerformanceSellsUntilItStarts) {
  play(R"(
    performance Noon starts=12:00:00 seats=N-1,N-2
    room session=36000s
    at 11:59:59.999  fan1 enters       active
    at 11:59:59.999  fan1 holds N-1    held until 12:04:59.999
    at 12:00:00      fan1 holds N-2    sale_closed
  )");
}

}  // namespace
}  // namespace onsale::testing
