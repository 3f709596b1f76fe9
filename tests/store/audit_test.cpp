// The auditor against an office in which exactly one thing was damaged.
#include "store/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/crowd.h"
#include "tests/support/morning.h"
#include "tests/support/office.h"
#include "tests/support/script.h"
#include "tests/support/script_text.h"
#include "tests/support/table_reader.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Audit : public ::testing::Test {
 protected:
  std::vector<std::string> violations() { return store::audit(reader_).value().violations; }
  Seat& seat(std::int64_t id) { return t_.seats.at({id}); }
  Reservation& reservation(std::int64_t id) { return t_.reservations.at({id}); }
  ReservationLine& line(std::int64_t reservation, std::int64_t seat) {
    return t_.lines.at({{reservation}, {seat}});
  }
  Ticket& ticket(std::int64_t id) { return t_.tickets.at({id}); }
  Transfer& transfer(std::int64_t id) { return t_.transfers.at({id}); }
  Visitor& visitor(std::int64_t number) { return t_.visitors.at({default_room, number}); }
  WaitingRoom& room() { return t_.rooms.at(default_room); }
  Account& account_of(AccountKind kind, std::int64_t owner) {
    for (auto& [id, account] : t_.accounts) {
      if (account.kind == kind && account.owner == owner) return account;
    }
    throw std::out_of_range("no such account");
  }

  TableReader reader_{morning()};
  Tables& t_ = reader_.tables;
};

TEST_F(Audit, AnHonestOfficeIsClean) {
  const auto report = store::audit(reader_).value();
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.violations, IsEmpty());
  EXPECT_EQ(report.seats, 6);
  EXPECT_EQ(report.reservations, 5);
  EXPECT_EQ(report.tickets, 2);
  EXPECT_EQ(report.transfers, 3);
  EXPECT_EQ(report.visitors, 6);
  EXPECT_EQ(report.users, 6);
  EXPECT_EQ(report.accounts, 8);
  EXPECT_EQ(report.journal_entries, static_cast<std::int64_t>(reader_.journal.size()));
}

TEST_F(Audit, AnOfficeWherePeoplePayAllTogetherOrGiveUpWhenShortIsClean) {
  Script script;
  EXPECT_THAT(script.run(R"(
    fan1 has 500
    fan2 has 50
    at 10:00:00  fan1 enters                 active
    and          fan2 enters                 active
    at 10:00:00  fan1 holds A-1 A-2 as Sky   held until 10:05:00
    and          fan2 holds A-3              held until 10:05:00
    at 10:00:01  fan1 holds A-4              held until 10:05:01
    and          fan2 holds A-5              held until 10:05:01
    at 10:00:02  fan1 pays all               paid A-1 A-2 A-4, 200 left
    and          fan2 pays #1 or cancels     insufficient_funds, canceled
    at 10:00:03  fan1 enters                 active
    at 10:00:04  fan1 holds A-3              held until 10:05:04
    and          fan2 pays all or cancels    insufficient_funds, canceled
  )",
                         0),
              IsEmpty());
  TableReader reader{script.office().tables()};
  EXPECT_THAT(store::audit(reader).value().violations, IsEmpty());
}

TEST_F(Audit, AnEmptyOfficeIsClean) {
  TableReader empty{Office().tables()};
  EXPECT_TRUE(store::audit(empty).value().clean());
}

TEST(AuditOfCrowds, WhateverACrowdDoesIsClean) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    Crowd crowd(seed, 30);
    for (int i = 0; i < 100; ++i) crowd.step(20);
    TableReader reader{crowd.office().tables()};
    EXPECT_THAT(store::audit(reader).value().violations, IsEmpty()) << "seed " << seed;
  }
}

TEST_F(Audit, SaysWhenTheStoreCannotBeRead) {
  reader_.broken = store::Error{store::Failure::damaged, "not a database"};
  const auto report = store::audit(reader_);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().message, "not a database");
}

TEST_F(Audit, ListsOnlySoManyViolationsAndCountsTheRest) {
  for (std::int64_t id = 1000; id < 1150; ++id) t_.users[{id}] = {.id = {id}};  // without wallets
  const auto report = store::audit(reader_).value();
  EXPECT_EQ(report.violations.size(), store::audit_violations_max);
  EXPECT_EQ(report.violations_left_out, 50);
}

