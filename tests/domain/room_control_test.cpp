// What organisers do to a waiting room while the sale runs: limits, rate, pause, close and
// revocation. The lottery is in lottery_test.cpp.
#include "domain/room_control.h"

#include <gmock/gmock.h>

#include "tests/support/office.h"
#include "tests/support/script.h"
#include "tests/support/script_text.h"

namespace onsale::testing {
namespace {

using domain::ChangeRoom;
using domain::ChangeRoomResult;
using domain::CreateRoom;
using domain::CreateRoomResult;
using domain::default_room;
using domain::Duration;
using domain::RoomMoved;
using domain::RoomState;
using domain::RoomStep;
using domain::VisitorMoved;

// ---- limits ------------------------------------------------------------------------

TEST(RoomControl, MoreSessionsLetTheNextInWithinTheSameBatch) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters           active
    and          fan2 enters           waiting at 1
    and          fan3 enters           waiting at 2
    and          fan4 enters           waiting at 3
    at 10:00:01  ann sets sessions=3   changed
    and          fan2 is               active until 10:02:01
    and          fan3 is               active until 10:02:01
    and          fan4 is               waiting at 1
  )");
}

TEST(RoomControl, FewerSessionsThrowNobodyOut) {
  play(R"(
    room sessions=3
    at 10:00:00  fan1 enters           active
    and          fan2 enters           active
    and          fan3 enters           active
    and          fan4 enters           waiting at 1
    at 10:00:01  ann sets sessions=1   changed
    and          room is               3 active, 1 waiting
    at 10:00:02  fan1 leaves           left
    and          fan2 leaves           left
    and          room is               1 active, 1 waiting
    at 10:00:03  fan3 leaves           left
    and          fan4 is               active until 10:02:03
  )");
}

TEST(RoomControl, BackToTheDefaultIsAChangeLikeAnyOther) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters                 active
    and          fan2 enters                 waiting at 1
    at 10:00:01  ann sets sessions=default   changed
    and          room is                     2 active, 0 waiting
  )");
}

TEST(RoomControl, ANewSessionTimeIsForWhoeverComesAfterIt) {
  play(R"(
    room session=600s
    at 10:00:00  fan1 enters            active
    at 10:00:01  ann sets session=60s   changed
    and          fan1 is                active until 10:10:00
    at 10:00:02  fan2 enters            active
    and          fan2 is                active until 10:01:02
  )");
}

TEST(RoomControl, WithoutAnIdleTimeoutASignOfLifeKeepsThePlaceForGood) {
  play(R"(
    room sessions=1 session=36000s idle=30s
    at 10:00:00  fan1 enters        active
    and          fan2 enters        waiting at 1
    at 10:00:10  ann sets idle=0s   changed
    at 10:00:20  fan2 is heard      noted
    at 10:00:21  fan2 is heard      no
    at 11:00:00  tick
    and          fan2 is            waiting at 1
  )");
}

// ---- rate --------------------------------------------------------------------------

TEST(RoomControl, AFasterRateGoesOnSmoothly) {
  play(R"(
    room rate=6
    at 10:00:00  fan1 enters          active
    and          fan2 enters          waiting at 1
    and          fan3 enters          waiting at 2
    and          fan4 enters          waiting at 3
    and          next admission is    10:00:10
    at 10:00:01  ann sets rate=120    changed
    and          room is              1 active, 3 waiting    # the change lets nobody in
    and          next admission is    10:00:01.450    # nine tenths of an admission to go
    at 10:00:01.450  tick
    and          room is              2 active, 2 waiting
    and          next admission is    10:00:01.950
    at 10:00:01.950  tick
    and          room is              3 active, 1 waiting
  )");
}

TEST(RoomControl, ASlowerRateStartsWithItsOwnPace) {
  play(R"(
    room rate=120
    at 10:00:00  fan1 enters          active
    and          fan2 enters          active
    and          fan3 enters          waiting at 1
    and          fan4 enters          waiting at 2
    at 10:00:00  ann sets rate=6      changed
    and          next admission is    10:00:10
    at 10:00:10  tick
    and          room is              3 active, 1 waiting
    and          next admission is    10:00:20
  )");
}

TEST(RoomControl, ChangingToAndFroGainsNothing) {
  play(R"(
    room rate=6
    at 10:00:00  fan1 enters          active
    and          fan2 enters          waiting at 1
    and          fan3 enters          waiting at 2
    at 10:00:05  ann sets rate=600    changed
    at 10:00:05  ann sets rate=6      changed
    and          ann sets rate=600    changed
    and          ann sets rate=6      changed
    and          room is              1 active, 2 waiting
    and          next admission is    10:00:10
  )");
}

