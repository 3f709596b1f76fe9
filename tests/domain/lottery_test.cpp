// A lottery: whoever comes before the opening is drawn, whoever comes later queues behind
// (domain.md "Waiting room"). The scripts' seed draws the numbers 1 to 5 as 2, 5, 1, 3, 4.
#include <gmock/gmock.h>

#include "domain/draw.h"
#include "tests/support/office.h"
#include "tests/support/script.h"
#include "tests/support/script_text.h"

namespace onsale::testing {
namespace {

using namespace domain;

TEST(Lottery, TheScriptsSeedDrawsAsTheyExpect) {
  const std::vector<std::int64_t> numbers{1, 2, 3, 4, 5};
  EXPECT_THAT(drawn_order(script_seed, default_room, numbers),
              ::testing::ElementsAre(2, 5, 1, 3, 4));
}

TEST(Lottery, NobodyHasAPositionOrIsAdmittedBeforeTheOpening) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00      fan1 enters           waiting for the draw
    at 09:30:00      fan2 enters           waiting for the draw
    at 09:59:59.999  tick
    and              fan1 is               waiting for the draw
    and              draw is               ahead
    and              room is               0 active, 2 waiting
    and              next admission is     10:00:00
  )");
}

TEST(Lottery, TheDrawIsHeldAtTheOpeningAndAdmitsInItsOrder) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00      fan1 enters           waiting for the draw
    and              fan2 enters           waiting for the draw
    and              fan3 enters           waiting for the draw
    and              fan4 enters           waiting for the draw
    and              fan5 enters           waiting for the draw
    at 10:00:00      tick
    and              draw is               held at 10:00:00
    and              fan2 is               active until 10:02:00
    and              fan5 is               waiting at 1
    and              fan1 is               waiting at 2
    and              fan3 is               waiting at 3
    and              fan4 is               waiting at 4
    at 10:00:01      fan2 leaves           left
    and              fan5 is               active until 10:02:01
    at 10:00:02      fan5 leaves           left
    and              fan1 is               active until 10:02:02
  )");
}

TEST(Lottery, WhoeverComesAtTheOpeningOrLaterQueuesBehindFirstComeFirstServed) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00      fan1 enters           waiting for the draw
    at 09:59:59.999  fan2 enters           waiting for the draw
    at 10:00:00      fan3 enters           waiting at 2     # and no tick came by
    and              fan4 enters           waiting at 3
    and              fan2 is               active until 10:02:00
    and              draw is               held at 10:00:00
    at 10:00:01      fan5 enters           waiting at 4
    and              fan1 is               waiting at 1
    at 10:00:02      fan2 leaves           left
    at 10:00:03      fan1 leaves           left
    and              fan3 is               active until 10:02:03
    and              fan4 is               waiting at 1
    and              fan5 is               waiting at 2
  )");
}

TEST(Lottery, WhoLeavesBeforeTheDrawIsNotInIt) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00  fan1 enters           waiting for the draw
    and          fan2 enters           waiting for the draw
    and          fan3 enters           waiting for the draw
    at 09:10:00  fan2 leaves           left
    at 09:20:00  fan4 enters           waiting for the draw
    at 10:00:00  tick
    and          fan1 is               active until 10:02:00
    and          fan3 is               waiting at 1
    and          fan4 is               waiting at 2
  )");
}

TEST(Lottery, WhoComesBackBeforeTheDrawHasANewNumberAndANewLot) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00  fan1 enters           waiting for the draw
    and          fan2 enters           waiting for the draw
    and          fan3 enters           waiting for the draw
    and          fan4 enters           waiting for the draw
    at 09:10:00  fan4 leaves           left
    and          fan4 enters           waiting for the draw
    and          number of fan4 is     5
    at 10:00:00  tick
    and          fan2 is               active until 10:02:00
    and          fan4 is               waiting at 1         # 5 is drawn before 1 and 3
  )");
}

TEST(Lottery, AnEmptyRoomHoldsItsDrawTooAndThenServesFirstComeFirst) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 10:00:00  tick
    and          draw is               held at 10:00:00
    at 10:00:01  fan1 enters           active
    and          fan2 enters           waiting at 1
    and          fan3 enters           waiting at 2
  )");
}

