// Paying all that one holds, of whatever events, at once or not at all.
#include <gtest/gtest.h>

#include "tests/support/office.h"
#include "tests/support/script.h"
#include "tests/support/script_text.h"

namespace onsale::testing {
namespace {

TEST(PayAll, PaysTheHoldsOfSeveralEventsTogether) {
  play(R"(
    event Gala
    performance Late of=Gala seats=G-1,G-2 price=30
    fan1 has 500
    at 10:00:00  fan1 enters                 active
    at 10:00:00  fan1 holds A-1 A-2          held until 10:05:00
    at 10:00:01  fan1 holds G-1 of Gala      held until 10:05:01
    and          fan2 enters                 active
    at 10:00:02  fan2 holds G-2 of Gala      held until 10:05:02
    at 10:01:00  fan1 pays all 230           paid A-1 A-2 G-1, 270 left
    and          wallet of fan1 is           270
    and          revenue is                  230
    and          seat A-1 is                 sold to fan1
    and          seat G-1 is                 sold to fan1
    and          seat G-2 is                 held by fan2
    and          tickets of fan1 are         A-1 A-2 G-1
    and          hold of fan1 #1 is          paid
    and          hold of fan1 #2 is          paid
    and          fan1 is                     completed
  )");
}

TEST(PayAll, ShowsEachReservationWithItsTickets) {
  Script script;
  EXPECT_TRUE(script
                  .run(R"(
    fan1 has 500
    at 10:00:00  fan1 enters               active
    at 10:00:00  fan1 holds A-3 A-2        held until 10:05:00
    at 10:00:00  fan1 holds A-1 as Sky     held until 10:05:00
  )",
                       0)
                  .empty());
  Office& office = script.office();
  const auto paid = office.run(domain::PayAll{.user = {1}}, parse_time("10:01:00"));
  EXPECT_EQ(paid.total, domain::Money{300});
  EXPECT_EQ(paid.balance, domain::Money{200});
  ASSERT_EQ(paid.reservations.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& [reservation, lines] = paid.reservations[i];
    EXPECT_EQ(reservation.id.value, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(reservation.state, domain::ReservationState::paid);
    EXPECT_EQ(reservation.paid_at, parse_time("10:01:00"));
    for (const auto& line : lines) {
      EXPECT_EQ(office.tables().tickets.at(line.line.ticket).seat, line.line.seat);
    }
  }
  EXPECT_EQ(paid.reservations[1].reservation.attendee_name, "Sky");
  EXPECT_EQ(paid.reservations[0].lines[0].label, "A-2");
}

TEST(PayAll, NothingHeld) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 pays all 7             nothing_held     # before amount_mismatch
    at 10:00:00  fan1 enters                 active
    at 10:00:00  fan1 holds A-1              held until 10:05:00
    and          fan1 pays all               nothing_held     # nobody was told of the hold yet
    at 10:00:01  fan1 cancels                canceled
    and          fan1 pays all               nothing_held
    at 10:00:02  fan1 pays all or cancels    nothing_held
  )");
}

TEST(PayAll, AUserWhoIsNotThereHoldsNothing) {
  Office office;
  const auto outcome = office.run(domain::PayAll{.user = {7}}, parse_time("10:00:00"));
  EXPECT_EQ(outcome.result, domain::PayAllResult::nothing_held);
  EXPECT_FALSE(outcome.executed());
}

TEST(PayAll, TwicePaysOnce) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 enters         active
    at 10:00:00  fan1 holds A-1      held until 10:05:00
    at 10:00:01  fan1 pays all       paid A-1, 400 left
    and          fan1 pays all       nothing_held
    and          fan1 pays           already_paid
    at 10:00:02  fan1 pays all       nothing_held
    and          wallet of fan1 is   400
  )");
}

TEST(PayAll, WhatWasPaidAloneIsNotPaidAgain) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 enters         active
    at 10:00:00  fan1 holds A-1      held until 10:05:00
    at 10:00:00  fan1 holds A-2      held until 10:05:00
    at 10:00:01  fan1 pays #1        paid, 400 left
    and          fan1 pays all       paid A-2, 300 left
  )");
}

TEST(PayAll, AnotherAmountPaysNothingAndCancelsNothing) {
  play(R"(
    fan1 has 50
    at 10:00:00  fan1 enters                    active
    at 10:00:00  fan1 holds A-1                 held until 10:05:00
    at 10:00:00  fan1 holds A-2                 held until 10:05:00
    at 10:00:01  fan1 pays all 100 or cancels   amount_mismatch    # before insufficient_funds
    and          seat A-1 is                    held by fan1
    and          seat A-2 is                    held by fan1
    and          wallet of fan1 is              50
    and          fan1 is                        active until 10:10:00
  )");
}

TEST(PayAll, AWalletThatCoversOnlySomePaysNothing) {
  play(R"(
    fan1 has 199
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    at 10:00:00  fan1 holds A-2        held until 10:05:00
    at 10:00:01  fan1 pays all         insufficient_funds
    and          seat A-1 is           held by fan1
    and          seat A-2 is           held by fan1
    and          tickets of fan1 are   none
    and          wallet of fan1 is     199
    and          fan1 is               active until 10:10:00
    at 10:00:02  fan1 charges 1        balance 200
    and          fan1 pays all 200     paid A-1 A-2, 0 left
  )");
}