TEST(RoomControl, WithoutALimitEverybodyComesInAtOnce) {
  play(R"(
    room rate=6
    at 10:00:00  fan1 enters          active
    and          fan2 enters          waiting at 1
    and          fan3 enters          waiting at 2
    at 10:00:01  ann sets rate=0      changed
    and          room is              3 active, 0 waiting
  )");
}

// ---- pause, resume, close ------------------------------------------------------------

TEST(RoomControl, APausedRoomTakesPeopleInAndLetsNobodyThrough) {
  play(R"(
    room sessions=2
    at 10:00:00  fan1 enters          active
    at 10:00:01  ann pauses           changed
    and          fan2 enters          waiting at 1
    at 10:00:02  fan3 enters          waiting at 2
    and          fan1 holds A-1       held until 10:05:02    # those who are in go on
    and          next admission is    unknown
    at 10:00:03  tick
    and          fan2 is              waiting at 1
    at 10:00:04  fan1 leaves          left
    and          room is              0 active, 2 waiting
    at 10:00:05  ann resumes          changed
    and          fan2 is              active until 10:02:05
    and          fan3 is              active until 10:02:05
  )");
}

TEST(RoomControl, APauseSavesNothingUp) {
  play(R"(
    room rate=120 session=36000s
    at 10:00:00  fan1 enters          active
    and          fan2 enters          active
    and          ann pauses           changed
    and          fan3 enters          waiting at 1
    and          fan4 enters          waiting at 2
    and          fan5 enters          waiting at 3
    at 11:00:00  ann resumes          changed
    and          room is              4 active, 1 waiting    # one second's worth, not an hour's
    and          next admission is    11:00:00.500
  )");
}

TEST(RoomControl, NobodyEntersAClosedRoom) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters          active
    and          fan2 enters          waiting at 1
    at 10:00:01  ann closes           changed
    and          fan3 enters          room_closed
    at 10:00:02  fan1 enters          back, active           # who is here stays
    and          fan2 enters          back, waiting at 1
    and          fan1 holds A-1       held until 10:05:02
    at 10:00:03  fan1 leaves          left
    and          room is              0 active, 1 waiting
    and          fan1 enters          room_closed
    at 10:00:04  ann resumes          changed
    and          fan2 is              active until 10:02:04
    and          fan3 enters          waiting at 1
    and          number of fan3 is    3
  )");
}

TEST(RoomControl, WhoseSessionIsOverDoesNotComeBackIntoAClosedRoom) {
  play(R"(
    room session=60s
    at 10:00:00  fan1 enters          active
    at 10:00:01  ann closes           changed
    at 10:01:00  fan1 enters          room_closed            # and no tick came by yet
    and          room is              0 active, 0 waiting
  )");
}

TEST(RoomControl, OpeningTimesMoveWhileNothingWasDrawn) {
  play(R"(
    room opens=10:00:00
    at 09:00:00  fan1 enters              waiting at 1
    at 09:10:00  ann sets opens=09:30:00  changed
    and          next admission is        09:30:00
    at 09:20:00  ann sets opens=none      changed
    and          fan1 is                  active until 09:22:00
  )");
}

// ---- revocation ----------------------------------------------------------------------

TEST(RoomControl, ARevokedSessionGoesToTheNextInTheSameBatch) {
  play(R"(
    room sessions=1
    at 10:00:00  fan1 enters            active
    and          fan2 enters            waiting at 1
    at 10:00:01  ann throws out fan1    left
    and          fan1 is                left
    and          fan2 is                active until 10:02:01
    and          fan1 holds A-1         not_admitted
  )");
}

// ---- the journal, and what is refused ------------------------------------------------

class RoomJournal : public ::testing::Test {
 protected:
  domain::UserId add_user(const std::string& name) {
    return office.run(domain::CreateUser{name + "@example.org", name, "hash"}, now).user.id;
  }
  template <class Record>
  Record last_record() {
    const auto& records = office.tables().journal.back().records;
    return std::get<Record>(records.back());
  }
  const domain::WaitingRoom& room() { return office.tables().rooms.at(default_room); }
  ChangeRoom change(domain::RoomPolicyChanges policy) {
    return {.room = default_room, .by = ann, .policy = policy, .fresh_seed = script_seed};
  }

  Office office;
  domain::Timestamp now = parse_time("10:00:00");
  domain::UserId ann = add_user("ann");
};

TEST_F(RoomJournal, SaysWhoChangedARoomAndIntoWhat) {
  const auto outcome = office.run(change({.active_sessions_max = 7}), now);
  EXPECT_EQ(outcome.result, ChangeRoomResult::changed);
  EXPECT_EQ(outcome.room.policy.active_sessions_max, 7);
  EXPECT_EQ(outcome.room, room());
  const auto moved = last_record<RoomMoved>();
  EXPECT_EQ(moved.step, RoomStep::changed);
  EXPECT_EQ(moved.by, ann);
  EXPECT_EQ(moved.room, room());
}