// ---- one owner for each seat ---------------------------------------------------------

TEST_F(Audit, TwoPaidReservationsOfOneSeat) {
  Reservation& second = reservation(5) = reservation(1);
  second.id = {5};
  second.seat_count = 1;
  second.total = {100};
  t_.lines.erase({{5}, {5}});
  t_.lines[{{5}, {1}}] = {{5}, {1}, {1}, {100}, {3}};
  t_.tickets[{3}] = ticket(1);
  ticket(3).id = {3};
  ticket(3).reservation = {5};
  seat(5).status = SeatStatus::available;
  seat(5).reservation = {};
  seat(5).held_until.reset();
  EXPECT_THAT(violations(),
              UnorderedElementsAre(
                  "seat 1: reservations 1 and 5 had it at the same time",
                  "reservation 5: paid, but its seat 1 is not sold to it",
                  "seat 1: sold, with 2 paid reservations", "seat 1: sold, with 2 valid tickets",
                  "reservation 5: paid with total 100, but 0 was paid",
                  "reservation 4: held, but its seat 5 is not its own and nobody took it "
                  "over"));
}

TEST_F(Audit, ASeatTakenOverBeforeItsTime) {
  reservation(5).created_at -= Duration{1};
  EXPECT_THAT(violations(), ElementsAre("seat 5: reservations 4 and 5 had it at the same time"));
}

TEST_F(Audit, AnExpiredHoldOverlappingALaterOne) {
  reservation(2).expires_at = parse_time("10:30:00");
  reservation(4).created_at = parse_time("10:04:00");
  t_.lines[{{4}, {3}}] = {{4}, {3}, {1}, {100}, {}};
  reservation(4).seat_count = 2;
  reservation(4).total = {200};
  EXPECT_THAT(violations(),
              UnorderedElementsAre(
                  "seat 3: reservations 2 and 4 had it at the same time",
                  "reservation 4: held, but its seat 3 is not its own and nobody took it over"));
}

TEST_F(Audit, AHoldWithoutItsSeat) {
  seat(5).status = SeatStatus::available;
  seat(5).reservation = {};
  seat(5).held_until.reset();
  EXPECT_THAT(
      violations(),
      ElementsAre("reservation 5: held, but its seat 5 is not its own and nobody took it over"));
}

TEST_F(Audit, ASeatWhoseReservationDoesNotExist) {
  seat(6).status = SeatStatus::held;
  seat(6).reservation = {77};
  seat(6).held_until = parse_time("10:15:00");
  EXPECT_THAT(violations(), ElementsAre("seat 6: its reservation 77 does not exist"));
}

TEST_F(Audit, ASeatItsReservationDoesNotList) {
  seat(6) = {.id = {6},
             .performance = {1},
             .status = SeatStatus::held,
             .reservation = {5},
             .held_until = reservation(5).expires_at};
  EXPECT_THAT(violations(), ElementsAre("seat 6: reservation 5 does not list it"));
}

TEST_F(Audit, ASeatOfAReservationThatIsOver) {
  reservation(5).state = ReservationState::expired;
  EXPECT_THAT(violations(), ElementsAre("seat 5: held by reservation 5, which is expired"));
}

TEST_F(Audit, ASeatWithHalfAnOwner) {
  seat(6).reservation = {5};
  EXPECT_THAT(violations(), ::testing::Contains("seat 6: available, but its reservation is 5"));
  seat(6).reservation = {};
  seat(6).held_until = parse_time("10:15:00");
  EXPECT_THAT(violations(), ElementsAre("seat 6: available with held_until"));
  seat(6).held_until.reset();
  seat(5).held_until = parse_time("10:16:00");
  EXPECT_THAT(violations(), ElementsAre("seat 5: held_until is not when reservation 5 expires"));
}

TEST_F(Audit, ASoldSeatThatCameBackOnSale) {
  seat(1).status = SeatStatus::available;
  seat(1).reservation = {};
  EXPECT_THAT(violations(),
              UnorderedElementsAre("reservation 1: paid, but its seat 1 is not sold to it",
                                   "seat 1: available, with 1 paid reservations",
                                   "seat 1: available, with 1 valid tickets"));
}

