// The line of those who wait, as the store knows it.
#include <gmock/gmock.h>

#include <map>

#include "domain/draw.h"
#include "tests/conformance/box.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Waiting : public Conformance {
 protected:
  /// One visitor is active, and these wait behind in this order.
  std::vector<VisitorToken> wait_in_line(int count) {
    box.policy.room.active_sessions_max = 1;
    for (int i = 0; i <= count; ++i) tokens.push_back(box.enter(box.add_user(std::to_string(i))));
    return {tokens.begin() + 1, tokens.end()};
  }
  Rows first(std::int64_t count, const Footprint& need = {},
             const std::function<void(Rows&)>& change = {}) {
    Rows rows;
    must(box.writer->load(need, rows));
    if (change) change(rows);
    must(box.writer->load_first_waiting(default_room, count, rows));
    box.writer->abandon();
    return rows;
  }
  Rows first(RoomId room, std::int64_t count) {
    Rows rows;
    must(box.writer->load({.rooms = {room}}, rows));
    must(box.writer->load_first_waiting(room, count, rows));
    box.writer->abandon();
    return rows;
  }
  std::vector<VisitorToken> tokens;
};

TEST_P(Waiting, LowestNumbersFirst) {
  const auto line = wait_in_line(3);
  EXPECT_THAT(first(2).first_waiting.at(default_room), ElementsAre(line[0], line[1]));
  EXPECT_THAT(first(9).first_waiting.at(default_room), ElementsAre(line[0], line[1], line[2]));
  EXPECT_THAT(first(0).first_waiting.at(default_room), IsEmpty());
  EXPECT_EQ(first(1).visitors.get(line[0]).number, 2);
}

TEST_P(Waiting, WhoeverWasDrawnComesBeforeWhoeverCameLaterInTheOrderOfTheDraw) {
  box.policy.room.active_sessions_max = 1;
  const auto room = box.run(CreateRoom{.name = "Arena",
                                       .policy = {.order = RoomOrder::lottery},
                                       .opens_at = opening + std::chrono::hours{1},
                                       .fresh_seed = seed_hash("a seed")})
                        .room.id;
  std::map<std::int64_t, VisitorToken> by_number;
  for (std::int64_t number = 1; number <= 9; ++number) {
    if (number == 7) {  // the last three come after the draw; in the room that admits nobody yet
      box.run(ChangeRoom{.room = room, .state = RoomState::paused});
      box.now += std::chrono::hours{1};
    }
    by_number[number] = box.enter(box.add_user(std::to_string(number)), room);
  }
  const std::vector<std::int64_t> early{1, 2, 3, 4, 5, 6};
  std::vector<VisitorToken> expected;
  for (const auto number : drawn_order(seed_hash("a seed"), room, early)) {
    expected.push_back(by_number[number]);
  }
  for (const std::int64_t late : {7, 8, 9}) expected.push_back(by_number[late]);
  for (const std::int64_t count : {1, 4, 6, 7, 9, 10}) {
    const auto most = std::min<std::size_t>(static_cast<std::size_t>(count), expected.size());
    EXPECT_EQ(first(room, count).first_waiting.at(room),
              std::vector(expected.begin(), expected.begin() + static_cast<int>(most)));
  }
  EXPECT_THAT(first(default_room, 9).first_waiting.at(default_room), IsEmpty());
}

TEST_P(Waiting, MixedKeysOfWhateverSizeAreAscending) {
  const std::vector<std::int64_t> keys{7, -3, 2, -(std::int64_t{1} << 62), 5, -1};
  std::map<std::int64_t, VisitorToken> expected;
  box.run(ChangeRoom{.room = default_room, .state = RoomState::paused});
  for (const std::int64_t key : keys) {
    const auto user = box.add_user("fan" + std::to_string(key));
    const std::int64_t number = key > 0 ? key : 10 + static_cast<std::int64_t>(expected.size());
    const Visitor row{.token = token(100 + expected.size()),
                      .room = default_room,
                      .user = user,
                      .number = number,
                      .order_key = key,
                      .issued_at = box.now};
    must(box.write({.rooms = {default_room}}, [&](Rows& r) { r.visitors.add(row.token, row); }));
    expected[key] = row.token;
  }
  std::vector<VisitorToken> line;
  for (const auto& [key, token] : expected) line.push_back(token);
  EXPECT_EQ(first(default_room, 99).first_waiting.at(default_room), line);
}

TEST_P(Waiting, WhoeverLeftInTheBatchDoesNotCount) {
  const auto line = wait_in_line(3);
  const Rows rows = first(2, {.visitors = {line[0]}},
                          [&](Rows& r) { end_visit(r, line[0], VisitorState::left, box.now); });
  EXPECT_THAT(rows.first_waiting.at(default_room), ElementsAre(line[1], line[2]));
  EXPECT_EQ(rows.visitors.get(line[0]).state, VisitorState::left);
}

TEST_P(Waiting, WhatTheBatchMadeOfARowStays) {
  const auto line = wait_in_line(2);
  const Rows rows = first(2, {.visitors = {line[0]}}, [&](Rows& r) {
    r.visitors.change(line[0]).deadline = box.now + std::chrono::seconds{7};
  });
  EXPECT_THAT(rows.first_waiting.at(default_room), ElementsAre(line[0], line[1]));
  EXPECT_EQ(rows.visitors.get(line[0]).deadline, box.now + std::chrono::seconds{7});
}

TEST_P(Waiting, NewcomersOfTheBatchAreNotInTheStoreYet) {
  wait_in_line(0);
  const UserId late = box.add_user("late");
  const Enter enter{default_room, late, token(77)};
  Footprint need;
  footprint(enter, box.policy, need);
  const Rows rows = first(5, need, [&](Rows& r) { decide(r, enter, box.now, box.policy); });
  EXPECT_THAT(rows.first_waiting.at(default_room), IsEmpty());
}

TEST_P(Waiting, ASlotGoesToTheNextInLineAtOnce) {
  const auto line = wait_in_line(2);
  const auto active = must(box.reader->visitor(tokens[0]));
  box.run(Leave{.token = tokens[0], .by = active->user});
  EXPECT_EQ(must(box.reader->visitor(line[0]))->state, VisitorState::active);
  EXPECT_EQ(must(box.reader->visitor(line[1]))->state, VisitorState::waiting);
}

TEST_P(Waiting, EndingAndComingBackInOneBatch) {
  const UserId fan = box.add_user("fan");
  const VisitorToken old = box.enter(fan);
  box.batch({Leave{.token = old, .by = fan}, Enter{default_room, fan, token(55)}});
  EXPECT_EQ(must(box.reader->visitor(old))->state, VisitorState::left);
  EXPECT_EQ(must(box.reader->visitor(token(55)))->state, VisitorState::active);
}

ONSALE_ON_EVERY_STORE(Waiting);

}  // namespace
}  // namespace onsale::testing
