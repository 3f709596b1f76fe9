// Waiting rooms that organisers change: what they are comes back, when their draw is due is found,
// and the journal says who did it, but never a seed before its draw.
#include <gmock/gmock.h>

#include "domain/draw.h"
#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Rooms : public Conformance {
 protected:
  std::vector<WaitingRoom> rooms() {
    std::vector<WaitingRoom> all;
    must(box.reader->each_room([&](const WaitingRoom& row) { all.push_back(row); }));
    return all;
  }
  std::vector<RoomMoved> moves() {
    std::vector<RoomMoved> all;
    must(box.reader->each_journal_entry({}, [&](const store::JournalEntry& entry) {
      for (const auto& record : entry.records) {
        if (const auto* moved = std::get_if<RoomMoved>(&record)) all.push_back(*moved);
      }
    }));
    return all;
  }

  UserId ann = box.add_user("ann");
  std::string seed = seed_hash("a seed");
  CreateRoom lottery{.name = "Arena",
                     .by = ann,
                     .policy = {.order = RoomOrder::lottery},
                     .opens_at = opening + std::chrono::hours{1},
                     .fresh_seed = seed};
};

TEST_P(Rooms, ComeBackAsTheyWereMade) {
  const auto created = box.run(CreateRoom{.name = "Arena",
                                          .by = ann,
                                          .policy = {.active_sessions_max = 2,
                                                     .admission_rate_per_minute = 3,
                                                     .session_duration = Duration{4},
                                                     .claim_timeout = Duration{5},
                                                     .idle_timeout = Duration{6},
                                                     .entry_work = 7,
                                                     .session_ends_on = SessionEnd::hold,
                                                     .order = RoomOrder::lottery},
                                          .opens_at = opening + Duration{7},
                                          .fresh_seed = seed})
                           .room;
  EXPECT_EQ(created.id, RoomId{2});
  ASSERT_EQ(rooms().size(), 2U);
  EXPECT_EQ(rooms()[1], created);
  EXPECT_EQ(box.look({.rooms = {created.id}}).rooms.get(created.id), created);
}

TEST_P(Rooms, ChangeInEveryMember) {
  const auto id = box.run(lottery).room.id;
  const auto changed = box.run(ChangeRoom{.room = id,
                                          .by = ann,
                                          .policy = {.active_sessions_max = 7,
                                                     .admission_rate_per_minute = 8,
                                                     .session_duration = Duration{9},
                                                     .claim_timeout = Duration{10},
                                                     .idle_timeout = Duration{11},
                                                     .entry_work = 12,
                                                     .session_ends_on = SessionEnd::hold,
                                                     .order = std::optional<RoomOrder>()},
                                          .state = RoomState::closed,
                                          .opens_at = opening + Duration{12},
                                          .fresh_seed = ""});
  ASSERT_EQ(changed.result, ChangeRoomResult::changed);
  EXPECT_EQ(rooms()[1], changed.room);
  EXPECT_EQ(changed.room.policy.order, std::nullopt);
  EXPECT_EQ(changed.room.draw_seed, "");
  EXPECT_EQ(box.look({.rooms = {id}}).rooms.get(id), changed.room);
}

TEST_P(Rooms, ARoomIsDueWhenItsDrawIsEvenIfNobodyIsThere) {
  const auto id = box.run(lottery).room.id;
  const auto due = [&](Timestamp at) { return box.look({.due = true, .due_at = at}).room_ids; };
  EXPECT_THAT(due(*lottery.opens_at - Duration{1}), IsEmpty());
  EXPECT_THAT(due(*lottery.opens_at), ElementsAre(id));
  box.now = *lottery.opens_at;
  box.tick();
  EXPECT_EQ(rooms()[1].drawn_at, lottery.opens_at);
  EXPECT_THAT(due(*lottery.opens_at), IsEmpty()) << "once";
}

TEST_P(Rooms, TheJournalNamesWhoChangedARoomAndKeepsTheSeedUntilTheDraw) {
  const auto id = box.run(lottery).room.id;
  box.run(ChangeRoom{.room = id, .by = ann, .state = RoomState::paused});
  for (const auto& line : dump(*box.reader)) {
    if (line.starts_with("journal")) {
      EXPECT_EQ(line.find(seed), std::string::npos) << line;
    }
  }
  box.now = *lottery.opens_at;
  box.tick();
  const auto all = moves();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].by, ann);
  EXPECT_EQ(all[0].room.draw_seed, "");
  EXPECT_EQ(all[1].step, RoomStep::changed);
  EXPECT_EQ(all[1].by, ann);
  EXPECT_EQ(all[1].room.state, RoomState::paused);
  EXPECT_EQ(all[1].room.draw_seed, "");
  EXPECT_EQ(all[2].step, RoomStep::drawn);
  EXPECT_FALSE(all[2].by);
  EXPECT_EQ(all[2].room, rooms()[1]);
  EXPECT_EQ(all[2].room.draw_seed, seed);
}

TEST_P(Rooms, ARevocationFreesTheSlotInItsCommitAndIsJournaledWithWhoDidIt) {
  box.policy.room.active_sessions_max = 1;
  const auto first = box.enter(box.add_user("fan1"));
  const auto second = box.enter(box.add_user("fan2"));
  const auto before = must(box.reader->journal_end());
  box.run(Leave{.token = first, .by = ann, .organiser = true});
  std::vector<std::vector<Record>> entries;
  must(box.reader->each_journal_entry(
      before, [&](const store::JournalEntry& entry) { entries.push_back(entry.records); }));
  ASSERT_EQ(entries.size(), 1U);
  ASSERT_EQ(entries[0].size(), 2U);
  const auto& ended = std::get<VisitorMoved>(entries[0][0]);
  EXPECT_EQ(ended.visitor.token, first);
  EXPECT_EQ(ended.by, ann);
  const auto& admitted = std::get<VisitorMoved>(entries[0][1]);
  EXPECT_EQ(admitted.step, VisitorStep::admitted);
  EXPECT_EQ(admitted.visitor.token, second);
}

ONSALE_ON_EVERY_STORE(Rooms);

}  // namespace
}  // namespace onsale::testing
