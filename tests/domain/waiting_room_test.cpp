// Who waits, who is let in and in which order (domain.md "Waiting room"). When a session
// ends is in session_test.cpp.
#include "domain/waiting_room.h"

#include <gtest/gtest.h>

#include "tests/support/office.h"
#include "tests/support/script.h"
#include "tests/support/script_text.h"

namespace onsale::testing {
namespace {

TEST(WaitingRoom, EnteringAgainGivesTheSamePlaceBack) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters     active
    at 10:00:00  fan2 enters     waiting at 1
    at 10:00:00  fan3 enters     waiting at 2
    at 10:00:05  fan2 enters     back, waiting at 1
    at 10:00:05  fan1 enters     back, active
    and          room is         1 active, 2 waiting
    and          number of fan2 is  2
  )");
}

TEST(WaitingRoom, EnteringTwiceInOneBatchIsOneVisitor) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters     active
    and          fan1 enters     back, active
    and          fan2 enters     waiting at 1
    and          fan2 enters     back, waiting at 1
    and          room is         1 active, 1 waiting
  )");
}

TEST(WaitingRoom, NumbersFollowArrivalWithoutGaps) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters        active
    and          fan2 enters        waiting at 1
    and          fan2 enters        back, waiting at 1
    and          fan3 enters        waiting at 2
    at 10:00:01  fan4 enters        waiting at 3
    and          number of fan1 is  1
    and          number of fan2 is  2
    and          number of fan3 is  3
    and          number of fan4 is  4
  )");
}

TEST(WaitingRoom, AdmitsFirstComeFirstServed) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    at 10:00:01  fan1 leaves     left
    and          fan4 enters     waiting at 2    # free at once, but fan2 was first
    and          fan2 is         active until 10:02:01
    and          fan3 is         waiting at 1
    and          room is         1 active, 2 waiting
  )");
}

TEST(WaitingRoom, WhoLeavesTheLineGivesThePlaceUp) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    at 10:00:01  fan2 leaves     left
    and          fan3 is         waiting at 1
    at 10:00:02  fan2 enters     waiting at 2    # a new number, at the end
    and          number of fan2 is  4
    at 10:00:03  fan1 leaves     left
    and          fan3 is         active until 10:02:03
  )");
}

TEST(WaitingRoom, WhoLeavesInTheBatchOfTheAdmissionIsPassedOver) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    at 10:00:01  fan1 leaves     left
    and          fan2 leaves     left
    and          fan2 is         left
    and          fan3 is         active until 10:02:01
    and          room is         1 active, 0 waiting
  )");
}

TEST(WaitingRoom, NobodyLeavesForSomebodyElse) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters           active
    at 10:00:01  fan2 removes fan1     not_owner
    and          fan2 leaves           not_found
    at 10:00:02  fan2 throws out fan1  left          # an organiser may
    and          fan1 is               left
    at 10:00:03  fan1 leaves           already_over
  )");
}

TEST(WaitingRoom, SessionsAreLimited) {
  play(R"(
    room sessions=2
    at 10:00:00  fan1 enters     active
    and          fan2 enters     active
    and          fan3 enters     waiting at 1
    and          room is         2 active, 1 waiting
    and          next admission is  unknown
    room sessions=3
    tick
    and          room is         3 active, 0 waiting
    room sessions=1                                  # fewer now: nobody is thrown out
    at 10:00:01  fan4 enters     waiting at 1
    and          fan1 leaves     left
    and          room is         2 active, 1 waiting
    at 10:00:02  fan2 leaves     left
    and          room is         1 active, 1 waiting
  )");
}

TEST(WaitingRoom, NobodyIsAdmittedBeforeTheOpening) {
  play(R"(
    room sessions=2 opens=10:00:00
    at 09:59:59.999  fan1 enters     waiting at 1
    and              fan2 enters     waiting at 2
    and              fan3 enters     waiting at 3
    and              next admission is  10:00:00
    tick
    and              fan1 is         waiting at 1
    at 10:00:00      fan4 enters     waiting at 2
    and              room is         2 active, 2 waiting
    and              fan2 is         active until 10:02:00
  )");
}

TEST(WaitingRoom, SlowRateAdmitsOneAtATime) {
  play(R"(
    room rate=6
    at 10:00:00      fan1 enters     active
    and              fan2 enters     waiting at 1
    and              fan3 enters     waiting at 2
    and              next admission is  10:00:10
    at 10:00:09.999  tick
    and              room is         1 active, 2 waiting
    at 10:00:10      tick
    and              room is         2 active, 1 waiting
    and              next admission is  10:00:20
    at 10:00:20      tick
    and              room is         3 active, 0 waiting
    and              next admission is  unknown
  )");
}

