// What is answered from memory equals what the store holds, after every batch and after a
// restart.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "domain/reservation.h"
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

// ---- what is over ----------------------------------------------------------------------

/// A box office whose only performance, with its first seat held for days, can be made to be over.
class Past : public ::testing::Test {
 protected:
  static domain::Policy policy() {
    domain::Policy policy;
    policy.sales.hold_duration = std::chrono::hours{24 * 30};
    return policy;
  }
  BoxOffice office{memory_store(), 10, 5, policy()};
  std::unique_ptr<store::Reader> reader = std::move(office.store->reader()).value();
  domain::ReservationId held;

  void SetUp() override {
    office.enter(office.users[0]);
    held = call(*office.engine, office.hold_of(office.users[0], 1)).reservation.id;
  }
  void let_it_pass() {
    office.clock.advance(std::chrono::hours{24} + domain::over_after);
    eventually([&] { return !in_memory(); });
  }
  [[nodiscard]] std::shared_ptr<const engine::SeatMap> in_memory() const {
    return office.engine->views().seat_map(office.performance);
  }
  [[nodiscard]] std::shared_ptr<const engine::SeatMap> fetch() const {
    return std::move(office.engine->fetch_seat_maps({office.performance}, *reader))
        .value()
        .at(office.performance);
  }
  [[nodiscard]] std::int64_t seats_left() const {
    return office.engine->views().room(domain::default_room)->room(office.clock.now()).seats_left;
  }
};

TEST_F(Past, LeavesTheMemoryAndComesBackForWhoAsks) {
  const auto before = in_memory()->version;
  EXPECT_EQ(seats_left(), 9);
  let_it_pass();
  EXPECT_EQ(seats_left(), 0) << "nobody can have them any more";
  const auto map = fetch();
  EXPECT_EQ(map->status[0], SeatStatus::held);
  EXPECT_EQ(map->available, 9);
  EXPECT_GE(map->version, before);
  EXPECT_EQ(in_memory(), map) << "for the next who asks";
  EXPECT_EQ(seats_left(), 0);
}

TEST_F(Past, IsNotReadAtTheStart) {
  let_it_pass();
  office.restart();
  EXPECT_FALSE(in_memory());
  EXPECT_EQ(fetch()->available, 9);
}

TEST_F(Past, ShowsWhatChangesWhileSomebodyLooks) {
  let_it_pass();
  const auto map = fetch();
  call(*office.engine, domain::Cancel{held, office.users[0]});
  EXPECT_EQ(in_memory()->status[0], SeatStatus::available);
  EXPECT_GT(in_memory()->version, map->version);
  EXPECT_EQ(in_memory()->changed_at[0], in_memory()->version);
}

TEST_F(Past, ShowsWhatChangedWhileNobodyLooked) {
  let_it_pass();
  call(*office.engine, domain::Cancel{held, office.users[0]});
  const auto* entry = office.engine->views().catalogue()->performance(office.performance);
  EXPECT_FALSE(entry->seats->summary()) << "what was known of its seats is not so any more";
  EXPECT_EQ(fetch()->available, 10);
  EXPECT_EQ(entry->seats->summary()->available, 10);
}

TEST_F(Past, IsAheadAgainWhenTheClockWasWrong) {
  let_it_pass();
  office.clock.advance(-(std::chrono::hours{24} + domain::over_after));
  eventually([&] { return in_memory() != nullptr; });
  EXPECT_EQ(in_memory()->available, 9);
  eventually([&] { return seats_left() == 9; });
}

TEST_F(Past, OnlySoManyAreKeptForWhoAsksAgain) {
  std::vector<domain::PerformanceId> past;
  for (std::size_t i = 0; i <= engine::RecentSeats::maps_max; ++i) {
    past.push_back(call(*office.engine,
                        domain::CreatePerformance{.event = office.event,
                                                  .name = "Long ago",
                                                  .starts_at = opening - domain::over_after,
                                                  .sales_open_at = opening - std::chrono::hours{99},
                                                  .price_tiers = {{"A", {1}}}})
                       .performance.id);
  }
  for (const auto id : past) ASSERT_TRUE(office.engine->fetch_seat_maps({id}, *reader));
  EXPECT_FALSE(office.engine->views().seat_map(past.front()));
  EXPECT_TRUE(office.engine->views().seat_map(past.back()));
}

TEST(Catalogue, KnowsWhatIsAheadAndWhoseASeatIs) {
  BoxOffice office;
  const auto catalogue = office.engine->views().catalogue();
  const auto starts_at = opening + std::chrono::hours{24};
  EXPECT_EQ(catalogue->beginning_after(opening).size(), 1U);
  EXPECT_EQ(catalogue->beginning_after(office.event, opening).size(), 1U);
  EXPECT_EQ(catalogue->beginning_after(starts_at).size(), 0U);
  EXPECT_EQ(catalogue->beginning_after(domain::EventId{99}, opening).size(), 0U);
  EXPECT_EQ(catalogue->performance_with(office.seat(1)), office.performance);
  EXPECT_EQ(catalogue->performance_with(office.seat(10)), office.performance);
  EXPECT_FALSE(catalogue->performance_with(office.seat(11)));
  EXPECT_FALSE(catalogue->performance_with({0}));
}

// ---- read anew -------------------------------------------------------------------------

/// A batch that was committed while everything was read anew is in what was read. Its own way to
/// the views comes after that.
TEST(Views, ShowABatchOnceThatWasCommittedWhileTheyWereReadAnew) {
  BoxOffice office;
  const auto reader = std::move(office.store->reader()).value();
  engine::Views views(office.policy, office.clock);
  ASSERT_TRUE(views.rebuild(*reader));
  const auto visitors = [&] {
    const auto room = views.room(domain::default_room)->room(office.clock.now());
    return room.active + room.waiting;
  };
  views.forget();
  const auto token = office.enter(office.users[0]);
  const auto position = reader->journal_end().value();
  ASSERT_TRUE(views.refresh(*reader));
  EXPECT_EQ(visitors(), 1);
  const auto visitor = reader->visitor(token).value().value();
  const std::vector<domain::Record> records{
      domain::VisitorMoved{domain::VisitorStep::admitted, visitor}};
  const store::BatchId batch{};
  views.announce(batch, records);
  views.apply(batch, position, office.clock.now(), *reader);
  EXPECT_EQ(visitors(), 1);
  EXPECT_EQ(views.behind(), domain::Duration{});
}

TEST(Views, FindEverybodyInWhateverRoomTheyAre) {
  constexpr int rooms = 50;
  BoxOffice office(memory_store(), 1, rooms);
  std::vector<domain::VisitorToken> tokens;
  for (int i = 0; i < rooms; ++i) {
    const auto room = call(*office.engine, domain::CreateRoom{.name = "another"}).room.id;
    tokens.push_back(office.enter(office.users[static_cast<std::size_t>(i)], room));
  }
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < rooms; ++i) {
      const auto& token = tokens[static_cast<std::size_t>(i)];
      EXPECT_EQ(office.engine->views().room_of(token), domain::RoomId{i + 2});
      EXPECT_EQ(office.engine->hear(token)->visitor.token, token);
    }
    office.restart();
  }
  call(*office.engine, domain::Leave{tokens[7], office.users[7], false});
  EXPECT_FALSE(office.engine->views().room_of(tokens[7]));
  EXPECT_FALSE(office.engine->hear(tokens[7]));
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
