// What is answered from memory equals what the store holds, after every batch and after a
// restart.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "domain/room_control.h"
#include "tests/engine/box_office.h"
#include "tests/engine/faulty_store.h"

namespace onsale::test {
namespace {

using domain::SeatStatus;

TEST(SeatMapView, FollowsHoldsPaymentsAndTheirEnd) {
  BoxOffice office;
  const auto fan = office.users[0];
  office.enter(fan);
  const auto before = office.engine->views().seat_map(office.performance);
  const auto held = call(*office.engine, office.hold_of(fan, 3));
  EXPECT_EQ(office.status_of(3), SeatStatus::held);
  const auto after = office.engine->views().seat_map(office.performance);
  EXPECT_GT(after->version, before->version);
  EXPECT_EQ(after->available, before->available - 1);
  EXPECT_EQ(before->status[2], SeatStatus::available);  // a snapshot never changes

  call(*office.engine, domain::Charge{fan, {70'000}});
  call(*office.engine, domain::Pay{held.reservation.id, fan, std::nullopt});
  EXPECT_EQ(office.status_of(3), SeatStatus::sold);
  office.restart();
  EXPECT_EQ(office.status_of(3), SeatStatus::sold);
}

TEST(SeatMapView, ShowsAHoldThatRanOutAsAvailableByItself) {
  BoxOffice office;
  office.enter(office.users[0]);
  call(*office.engine, office.hold_of(office.users[0], 1));
  office.clock.advance(office.policy.sales.hold_duration);
  eventually([&] { return office.status_of(1) == SeatStatus::available; });
}

TEST(SeatMapView, KnowsWhatChangedSinceAVersion) {
  BoxOffice office;
  office.enter(office.users[0]);
  call(*office.engine, office.hold_of(office.users[0], 1));
  const auto first = office.engine->views().seat_map(office.performance);
  call(*office.engine, office.hold_of(office.users[0], 2));
  const auto second = office.engine->views().seat_map(office.performance);
  std::set<std::size_t> changed;
  for (std::size_t i = 0; i < second->changed_at.size(); ++i) {
    if (second->changed_at[i] > first->version) changed.insert(i);
  }
  EXPECT_EQ(changed, std::set<std::size_t>{1});
}

TEST(WaitingRoomView, TellsExactPositionsAlsoAfterPeopleLeftAndAfterARestart) {
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  BoxOffice office(memory_store(), 5, 6, policy);
  std::vector<domain::VisitorToken> tokens;
  for (const auto user : office.users) tokens.push_back(office.enter(user));
  call(*office.engine, domain::Leave{tokens[2], office.users[2], false});
  for (int round = 0; round < 2; ++round) {
    const auto position = [&](int i) { return office.engine->hear(tokens[i])->position; };
    EXPECT_EQ(position(0), 0);
    EXPECT_EQ(position(1), 1);
    EXPECT_FALSE(office.engine->hear(tokens[2]));
    EXPECT_EQ(position(3), 2);
    EXPECT_EQ(position(5), 4);
    EXPECT_EQ(office.engine->hear(tokens[3])->people_behind, 2);
    office.restart();
  }
}

TEST(WaitingRoomView, TheFirstLookAfterAdmissionClaimsTheSession) {
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  BoxOffice office(memory_store(), 5, 3, policy);
  const auto first = office.enter(office.users[0]);
  const auto second = office.enter(office.users[1]);
  const auto third = office.enter(office.users[2]);
  call(*office.engine, domain::Leave{first, office.users[0], false});
  EXPECT_EQ(office.engine->hear(second)->position, 0);  // this is its claim
  eventually([&] { return office.engine->hear(second)->visitor.claimed; });
  office.clock.advance(policy.room.claim_timeout);
  call(*office.engine, domain::Leave{second, office.users[1], false});
  // The third is admitted and never shows up: the slot is free again after claim_timeout.
  eventually([&] {
    return office.engine->views().room(domain::default_room)->room(office.clock.now()).active == 1;
  });
  office.clock.advance(policy.room.claim_timeout);
  eventually([&] {
    return office.engine->views().room(domain::default_room)->room(office.clock.now()).active == 0;
  });
  EXPECT_FALSE(office.engine->hear(third));
}

TEST(WaitingRoomView, AClaimThatWasRefusedIsAskedForAgainAtTheNextLook) {
  auto* faulty = new FaultyStore(memory_store());  // the office owns it
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  BoxOffice office(std::unique_ptr<store::Store>(faulty), 5, 3, policy);
  const auto first = office.enter(office.users[0]);
  const auto second = office.enter(office.users[1]);
  call(*office.engine, domain::Leave{first, office.users[0], false});
  faulty->fault = Fault::commit_unavailable;
  EXPECT_EQ(office.engine->hear(second)->position, 0);  // its claim cannot be written
  eventually([&] { return !office.engine->trouble().empty(); });
  faulty->fault = Fault::none;
  eventually([&] { return office.engine->hear(second)->visitor.claimed; });
}

domain::ChangeRoom change_of(const BoxOffice& office) {
  return {.room = domain::default_room, .by = office.users[0]};
}

TEST(WaitingRoomView, AnIdleTimeThatIsSetMeanwhileStartsWithTheNextSignOfLife) {
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  BoxOffice office(memory_store(), 5, 2, policy);
  office.enter(office.users[0]);
  const auto waiting = office.enter(office.users[1]);
  EXPECT_FALSE(office.engine->hear(waiting)->visitor.deadline);
  auto change = change_of(office);
  change.policy.idle_timeout = std::optional<domain::Duration>(std::chrono::seconds{60});
  call(*office.engine, change);
  eventually([&] { return office.engine->hear(waiting)->visitor.deadline.has_value(); });
  EXPECT_FALSE(office.engine->hear(waiting)->idle_time_starts);
  office.clock.advance(std::chrono::seconds{60});
  eventually([&] { return !office.engine->views().visitor(waiting, office.clock.now()); });
}

TEST(WaitingRoomView, NobodyKnowsHowLongAPauseWillBe) {
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  BoxOffice office(memory_store(), 5, 4, policy);
  const auto first = office.enter(office.users[0]);
  for (int i = 1; i < 3; ++i) office.enter(office.users[static_cast<std::size_t>(i)]);
  const auto last = office.enter(office.users[3]);
  call(*office.engine, domain::Leave{first, office.users[0], false});
  EXPECT_TRUE(office.engine->hear(last)->estimated_wait);
  auto change = change_of(office);
  change.state = domain::RoomState::paused;
  call(*office.engine, change);
  EXPECT_FALSE(office.engine->hear(last)->estimated_wait);
  EXPECT_FALSE(office.engine->hear(last)->estimated_wait_min);
  change.state = domain::RoomState::open;
  call(*office.engine, change);
  EXPECT_TRUE(office.engine->hear(last)->estimated_wait);
}

TEST(WaitingRoomView, CountsTheSeatsThatAreLeft) {
  BoxOffice office;
  const auto fan = office.users[0];
  const auto token = office.enter(fan);
  const auto left = [&] { return office.engine->hear(token)->seats_left; };
  const auto all = left();
  EXPECT_EQ(all, office.engine->views().seat_map(office.performance)->available);
  const auto held = call(*office.engine, office.hold_of(fan, 3));
  EXPECT_EQ(left(), all - 1);
  call(*office.engine, domain::Cancel{held.reservation.id, fan});
  EXPECT_EQ(left(), all);
  call(*office.engine, office.hold_of(fan, 2));
  office.restart();
  EXPECT_EQ(left(), all - 1);
}

RC_GTEST_PROP(OrderStatistics, CountsLikeASortedSet, ()) {
  engine::OrderStatistics tree;
  std::set<std::int64_t> model;
  std::int64_t next = *rc::gen::inRange(1, 1000);
  const int steps = *rc::gen::inRange(0, 400);
  for (int i = 0; i < steps; ++i) {
    if (model.empty() || *rc::gen::inRange(0, 3) > 0) {
      next += *rc::gen::inRange(1, 5);
      tree.add(next);
      model.insert(next);
    } else {
      auto at = std::next(model.begin(), *rc::gen::inRange<std::ptrdiff_t>(
                                             0, static_cast<std::ptrdiff_t>(model.size())));
      tree.remove(*at);
      model.erase(at);
    }
    const std::int64_t probe = *rc::gen::inRange<std::int64_t>(0, next + 10);
    RC_ASSERT(tree.count_up_to(probe) == std::distance(model.begin(), model.upper_bound(probe)));
  }
}

TEST(OrderStatistics, GivesSpaceBackAsTheLineMovesOn) {
  engine::OrderStatistics tree;
  constexpr std::int64_t waiting = 1000;
  for (std::int64_t n = 1; n <= 200'000; ++n) {
    tree.add(n);
    if (n > waiting) tree.remove(n - waiting);
    if (n % 9973 == 0 && n > waiting) {
      ASSERT_EQ(tree.count_up_to(n), waiting);
      ASSERT_EQ(tree.count_up_to(n - waiting + 1), 1);
      ASSERT_EQ(tree.count_up_to(n - waiting), 0);
    }
  }
}

}  // namespace
}  // namespace onsale::test