TEST(WaitingRoom, RateAllowsOneSecondsWorthAtOnceAndSavesNothingUp) {
  play(R"(
    room rate=120
    at 10:00:00  fan1 enters     active
    and          fan2 enters     active
    and          fan3 enters     waiting at 1
    at 11:00:00  tick                          # an hour's pause
    and          fan4 enters     active
    and          fan5 enters     waiting at 1
    and          fan6 enters     waiting at 2
    and          next admission is  11:00:00.500
    at 11:00:00.500  tick
    and          fan5 is         active until 11:02:00.500
    and          fan6 is         waiting at 1
  )");
}

TEST(WaitingRoom, BothLimitsHoldTogether) {
  play(R"(
    room sessions=1 rate=6
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:00:05  fan1 leaves     left
    and          room is         0 active, 1 waiting   # a slot, but no budget yet
    and          next admission is  10:00:10
    at 10:00:10  tick
    and          fan2 is         active until 10:02:10
  )");
}

TEST(WaitingRoom, UnknownRoomsAndUsersAreRefused) {
  Office office;
  const auto at = parse_time("10:00:00");
  const auto user = office.run(domain::CreateUser{"a@example.org", "A", "hash"}, at).user.id;
  const auto token = office.new_token();
  using domain::EnterResult;
  EXPECT_EQ(office.run(domain::Enter{{7}, {7}, token}, at).result, EnterResult::room_not_found);
  EXPECT_EQ(office.run(domain::Enter{{1}, {7}, token}, at).result, EnterResult::user_not_found);
  EXPECT_EQ(office.run(domain::Enter{{1}, user, token}, at).result, EnterResult::entered);
}

TEST(WaitingRoom, WhoIsNoNewcomerGetsNoNewPlace) {
  using domain::EnterResult;
  Office office;
  const auto at = parse_time("10:00:00");
  const auto user = office.run(domain::CreateUser{"a@example.org", "A", "hash"}, at).user.id;
  const auto token = office.new_token();
  domain::Enter again{domain::default_room, user, office.new_token()};
  again.newcomer = false;
  EXPECT_EQ(office.run(again, at).result, EnterResult::not_present);
  office.run(domain::Enter{domain::default_room, user, token}, at);
  EXPECT_EQ(office.run(again, at).result, EnterResult::present);
  EXPECT_EQ(office.run(again, at).token, token);
  office.run(domain::Leave{token, user, false}, at);
  EXPECT_EQ(office.run(again, at).result, EnterResult::not_present);
}

TEST(WaitingRoom, AVisitorKeepsTheBrowserThatItFirstCameWith) {
  Office office;
  const auto at = parse_time("10:00:00");
  const auto user = office.run(domain::CreateUser{"a@example.org", "A", "hash"}, at).user.id;
  const auto token = office.new_token();
  office.run(domain::Enter{domain::default_room, user, token, "Fox"}, at);
  EXPECT_EQ(office.run(domain::Enter{domain::default_room, user, {}, "Cat"}, at).token, token);
  EXPECT_EQ(office.visitor(token)->browser_id, "Fox");
}

TEST(WaitingRoom, ABatchAdmitsAtMostItsLimitAndTheNextContinues) {
  Office office;
  auto& room = office.scene().rooms.at(domain::default_room);
  room.opens_at = parse_time("10:00:00");
  room.policy.active_sessions_max = 1'000'000;
  std::vector<Command> crowd;
  for (std::int64_t i = 0; i < domain::admissions_per_batch_max + 10; ++i) {
    const auto user = office.run(
        domain::CreateUser{std::to_string(i) + "@example.org", "fan", "hash"}, *room.opens_at);
    crowd.emplace_back(domain::Enter{domain::default_room, user.user.id, office.new_token()});
  }
  office.batch(crowd, parse_time("09:00:00"));
  office.tick(parse_time("10:00:00"));
  const auto& after = office.tables().rooms.at(domain::default_room);
  EXPECT_EQ(after.active_count, domain::admissions_per_batch_max);
  EXPECT_EQ(after.waiting_count, 10);
  EXPECT_EQ(next_admission_at(after, parse_time("10:00:00"), office.policy), room.opens_at);
  office.tick(parse_time("10:00:00"));
  EXPECT_EQ(office.tables().rooms.at(domain::default_room).waiting_count, 0);
}

}  // namespace
}  // namespace onsale::testing
