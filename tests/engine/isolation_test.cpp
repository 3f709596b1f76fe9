// Something that is due and cannot be done: everything else that is due goes on.
#include <gmock/gmock.h>

#include "domain/room_control.h"
#include "tests/engine/box_office.h"
#include "tests/engine/faulty_store.h"

namespace onsale::test {
namespace {

using namespace std::chrono_literals;
using domain::SeatStatus;
using domain::VisitorState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Isolation : public ::testing::Test {
 protected:
  Isolation() {
    office.limits.left_alone_for = 1ms;
    office.restart();
  }

  FaultyStore* faulty = new FaultyStore(memory_store());  // the office owns it
  BoxOffice office{
      std::unique_ptr<store::Store>(faulty), 10, 12, {.room = {.active_sessions_max = 12}}};

  domain::VisitorState state_of(const domain::VisitorToken& token) {
    const auto reader = std::move(office.store->reader()).value();
    return reader->visitor(token).value()->state;
  }
  domain::VisitorToken enter(domain::RoomId room, std::size_t user) {
    domain::VisitorToken token{};
    token.data[0] = 9;
    token.data[14] = static_cast<std::uint8_t>(room.value);
    token.data[15] = static_cast<std::uint8_t>(user);
    return call(*office.engine, domain::Enter{room, office.users[user], token}).token;
  }
  domain::RoomId new_room(std::int64_t sessions) {
    return call(*office.engine,
                domain::CreateRoom{.name = "R", .policy = {.active_sessions_max = sessions}})
        .room.id;
  }
  /// Lets what is left alone count again, and waits until it does.
  void repair() {
    faulty->poisoned_seat = 0;
    faulty->poisoned_user = 0;
    eventually([&] { return office.engine->warnings().empty(); });
  }
};

TEST_F(Isolation, AHoldThatCannotEndIsLeftAlone) {
  for (int user = 0; user < 8; ++user) {
    office.enter(office.users[user]);
    ASSERT_EQ(call(*office.engine, office.hold_of(office.users[user], user + 1)).result,
              domain::HoldResult::held);
  }
  faulty->poisoned_seat = office.seat(3).value;
  office.clock.advance(6min);
  for (const int seat : {1, 2, 4, 5, 6, 7, 8}) {
    eventually([&] { return office.status_of(seat) == SeatStatus::available; });
  }
  eventually([&] { return !office.engine->warnings().empty(); });
  EXPECT_THAT(office.engine->warnings(), ElementsAre(HasSubstr("reservation 3")));
  EXPECT_EQ(office.status_of(3), SeatStatus::held);
  // What runs out later does so too, and whoever waits is admitted.
  ASSERT_EQ(call(*office.engine, office.hold_of(office.users[0], 1)).result,
            domain::HoldResult::held);
  office.clock.advance(6min);
  eventually([&] { return office.status_of(1) == SeatStatus::available; });
  repair();
  eventually([&] { return office.status_of(3) == SeatStatus::available; });
}

TEST_F(Isolation, AVisitThatCannotEndIsLeftAlone) {
  const domain::RoomId other = new_room(1);
  const auto bad = enter(domain::default_room, 0);
  const auto good = enter(domain::default_room, 1);
  const auto first = enter(other, 2);
  const auto second = enter(other, 3);
  ASSERT_EQ(state_of(second), VisitorState::waiting);
  faulty->poisoned_user = office.users[0].value;
  office.clock.advance(11min);
  eventually([&] { return state_of(good) == VisitorState::expired; });
  eventually([&] { return state_of(first) == VisitorState::expired; });
  eventually([&] { return state_of(second) == VisitorState::active; });
  EXPECT_EQ(state_of(bad), VisitorState::active);
  eventually([&] { return !office.engine->warnings().empty(); });
  EXPECT_THAT(office.engine->warnings(), ElementsAre(HasSubstr("visitor 1 of room 1")));
  repair();
  eventually([&] { return state_of(bad) == VisitorState::expired; });
}

TEST_F(Isolation, AVisitorWhoCannotBeAdmittedHoldsUpTheirOwnRoomOnly) {
  const domain::RoomId stuck = new_room(1);
  const domain::RoomId other = new_room(1);
  const auto first = enter(stuck, 0);
  const auto bad = enter(stuck, 1);
  enter(other, 2);
  const auto next = enter(other, 3);
  faulty->poisoned_user = office.users[1].value;
  office.clock.advance(11min);
  eventually([&] { return state_of(first) == VisitorState::expired; });
  eventually([&] { return state_of(next) == VisitorState::active; });
  eventually([&] { return !office.engine->warnings().empty(); });
  EXPECT_THAT(office.engine->warnings(), ElementsAre(HasSubstr("where visitor 2 comes first")));
  // People enter, and nobody overtakes.
  const auto later = enter(stuck, 4);
  EXPECT_EQ(state_of(later), VisitorState::waiting);
  repair();
  eventually([&] { return state_of(bad) == VisitorState::active; });
  EXPECT_EQ(state_of(later), VisitorState::waiting);
}

// Whoever comes while nobody has looked at the room yet: the admission is guilty, not they.
TEST_F(Isolation, ACommandIsNotToBlameForTheAdmissionsOfItsBatch) {
  office.limits.tick = 1h;
  office.restart();
  const domain::RoomId stuck = new_room(1);
  const auto first = enter(stuck, 0);
  enter(stuck, 1);
  faulty->poisoned_user = office.users[1].value;
  EXPECT_TRUE(call(*office.engine, domain::Leave{first, office.users[0]}).executed());
  EXPECT_EQ(state_of(enter(stuck, 2)), VisitorState::waiting);
  EXPECT_THAT(office.engine->warnings(), ElementsAre(HasSubstr("the admission to room 2")));
}

TEST_F(Isolation, MoreThanAFewOfOneRoomAreLeftAloneTogether) {
  const domain::RoomId other = new_room(2);
  for (std::size_t user = 0; user < 10; ++user) enter(domain::default_room, user);
  const auto good = enter(other, 10);
  faulty->poisoned_room = domain::default_room.value;
  office.clock.advance(11min);
  eventually([&] { return state_of(good) == VisitorState::expired; });
  eventually([&] {
    const auto said = office.engine->warnings();
    return std::ranges::any_of(said, [](const std::string& one) {
      return one.find("every visitor of room 1") != std::string::npos;
    });
  });
  faulty->poisoned_room = 0;
  repair();
  const auto reader = std::move(office.store->reader()).value();
  int expired = 0;
  eventually([&] {
    expired = 0;
    (void)reader->each_visitor(false, [&](const domain::Visitor& visitor) {
      expired += visitor.state == VisitorState::expired ? 1 : 0;
    });
    return expired == 11;
  });
}

}  // namespace
}  // namespace onsale::test