// ---- reservations, lines and tickets -------------------------------------------------

TEST_F(Audit, ASoldSeatWithoutAValidTicket) {
  t_.tickets.erase({2});
  EXPECT_THAT(violations(), UnorderedElementsAre("reservation 1: ticket 2 of seat 2 does not exist",
                                                 "seat 2: sold, with 0 valid tickets"));
}

TEST_F(Audit, AVoidTicketOfASeatThatStayedSold) {
  ticket(2).state = TicketState::void_;
  EXPECT_THAT(violations(), UnorderedElementsAre("seat 2: sold, with 0 valid tickets",
                                                 "seat 2: sold, with 0 paid reservations"));
}

TEST_F(Audit, ACheckedInTicketIsAsGoodAsAnIssuedOne) {
  ticket(2).state = TicketState::checked_in;
  EXPECT_THAT(violations(), IsEmpty());
}

TEST_F(Audit, ATicketNoLineNames) {
  t_.tickets[{9}] = ticket(1);
  ticket(9).id = {9};
  EXPECT_THAT(violations(), UnorderedElementsAre("seat 1: sold, with 2 valid tickets",
                                                 "ticket 9: no line of reservation 1 names it"));
}

TEST_F(Audit, TicketsForSomethingElse) {
  std::swap(line(1, 1).ticket, line(1, 2).ticket);
  EXPECT_THAT(violations(),
              UnorderedElementsAre("reservation 1: ticket 2 of seat 1 is for something else",
                                   "reservation 1: ticket 1 of seat 2 is for something else"));
}

TEST_F(Audit, ATicketOfAnotherUserOrPerformance) {
  ticket(1).user = {2};
  EXPECT_THAT(violations(), ElementsAre("ticket 1: its user is not that of reservation 1"));
  ticket(1).user = {1};
  ticket(1).performance = {2};
  EXPECT_THAT(violations(), ElementsAre("ticket 1: its performance is not that of seat 1"));
}

TEST_F(Audit, ATicketForWhatIsNotPaid) {
  line(5, 5).ticket = {3};
  t_.tickets[{3}] = {{3}, {5}, {5}, {1}, reservation(5).user, TicketState::issued, {}};
  EXPECT_THAT(violations(), UnorderedElementsAre("ticket 3: issued, but reservation 5 is held",
                                                 "reservation 5: held, seat 5 has ticket 3",
                                                 "seat 5: held, with 1 valid tickets"));
}

TEST_F(Audit, TotalsAndCountsOfAReservation) {
  reservation(3).seat_count = 3;
  reservation(2).total = {99};
  EXPECT_THAT(violations(), UnorderedElementsAre("reservation 3: seat_count is 3, it has 2 lines",
                                                 "reservation 2: total is 99, its lines are 100"));
}

TEST_F(Audit, PaidAfterItsTime) {
  reservation(1).paid_at = reservation(1).expires_at;
  EXPECT_THAT(violations(), ElementsAre("reservation 1: paid, but not while it was held"));
}

TEST_F(Audit, SeatCountOfAPerformance) {
  t_.performances.at({1}).seat_count = 7;
  EXPECT_THAT(violations(), ElementsAre("performance 1: seat_count is 7, it has 6 seats"));
}

TEST_F(Audit, RowsThatAreReferredToExist) {
  t_.events.at({1}).venue = {8};
  t_.events.at({1}).room = {8};
  seat(6).performance = {8};
  reservation(3).user = {88};
  t_.price_tiers[{5}] = {{5}, {9}, "x", {}};
  t_.performances[{4}] = {.id = {4}, .event = {44}};
  t_.lines[{{6}, {6}}] = {.reservation = {6}, .seat = {6}};
  visitor(5).user = {55};
  EXPECT_THAT(violations(),
              UnorderedElementsAre("event 1: its venue 8 does not exist",
                                   "event 1: its room 8 does not exist",
                                   "seat 6: its performance 8 does not exist",
                                   "seat 6: its price tier 1 is none of its performance",
                                   "performance 1: seat_count is 6, it has 5 seats",
                                   "reservation 3: its user 88 does not exist",
                                   "price tier 5: its performance 9 does not exist",
                                   "performance 4: its event 44 does not exist",
                                   "line of reservation 6 and seat 6: one of them does not exist",
                                   "visitor 5 of room 1: user 55 does not exist"));
}