TEST(Lottery, APausedRoomHoldsItsDrawAndAdmitsWhenItGoesOn) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00  fan1 enters           waiting for the draw
    and          fan2 enters           waiting for the draw
    and          ann pauses            changed
    at 10:00:00  tick
    and          draw is               held at 10:00:00
    and          fan2 is               waiting at 1
    and          fan1 is               waiting at 2
    at 10:05:00  ann resumes           changed
    and          fan2 is               active until 10:07:00
  )");
}

TEST(Lottery, BothLimitsHoldAtTheOpening) {
  play(R"(
    room sessions=9 rate=6 opens=10:00:00 order=lottery
    at 09:00:00  fan1 enters           waiting for the draw
    and          fan2 enters           waiting for the draw
    at 10:00:00  tick
    and          room is               1 active, 1 waiting
    and          next admission is     10:00:10
  )");
}

// ---- choosing, moving and undoing it -----------------------------------------------------

TEST(Lottery, IsChosenWhileNobodyHasEntered) {
  play(R"(
    room sessions=1
    at 09:00:00  ann sets order=lottery                  conflict opens_at
    at 09:00:00  ann sets order=lottery opens=08:00:00   conflict opens_at
    at 09:00:00  ann sets order=lottery opens=10:00:00   changed
    and          draw is                                 ahead
    at 09:00:01  ann sets order=fifo                     changed
    and          draw is                                 none
    at 09:00:02  ann sets order=lottery                  changed
    and          fan1 enters                             waiting for the draw
  )");
}

TEST(Lottery, ChosenTooLateIsRefused) {
  play(R"(
    room sessions=1 opens=10:00:00
    at 09:00:00  fan1 enters                             waiting at 1
    at 09:00:01  ann sets order=lottery                  conflict order
    at 09:00:02  fan1 leaves                             left
    at 09:00:03  ann sets order=lottery opens=11:00:00   conflict order   # it has been promised
    and          draw is                                 none
  )");
}

TEST(Lottery, IsNotTakenBackOnceSomebodyHasEnteredForIt) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00  fan1 enters              waiting for the draw
    at 09:00:01  ann sets order=fifo      conflict order
    and          ann sets order=default   conflict order
    and          ann sets opens=none      conflict opens_at
    and          draw is                  ahead
  )");
}

TEST(Lottery, TheOpeningMovesUntilTheDraw) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00  fan1 enters               waiting for the draw
    and          fan2 enters               waiting for the draw
    at 09:30:00  ann sets opens=11:00:00   changed
    at 10:30:00  tick
    and          draw is                   ahead
    at 10:30:00  fan3 enters               waiting for the draw
    at 11:00:00  tick
    and          draw is                   held at 11:00:00
    and          fan2 is                   active until 11:02:00
    at 11:00:01  ann sets opens=12:00:00   conflict opens_at
    and          ann sets order=fifo       conflict order
    and          ann sets sessions=2       changed          # everything else may
    and          fan1 is                   active until 11:02:01
  )");
}

TEST(Lottery, OpeningEarlyHoldsTheDrawAtOnce) {
  play(R"(
    room sessions=1 opens=10:00:00 order=lottery
    at 09:00:00  fan1 enters               waiting for the draw
    at 09:30:00  fan2 enters               active           # entered in the batch of the draw
    and          fan3 enters               waiting at 3
    and          fan4 enters               waiting at 4
    and          fan5 enters               waiting at 1
    and          fan1 is                   waiting at 2
    and          ann sets opens=09:30:00   changed
    and          draw is                   held at 09:30:00
  )");
}

class LotteryRows : public ::testing::Test {
 protected:
  UserId add_user(const std::string& name) {
    return office.run(CreateUser{name + "@example.org", name, "hash"}, now).user.id;
  }
  Office office;
  Timestamp now = parse_time("09:00:00");
  UserId ann = add_user("ann");
  CreateRoom lottery{.name = "Arena",
                     .by = ann,
                     .policy = {.order = RoomOrder::lottery},
                     .opens_at = parse_time("10:00:00"),
                     .fresh_seed = script_seed};
};

