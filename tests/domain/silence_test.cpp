// Time in which people could not be heard does not count against them; silence afterwards does.
#include "domain/silence.h"

#include <gtest/gtest.h>

#include "tests/support/office.h"
#include "tests/support/script.h"

namespace onsale::testing {
namespace {

TEST(Silence, AnOutageEmptiesNoWaitingRoom) {
  play(R"(
    room sessions=1 idle=30s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    and          fan4 enters     waiting at 3
    at 10:01:00  people can be heard again
    tick
    and          fan2 is         waiting at 1
    and          fan3 is         waiting at 2
    and          fan4 is         waiting at 3
    at 10:01:20  fan3 is heard   noted
    at 10:01:29  tick
    and          fan2 is         waiting at 1
    at 10:01:30  tick                             # silence afterwards counts
    and          fan2 is         expired
    and          fan4 is         expired
    and          fan3 is         waiting at 1
    at 10:01:50  tick
    and          fan3 is         expired
  )");
}

TEST(Silence, NorDoesItTakeTheSlotOfWhoWasAdmittedAndHasNotShownUp) {
  play(R"(
    room sessions=2 claim=60s session=600s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     active
    and          fan3 enters     waiting at 1
    and          fan4 enters     waiting at 2
    at 10:01:00  fan1 leaves     left
    and          fan2 leaves     left
    at 10:01:00  fan3 is         active until 10:02:00
    at 10:05:00  people can be heard again
    tick
    and          fan3 is         active until 10:06:00
    at 10:05:30  fan3 is heard   noted
    and          fan3 is         active until 10:11:00    # the end that it was told
    at 10:06:00  tick
    and          fan4 is         expired
  )");
}

TEST(Silence, NoSessionLastsLongerForAnOutage) {
  play(R"(
    room sessions=2 claim=60s session=90s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     active
    and          fan3 enters     waiting at 1
    at 10:00:10  fan1 leaves     left
    and          fan3 is         active until 10:01:10
    at 10:01:20  people can be heard again
    tick
    and          fan3 is         active until 10:01:40
    and          fan2 is         active until 10:01:30
    at 10:01:30  tick
    and          fan2 is         expired
    at 10:01:40  tick
    and          fan3 is         expired
  )");
}

TEST(Silence, WhoeverTouchesTheLineAfterAnOutageEndsNobody) {
  play(R"(
    room sessions=1 idle=30s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    at 10:01:00  people can be heard again
    and          fan1 leaves     left             # no tick came by
    and          fan3 enters     back, waiting at 1
    and          fan2 is         active until 10:03:00
  )");
}

TEST(Silence, EachOutageCountsOnceAndTheLatestCounts) {
  play(R"(
    room sessions=1 idle=30s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:00:20  people can be heard again
    tick
    at 10:00:45  tick
    and          fan2 is         waiting at 1
    at 10:00:49  people can be heard again
    tick
    at 10:01:18  tick
    and          fan2 is         waiting at 1
    at 10:01:19  tick
    and          fan2 is         expired
  )");
}

TEST(Silence, WhatThePlaceIsWorthIsKnownWithoutBeingWrittenDown) {
  play(R"(
    room sessions=1 idle=30s claim=60s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    at 10:00:20  fan3 looks
    at 10:00:25  fan3 looks
    at 10:00:30  tick
    and          fan2 is         expired
    and          fan3 is         waiting at 1
    at 10:00:54  tick
    and          fan3 is         waiting at 1
    at 10:00:55  tick                             # 30 s after it was heard of, not after that was written
    and          fan3 is         expired
  )");
}

TEST(Silence, ALookThatWasAnsweredClaimsTheSession) {
  play(R"(
    room sessions=1 claim=60s session=600s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:00:10  fan2 looks                       # and is told to wait
    at 10:00:20  fan1 leaves     left
    and          fan2 is         active until 10:01:20
    at 10:01:19  fan2 looks
    at 10:01:20  tick
    and          fan2 is         active until 10:10:20
  )");
}

TEST(Silence, ALookAsOneWhoWaitsClaimsNothing) {
  play(R"(
    room sessions=1 claim=60s session=600s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:00:10  fan2 looks
    at 10:00:20  fan1 leaves     left
    at 10:01:20  tick
    and          fan2 is         expired
  )");
}

TEST(Silence, SignsThatAreForgottenWithTheServerAreExcusedByItsReturn) {
  play(R"(
    room sessions=1 idle=30s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:00:29  fan2 looks
    at 10:00:31  signs are forgotten
    and          people can be heard again
    tick
    and          fan2 is         waiting at 1
    at 10:01:01  tick
    and          fan2 is         expired
  )");
}

TEST(Silence, WherePlacesAreKeptNowAnOutageKeepsThem) {
  play(R"(
    room sessions=1 idle=30s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    at 10:00:10  ann sets idle=0s     changed
    at 10:00:31  people can be heard again
    tick
    and          fan2 is         waiting at 1
    at 20:00:00  tick
    and          fan2 is         active until 20:02:00
  )");
}

/// What other nodes and the fairness audit learn.
TEST(Silence, AnOutageIsOneRecordOfTheRoomAndOneOfEachWhoNeedsIt) {
  domain::Rows rows;
  const domain::Timestamp now = domain::from_millis(1'000'000);
  rows.rooms.load(domain::default_room, {.id = domain::default_room, .waiting_count = 2});
  for (int i = 1; i <= 2; ++i) {
    domain::VisitorToken token{};
    token.data[0] = static_cast<std::uint8_t>(i);
    rows.visitors.load(token, {.token = token,
                               .room = domain::default_room,
                               .number = i,
                               .state = domain::VisitorState::waiting,
                               .deadline = now + domain::Duration{i - 2}});
  }
  domain::Policy policy;
  policy.room.idle_timeout = domain::Duration{500};
  rows.room_ids = {domain::default_room};
  rows.silence.counts_from = now;
  for (int time = 0; time < 2; ++time) {
    for (const auto& entry : rows.visitors.entries()) {
      EXPECT_TRUE(domain::spared(rows, entry.row.token, now, policy));
    }
    domain::note_outage(rows);
  }
  ASSERT_EQ(rows.records.size(), 3);
  const auto& room = std::get<domain::RoomMoved>(rows.records[0]);
  EXPECT_EQ(room.step, domain::RoomStep::resumed);
  EXPECT_EQ(room.room.silence_from, now);
  for (int i = 1; i <= 2; ++i) {
    const auto& visitor = std::get<domain::VisitorMoved>(rows.records.at(static_cast<size_t>(i)));
    EXPECT_EQ(visitor.step, domain::VisitorStep::excused);
    EXPECT_EQ(visitor.visitor.deadline, now + domain::Duration{500});
  }
}

TEST(Silence, ARoomWithoutVisitorsLearnsNothing) {
  domain::Rows rows;
  rows.rooms.load(domain::default_room, {.id = domain::default_room});
  rows.room_ids = {domain::default_room};
  rows.silence.counts_from = domain::from_millis(1'000'000);
  domain::note_outage(rows);
  EXPECT_FALSE(rows.dirty());
}

}  // namespace
}  // namespace onsale::testing