// ---- money ---------------------------------------------------------------------------

TEST_F(Audit, MoneyFromNowhere) {
  account_of(AccountKind::revenue, 1).balance += Money{1};
  EXPECT_THAT(violations(), ElementsAre("account 2: balance is 201, its transfers make 200",
                                        "accounts: their sum is 1, not 0"));
}

TEST_F(Audit, ANegativeWallet) {
  Account& wallet = account_of(AccountKind::wallet, 2);
  wallet.balance = {-5};
  account_of(AccountKind::revenue, 1).balance += Money{5};
  EXPECT_THAT(violations(),
              UnorderedElementsAre("account 2: balance is 205, its transfers make 200",
                                   "account 4: balance is -5, its transfers make 0",
                                   "account 4: a wallet with -5"));
}

TEST_F(Audit, TheChainOfAWalletsBalances) {
  transfer(2).wallet_balance_after = {401};
  EXPECT_THAT(violations(),
              ElementsAre("transfer 2: wallet 3 is said to have 401 after it, but has 400"));
}

TEST_F(Audit, APaymentThatIsNotTheTotal) {
  transfer(3).reservation = {3};
  EXPECT_THAT(violations(), UnorderedElementsAre(
                                "transfer 3: not between the buyer and the event of reservation 3",
                                "reservation 1: paid with total 200, but 100 was paid",
                                "reservation 3: canceled with total 200, but 100 was paid"));
}

TEST_F(Audit, ATransferBetweenTheWrongAccounts) {
  transfer(1).cause = TransferCause::refund;
  transfer(1).reservation = {1};
  EXPECT_THAT(violations(), UnorderedElementsAre(
                                "transfer 1: a refund does not go between these accounts",
                                "transfer 1: not between the buyer and the event of reservation 1",
                                "reservation 1: paid with total 200, but 500 was refunded"));
}

TEST_F(Audit, ATransferOfNobody) {
  transfer(1).debit = {99};
  const auto found = violations();
  EXPECT_THAT(found, ::testing::Contains("transfer 1: account 99 or 3 does not exist"));
}

TEST_F(Audit, AUserHasOneWallet) {
  account_of(AccountKind::wallet, 6).owner = 5;
  EXPECT_THAT(violations(), UnorderedElementsAre("user 5: has 2 wallets", "user 6: has 0 wallets"));
}

// ---- waiting rooms and journal -------------------------------------------------------

TEST_F(Audit, CountersOfARoom) {
  room().waiting_count = 7;
  room().active_count = 0;
  EXPECT_THAT(violations(), UnorderedElementsAre("room 1: waiting_count is 7, 1 wait",
                                                 "room 1: active_count is 0, 2 are active"));
}

TEST_F(Audit, ANumberGivenTwice) {
  visitor(6).number = visitor(6).order_key = 5;
  EXPECT_THAT(violations(), ElementsAre("visitor 5 of room 1: the number was given twice"));
}

TEST_F(Audit, ANumberThatWillBeGivenAgain) {
  room().next_number = 6;
  EXPECT_THAT(violations(), ElementsAre("room 1: next_number is 6, but 6 was given"));
}

TEST_F(Audit, AUserTwiceInARoom) {
  visitor(6).user = visitor(5).user;
  EXPECT_THAT(violations(), ElementsAre("visitor 6 of room 1: user 5 is there twice"));
}

TEST_F(Audit, AnActiveVisitorNeverAdmitted) {
  visitor(5).activated_at.reset();
  EXPECT_THAT(violations(), ElementsAre("visitor 5 of room 1: active, but never admitted"));
}

