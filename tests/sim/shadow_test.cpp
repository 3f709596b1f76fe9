// What the auditor reckons with: the same answers as the engine's own reckoning, by other means.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "domain/admission_rate.h"
#include "engine/views/order_statistics.h"
#include "sim/budget.h"
#include "sim/dice.h"
#include "sim/shadow_line.h"
#include "sim/timeline.h"

namespace onsale::test {
namespace {

using domain::Duration;

RC_GTEST_PROP(Budget, AllowsWhatTheScheduleOfTheEngineAllows, ()) {
  const auto rate = *rc::gen::inRange<std::int64_t>(1, 200'000);
  const domain::RoomPolicy policy{.admission_rate_per_minute = rate};
  domain::WaitingRoom room;
  domain::Timestamp now = domain::from_millis(1'800'000'000'000);
  sim::Budget budget;
  budget.set_rate(rate, now);
  now += std::chrono::minutes{2};  // the bucket is full
  for (int i = 0; i < 200; ++i) {
    now += Duration{*rc::gen::inRange<std::int64_t>(0, 120'000 / rate + 3)};
    const bool allowed = domain::rate_budget(room, policy, now) > 0;
    RC_ASSERT(budget.may_admit(now) == allowed);
    RC_ASSERT(budget.must_admit(now) == allowed);
    RC_ASSERT(budget.must_admit_from(now) == domain::rate_allows_at(room, policy, now));
    if (!allowed || !*rc::gen::arbitrary<bool>()) continue;
    domain::spend_rate(room, policy, now);
    budget.admitted(now);
  }
}

/// Over changes of the rate the auditor leaves room on both sides, and the engine stays within.
RC_GTEST_PROP(Budget, HoldsTheEngineToItsBoundsOverChangesOfTheRate, ()) {
  domain::RoomPolicy policy;
  domain::WaitingRoom room;
  domain::Timestamp now = domain::from_millis(1'800'000'000'000);
  sim::Budget budget;
  budget.set_rate(0, now);
  for (int i = 0; i < 300; ++i) {
    now += Duration{*rc::gen::inRange<std::int64_t>(0, 300)};
    if (*rc::gen::inRange(0, 20) == 0) {
      domain::RoomPolicy changed = policy;
      changed.admission_rate_per_minute = *rc::gen::inRange<std::int64_t>(0, 5'000);
      if (changed.admission_rate_per_minute == policy.admission_rate_per_minute) continue;
      domain::change_rate(room, policy, changed, now);
      policy = changed;
      budget.set_rate(policy.admission_rate_per_minute, now);
    }
    const bool allowed = domain::rate_budget(room, policy, now) > 0;
    RC_ASSERT(!allowed || budget.may_admit(now));
    RC_ASSERT(allowed || !budget.must_admit(now));
    if (!allowed) continue;
    domain::spend_rate(room, policy, now);
    budget.admitted(now);
  }
}

TEST(Budget, KnowsWhatWasWasted) {
  const domain::Timestamp start = domain::from_millis(0);
  sim::Budget budget;
  budget.set_rate(60, start);
  budget.admitted(start + Duration{1000});
  EXPECT_EQ(budget.wasted(start + Duration{2000}), 0);
  EXPECT_DOUBLE_EQ(budget.wasted(start + Duration{2500}), 0.5);
}

RC_GTEST_PROP(ShadowLine, CountsLikeTheTreeOfTheEngine, ()) {
  sim::ShadowLine line;
  engine::OrderStatistics tree;
  std::set<std::int64_t> there;
  std::int64_t next = 0;
  for (int i = 0; i < 1500; ++i) {
    if (there.empty() || *rc::gen::inRange(0, 3) > 0) {
      tree.add(next);
      there.insert(next);
      RC_ASSERT(line.append(next + 1) == static_cast<std::size_t>(next));
      ++next;
    } else {
      const auto at = std::next(there.begin(), *rc::gen::inRange<std::ptrdiff_t>(
                                                   0, static_cast<std::ptrdiff_t>(there.size())));
      line.remove(static_cast<std::size_t>(*at));
      tree.remove(*at);
      there.erase(at);
    }
    RC_ASSERT(line.size() == tree.size());
    if (there.empty()) continue;
    RC_ASSERT(line.first() == *there.begin() + 1);
    const std::int64_t last = *there.rbegin();
    RC_ASSERT(line.ahead_of(static_cast<std::size_t>(last)) == tree.count_up_to(last) - 1);
  }
}

TEST(Timeline, KeepsTheOrderInWhichThingsOfTheSameTimeWereNoted) {
  sim::Timeline<int> timeline;
  const domain::Timestamp noon = domain::from_millis(1000);
  timeline.add(noon, 2);
  timeline.add(noon, 3);
  timeline.add(noon - Duration{1}, 1);
  EXPECT_EQ(timeline.next_at(), noon - Duration{1});
  for (const int due : {1, 2, 3}) EXPECT_EQ(timeline.take(), due);
  EXPECT_EQ(timeline.next_at(), domain::Timestamp::max());
}

TEST(Dice, FallTheSameForTheSameThrowAndDifferentlyForOthers) {
  const auto first = [](std::uint64_t seed, std::uint64_t who, std::uint64_t which) {
    return sim::Dice(seed, who, which).next();
  };
  EXPECT_EQ(first(1, 2, 3), first(1, 2, 3));
  std::set<std::uint64_t> fallen;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t who = 0; who < 10; ++who) {
      for (std::uint64_t which = 0; which < 10; ++which) fallen.insert(first(seed, who, which));
    }
  }
  EXPECT_EQ(fallen.size(), 1000);
}

TEST(Dice, AreFair) {
  sim::Dice dice(1, 1, 1);
  double mean = 0;
  std::int64_t sixes = 0;
  constexpr int throws = 100'000;
  for (int i = 0; i < throws; ++i) {
    mean += static_cast<double>(dice.about(std::chrono::seconds{10}).count()) / throws;
    sixes += dice.between(1, 6) == 6 ? 1 : 0;
  }
  EXPECT_NEAR(mean, 10'000, 200);
  EXPECT_NEAR(static_cast<double>(sixes), throws / 6.0, 500);
}

}  // namespace
}  // namespace onsale::test