TEST_F(LotteryRows, ARoomIsCreatedWithItsDrawPromised) {
  const auto outcome = office.run(lottery, now);
  ASSERT_EQ(outcome.result, CreateRoomResult::created);
  EXPECT_EQ(outcome.room.draw_seed, script_seed);
  EXPECT_TRUE(outcome.room.draw_ahead());
}

TEST_F(LotteryRows, ALotteryIsNotCreatedWithoutAnOpeningAhead) {
  for (const auto opens_at : {std::optional<Timestamp>(), std::optional(now)}) {
    lottery.opens_at = opens_at;
    const auto outcome = office.run(lottery, now);
    EXPECT_EQ(outcome.result, CreateRoomResult::conflict);
    EXPECT_EQ(outcome.field, "opens_at");
  }
}

TEST_F(LotteryRows, APlaceIsTheKeyOfTheDraw) {
  office.run(lottery, now);
  for (int i = 1; i <= 20; ++i) {
    const auto token = office.new_token();
    office.run(Enter{{2}, add_user("fan" + std::to_string(i)), token}, now);
    const Visitor& visitor = *office.visitor(token);
    EXPECT_EQ(visitor.number, i);
    EXPECT_EQ(visitor.order_key, draw_key(script_seed, {2}, i));
    EXPECT_TRUE(visitor.by_lot());
  }
  const auto token = office.new_token();
  office.run(Enter{{2}, ann, token}, *lottery.opens_at);
  EXPECT_EQ(office.visitor(token)->order_key, 21);
}

TEST_F(LotteryRows, TheDrawIsJournaledWithTheSeedAndNobodysName) {
  office.run(lottery, now);
  office.tick(*lottery.opens_at);
  const auto& moved = std::get<RoomMoved>(office.tables().journal.back().records.front());
  EXPECT_EQ(moved.step, RoomStep::drawn);
  EXPECT_EQ(moved.room.draw_seed, script_seed);
  EXPECT_EQ(moved.room.drawn_at, lottery.opens_at);
  EXPECT_FALSE(moved.by);
}

// The configuration's default order holds for rooms that say nothing themselves.
TEST_F(LotteryRows, ARoomThatFollowsTheDefaultIsGivenASeedAtTheStart) {
  office.scene().rooms.at(default_room).opens_at = parse_time("10:00:00");
  office.policy.room.order = RoomOrder::lottery;
  const ChangeRoom at_start{.room = default_room, .fresh_seed = script_seed};
  EXPECT_EQ(office.run(at_start, now).room.draw_seed, script_seed);
  ChangeRoom again = at_start;
  again.fresh_seed = seed_hash("another");
  EXPECT_EQ(office.run(again, now).room.draw_seed, script_seed) << "the first one stays";
}

TEST_F(LotteryRows, ARoomThatHasBegunWithoutADrawGoesOnWithoutOne) {
  auto& room = office.scene().rooms.at(default_room);
  room.opens_at = parse_time("10:00:00");
  const auto first = office.new_token();
  office.run(Enter{default_room, ann, first}, now);
  office.policy.room.order = RoomOrder::lottery;
  const ChangeRoom at_start{.room = default_room, .fresh_seed = script_seed};
  const auto outcome = office.run(at_start, now);
  EXPECT_EQ(outcome.result, ChangeRoomResult::changed);
  EXPECT_EQ(outcome.room.draw_seed, "");
  const auto second = office.new_token();
  office.run(Enter{default_room, add_user("fan"), second}, now);
  EXPECT_EQ(office.visitor(second)->order_key, 2);
}

TEST_F(LotteryRows, ARoomWithoutAnOpeningHasNothingToDraw) {
  office.policy.room.order = RoomOrder::lottery;
  const ChangeRoom at_start{.room = default_room, .fresh_seed = script_seed};
  EXPECT_EQ(office.run(at_start, now).room.draw_seed, "");
  const auto token = office.new_token();
  office.run(Enter{default_room, ann, token}, now);
  EXPECT_EQ(office.visitor(token)->state, VisitorState::active);
}

}  // namespace
}  // namespace onsale::testing