TEST_F(Audit, AnAdmissionPastSomebodyWhoWaits) {
  visitor(5).state = VisitorState::waiting;
  visitor(5).activated_at.reset();
  visitor(6).state = VisitorState::active;
  visitor(6).activated_at = parse_time("10:10:02");
  EXPECT_THAT(violations(),
              ElementsAre("visitor 6 of room 1: admitted before number 5, who still waited"));
}

TEST_F(Audit, AnAdmissionBeforeAnEarlierNumbers) {
  visitor(4).activated_at = *visitor(5).activated_at + Duration{1};
  EXPECT_THAT(violations(),
              ElementsAre("visitor 5 of room 1: admitted before number 4, who still waited"));
}

TEST_F(Audit, AnAdmissionWhileALowerNumberHadNotLeftYet) {
  visitor(4).activated_at.reset();
  visitor(4).ended_at = *visitor(5).activated_at;  // left in that very batch: in order
  EXPECT_THAT(violations(), IsEmpty());
  *visitor(4).ended_at += Duration{1};
  EXPECT_THAT(violations(),
              ElementsAre("visitor 5 of room 1: admitted before number 4, who still waited"));
}

// A room that held its draw at 10:00:00. Of its early arrivals 1 to 4 the seed draws 2, 1, 3, 4.
class AuditOfLotteries : public Audit {
 protected:
  AuditOfLotteries() {
    Script script;
    EXPECT_THAT(script.run(R"(
      room sessions=2 opens=10:00:00 order=lottery
      at 09:00:00  fan1 enters      waiting for the draw
      and          fan2 enters      waiting for the draw
      and          fan3 enters      waiting for the draw
      and          fan4 enters      waiting for the draw
      at 10:00:00  fan5 enters      waiting at 3
      at 10:00:01  fan1 leaves      left
      and          fan3 is          active until 10:02:01
    )",
                           0),
                IsEmpty());
    t_ = script.office().tables();
  }
};

TEST_F(AuditOfLotteries, AnHonestOneIsClean) { EXPECT_THAT(violations(), IsEmpty()); }

TEST_F(AuditOfLotteries, AnotherSeedThanTheOneThatWasDrawn) {
  room().draw_seed.back() = '6';
  EXPECT_THAT(violations(),
              Contains("visitor 1 of room 1: its place is not the one that the seed gives"));
}

TEST_F(AuditOfLotteries, ADrawWithoutASeed) {
  room().draw_seed.clear();
  EXPECT_THAT(violations(),
              Contains("visitor 1 of room 1: its place is not the one that the seed gives"));
}

TEST_F(AuditOfLotteries, AnAdmissionPastSomebodyDrawnBefore) {
  std::swap(visitor(3).state, visitor(4).state);
  std::swap(visitor(3).activated_at, visitor(4).activated_at);
  EXPECT_THAT(violations(),
              Contains("visitor 4 of room 1: admitted before number 3, who still waited"));
}

TEST_F(AuditOfLotteries, AnAdmissionOfALateArrivalPastTheDraw) {
  std::swap(visitor(3).state, visitor(5).state);
  std::swap(visitor(3).activated_at, visitor(5).activated_at);
  EXPECT_THAT(violations(),
              Contains("visitor 5 of room 1: admitted before number 3, who still waited"));
}

TEST_F(AuditOfLotteries, ALateArrivalWithAPlaceOfItsOwnChoice) {
  visitor(5).order_key = 1;
  EXPECT_THAT(violations(), ElementsAre("visitor 5 of room 1: its place in the line is 1"));
}

TEST_F(AuditOfLotteries, AnAdmissionBeforeTheDraw) {
  visitor(2).activated_at = *room().drawn_at - Duration{1};
  EXPECT_THAT(violations(), ElementsAre("visitor 2 of room 1: admitted before the draw"));
}

TEST_F(Audit, TheJournalAscendsAndNoBatchIsWrittenTwice) {
  reader_.journal[3].id = reader_.journal[2].id;
  EXPECT_THAT(violations(), ElementsAre("journal entry 3: comes after 3"));
  reader_.journal[3].id = {4};
  reader_.journal[3].batch = reader_.journal[0].batch;
  EXPECT_THAT(violations(), ElementsAre("journal entry 4: its batch was written before"));
}

}  // namespace
}  // namespace onsale::testing