TEST_F(RoomJournal, SaysNothingOfAChangeThatIsNone) {
  office.run(change({.active_sessions_max = 7}), now);
  const std::size_t entries = office.tables().journal.size();
  EXPECT_EQ(office.run(change({.active_sessions_max = 7}), now).result, ChangeRoomResult::changed);
  EXPECT_EQ(office.run(ChangeRoom{.room = default_room}, now).result, ChangeRoomResult::changed);
  EXPECT_EQ(office.tables().journal.size(), entries);
}

TEST_F(RoomJournal, SaysWhoRevokedAVisit) {
  const auto fan = add_user("fan");
  const auto token = office.new_token();
  office.run(domain::Enter{default_room, fan, token}, now);
  office.run(domain::Leave{token, ann, /*organiser=*/true}, now);
  EXPECT_EQ(last_record<VisitorMoved>().by, ann);
  EXPECT_EQ(last_record<VisitorMoved>().visitor.state, domain::VisitorState::left);
}

TEST_F(RoomJournal, LeavingOneselfIsNoRevocation) {
  const auto token = office.new_token();
  office.run(domain::Enter{default_room, ann, token}, now);
  office.run(domain::Leave{token, ann, /*organiser=*/true}, now);
  EXPECT_EQ(last_record<VisitorMoved>().visitor.state, domain::VisitorState::left);
  EXPECT_FALSE(last_record<VisitorMoved>().by);
}

TEST_F(RoomJournal, ARoomIsCreatedOpenAndWithItsOwnPolicy) {
  const auto outcome = office.run(
      CreateRoom{.name = "Arena", .by = ann, .policy = {.active_sessions_max = 50}}, now);
  ASSERT_EQ(outcome.result, CreateRoomResult::created);
  EXPECT_EQ(outcome.room.id, domain::RoomId{2});
  EXPECT_EQ(outcome.room.state, RoomState::open);
  EXPECT_EQ(outcome.room, office.tables().rooms.at({2}));
  EXPECT_EQ(last_record<RoomMoved>().by, ann);
  EXPECT_EQ(last_record<RoomMoved>().room, outcome.room);
  const auto token = office.new_token();
  EXPECT_TRUE(office.run(domain::Enter{{2}, ann, token}, now).executed());
  EXPECT_EQ(office.visitor(token)->state, domain::VisitorState::active);
}

TEST_F(RoomJournal, UnknownRoomsBeforeValuesOutOfRange) {
  ChangeRoom command = change({.active_sessions_max = 0});
  command.room = {9};
  EXPECT_EQ(office.run(command, now).result, ChangeRoomResult::not_found);
  command.room = default_room;
  EXPECT_EQ(office.run(command, now).result, ChangeRoomResult::invalid);
}

TEST_F(RoomJournal, ValuesOutOfRangeAreNamedAndChangeNothing) {
  const auto before = room();
  const auto refused = [&](domain::RoomPolicyChanges policy) {
    const auto outcome = office.run(change(policy), now);
    EXPECT_EQ(outcome.result, ChangeRoomResult::invalid);
    EXPECT_NE(outcome.message, "");
    EXPECT_EQ(room(), before);
    return outcome.field;
  };
  EXPECT_EQ(refused({.active_sessions_max = 0}), "active_sessions_max");
  EXPECT_EQ(refused({.active_sessions_max = domain::room_count_max + 1}), "active_sessions_max");
  EXPECT_EQ(refused({.admission_rate_per_minute = -1}), "admission_rate_per_minute");
  EXPECT_EQ(refused({.session_duration = Duration{0}}), "session_duration");
  EXPECT_EQ(refused({.session_duration = domain::room_duration_max + Duration{1}}),
            "session_duration");
  EXPECT_EQ(refused({.claim_timeout = Duration{0}}), "claim_timeout");
  EXPECT_EQ(refused({.idle_timeout = Duration{-1}}), "idle_timeout");
  EXPECT_EQ(refused({.entry_work = -1}), "entry_work");
  EXPECT_EQ(refused({.entry_work = domain::entry_work_max + 1}), "entry_work");
  const auto created =
      office.run(CreateRoom{.name = "Arena", .policy = {.active_sessions_max = 0}}, now);
  EXPECT_EQ(created.result, CreateRoomResult::invalid);
  EXPECT_EQ(created.field, "active_sessions_max");
}

}  // namespace
}  // namespace onsale::testing