TEST(PayAll, WhoeverIsShortMayGiveAllUpInsteadAndTheSeatsAreFreeAtOnce) {
  play(R"(
    fan1 has 199
    at 10:00:00  fan1 enters                 active
    and          fan2 enters                 active
    at 10:00:00  fan1 holds A-1              held until 10:05:00
    at 10:00:00  fan1 holds A-2              held until 10:05:00
    at 10:00:01  fan1 pays all or cancels    insufficient_funds, canceled
    and          fan2 holds A-1 A-2          held until 10:05:01
    and          fan1 pays all               nothing_held
    and          hold of fan1 #1 is          canceled
    and          hold of fan1 #2 is          canceled
    and          wallet of fan1 is           199
    and          fan1 is                     active until 10:10:00
    and          seat A-1 is                 held by fan2
  )");
}

TEST(PayAll, SaysWhatItWouldHavePaidOrGaveUp) {
  Script script;
  EXPECT_TRUE(script
                  .run(R"(
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
  )",
                       0)
                  .empty());
  Office& office = script.office();
  const domain::Timestamp now = parse_time("10:01:00");
  const auto kept = office.run(domain::PayAll{.user = {1}}, now);
  EXPECT_FALSE(kept.executed());
  EXPECT_EQ(kept.total, domain::Money{100});
  ASSERT_EQ(kept.reservations.size(), 1U);
  EXPECT_EQ(kept.reservations[0].reservation.state, domain::ReservationState::held);
  const auto given_up = office.run(domain::PayAll{.user = {1}, .cancel_if_short = true}, now);
  EXPECT_TRUE(given_up.executed()) << "something changed, so a key must remember it";
  ASSERT_EQ(given_up.reservations.size(), 1U);
  EXPECT_EQ(given_up.reservations[0].reservation.state, domain::ReservationState::canceled);
  EXPECT_EQ(given_up.reservations[0].lines[0].label, "A-1");
}

TEST(PayAll, WhatHasRunOutDoesNotCount) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    at 10:00:30  fan1 holds A-2        held until 10:05:30
    at 10:05:00  fan1 pays all 200     amount_mismatch            # no tick came by
    and          fan1 pays all 100     paid A-2, 400 left
    and          hold of fan1 #1 is    expired
    and          seat A-1 is           available
    at 10:05:00  fan1 pays all         nothing_held
  )");
}

TEST(PayAll, ASeatOwnedBySomebodyElseIsNeverPaidEvenIfTheClockSteppedBack) {
  play(R"(
    fan1 has 500
    at 10:00:00  fan1 enters           active
    and          fan2 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    at 10:00:01  fan1 holds A-2        held until 10:05:01
    at 10:05:00  fan2 holds A-1        held until 10:10:00
    at 10:04:59  fan1 pays all         paid A-2, 400 left
    and          seat A-1 is           held by fan2
  )");
}

TEST(PayAll, EndsTheSessionOnceAndTheNextInLineIsAdmitted) {
  play(R"(
    room sessions=1
    event Gala
    performance Late of=Gala seats=G-1
    fan1 has 500
    at 10:00:00  fan1 enters             active
    and          fan2 enters             waiting at 1
    and          fan3 enters             waiting at 2
    at 10:00:00  fan1 holds A-1          held until 10:05:00
    at 10:00:01  fan1 holds G-1 of Gala  held until 10:05:01
    at 10:00:02  fan1 pays all           paid A-1 G-1, 300 left
    and          fan1 is                 completed
    and          fan2 is                 active until 10:02:02
    and          fan3 is                 waiting at 1
    and          room is                 1 active, 1 waiting
  )");
}

TEST(PayAll, EndsTheSessionInTheRoomOfEachEvent) {
  Script script;
  const domain::RoomId other_room{2};
  Tables& scene = script.office().scene();
  scene.rooms[other_room] = {.id = other_room, .name = "other"};
  EXPECT_TRUE(script
                  .run(R"(
    event Gala
    performance Late of=Gala seats=G-1
    fan1 has 500
    at 10:00:00  fan1 enters             active
    at 10:00:00  fan1 holds A-1          held until 10:05:00
  )",
                       0)
                  .empty());
  scene.events.at({2}).room = other_room;
  Office& office = script.office();
  const domain::Timestamp now = parse_time("10:01:00");
  const auto there = office.run(domain::Enter{other_room, {1}, office.new_token()}, now).token;
  const auto& seat = scene.seats.rbegin()->second;
  const domain::Hold hold{.user = {1}, .event = {2}, .seats = {{seat.performance, seat.id}}};
  ASSERT_TRUE(office.run(hold, now).executed());
  ASSERT_TRUE(office.run(domain::PayAll{.user = {1}}, now).executed());
  EXPECT_EQ(office.visitor(there)->state, domain::VisitorState::completed);
  for (const auto& [id, room] : office.tables().rooms) EXPECT_EQ(room.active_count, 0);
}

TEST(PayAll, NeedsNoSessionAndEndsNoneThatTheHoldHasEnded) {
  play(R"(
    room ends_on=hold
    fan1 has 500
    at 10:00:00  fan1 enters           active
    at 10:00:00  fan1 holds A-1        held until 10:05:00
    and          fan1 is               completed
    at 10:00:01  fan1 enters           active
    at 10:00:02  fan1 pays all         paid A-1, 400 left
    and          fan1 is               active until 10:10:01
  )");
}

}  // namespace
}  // namespace onsale::testing
