// The rate is a limit in every window of time, whatever the ticks and the organiser do. The seed of
// a failure is printed; running with RC_PARAMS="seed=..." repeats it.
#include "domain/admission_rate.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "tests/support/office.h"

namespace onsale::testing {
namespace {

/// Times at which a room with this rate admits the crowd that waits before it, if ticks
/// come by at random, with long pauses among them.
std::vector<domain::Timestamp> admission_times(std::int64_t rate, std::uint32_t seed) {
  std::mt19937 random(seed);
  Office office;
  domain::Timestamp now{std::chrono::hours{1000}};
  auto& room = office.scene().rooms.at(domain::default_room);
  room.policy = {.active_sessions_max = 1'000'000, .admission_rate_per_minute = rate};
  std::vector<domain::Timestamp> times;
  for (int i = 0; i < 300; ++i) {
    now += domain::Duration{random() % 20 == 0 ? 100'000 : random() % 700};
    std::vector<Command> commands;
    for (auto n = random() % 4; n > 0; --n) {
      const auto user =
          office.run(domain::CreateUser{std::to_string(random()) + "@", "fan", "hash"}, now);
      if (user.executed()) {
        commands.emplace_back(
            domain::Enter{domain::default_room, user.user.id, office.new_token()});
      }
    }
    office.batch(commands, now, /*tick=*/true);
  }
  for (const auto& [key, visitor] : office.tables().visitors) {
    if (visitor.activated_at) times.push_back(*visitor.activated_at);
  }
  return times;  // by number, and so by time
}

RC_GTEST_PROP(RateProperty, NoWindowSeesMoreThanTheRateAndOneSecondsWorth, ()) {
  const auto rate =
      *rc::gen::elementOf(std::vector<std::int64_t>{1, 7, 59, 60, 61, 119, 120, 300, 1000, 100'000})
           .as("admissions per minute");
  const auto seed = *rc::gen::arbitrary<std::uint32_t>().as("seed");
  const auto times = admission_times(rate, seed);
  const std::int64_t burst = std::max<std::int64_t>(1, rate / 60);
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (std::size_t j = i; j < times.size(); ++j) {
      const auto admitted = static_cast<std::int64_t>(j - i + 1);
      const std::int64_t earned = (times[j] - times[i]).count() * rate / 60'000;
      RC_ASSERT(admitted <= burst + earned);
    }
  }
}

/// Which rate holds from when on.
using Rates = std::vector<std::pair<domain::Timestamp, std::int64_t>>;

/// What the rates that held between two times add up to.
double earned(const Rates& rates, domain::Timestamp from, domain::Timestamp to) {
  double sum = 0;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const auto begin = std::max(from, rates[i].first);
    const auto end = i + 1 < rates.size() ? std::min(to, rates[i + 1].first) : to;
    if (begin < end) {
      sum += static_cast<double>((end - begin).count() * rates[i].second) / 60'000;
    }
  }
  return sum;
}

/// One second's worth of the fastest rate that held between two times, both included.
double burst(const Rates& rates, domain::Timestamp from, domain::Timestamp to) {
  std::int64_t fastest = 60;  // a slow room admits one at a time
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const bool over = i + 1 < rates.size() && rates[i + 1].first < from;
    if (!over && rates[i].first <= to) fastest = std::max(fastest, rates[i].second);
  }
  return static_cast<double>(fastest / 60);
}

RC_GTEST_PROP(RateProperty, ChangingTheRateGainsNothing, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint32_t>().as("seed");
  constexpr std::array<std::int64_t, 6> choice{1, 7, 61, 120, 600, 3000};
  std::mt19937 random(seed);
  domain::Timestamp now{std::chrono::hours{1000}};
  domain::WaitingRoom room{.id = {1}, .waiting_count = 1'000'000};
  room.policy = {.active_sessions_max = 1'000'000, .admission_rate_per_minute = choice[0]};
  Rates rates{{now, choice[0]}};
  std::vector<domain::Timestamp> times;
  for (int i = 0; i < 400; ++i) {
    now += domain::Duration{random() % 30 == 0 ? 70'000 : random() % 300};
    if (random() % 3 == 0) {
      const auto before = room.policy.over({});
      room.policy.admission_rate_per_minute = choice.at(random() % choice.size());
      change_rate(room, before, room.policy.over({}), now);
      rates.emplace_back(now, *room.policy.admission_rate_per_minute);
    }
    for (auto n = admissible(room, now, {}); n > 0; --n) {
      spend_rate(room, room.policy.over({}), now);
      times.push_back(now);
    }
  }
  std::vector<double> earned_by;
  for (const auto time : times) earned_by.push_back(earned(rates, rates.front().first, time));
  for (std::size_t i = 0; i < times.size(); ++i) {
    double fastest = burst(rates, times[i], times[i]);
    auto next = std::ranges::upper_bound(rates, times[i], {}, &Rates::value_type::first);
    for (std::size_t j = i; j < times.size(); ++j) {
      for (; next != rates.end() && next->first <= times[j]; ++next) {
        fastest = std::max(fastest, burst(rates, next->first, next->first));
      }
      const double most = fastest + earned_by[j] - earned_by[i];
      RC_ASSERT(static_cast<double>(j - i + 1) <= most + 1e-6);
    }
  }
}

TEST(Rate, IsALimitAlsoWhereItDoesNotDivideAMinute) {
  for (const std::int64_t rate : {7, 59, 7'000'000, 45'000'000}) {
    Office office;
    office.scene().rooms.at(domain::default_room).policy.admission_rate_per_minute = rate;
    const domain::Timestamp now{std::chrono::hours{1000}};
    const auto user = office.run(domain::CreateUser{"fan@example.org", "fan", "hash"}, now).user;
    office.run(domain::Enter{domain::default_room, user.id, office.new_token()}, now);
    const auto& room = office.tables().rooms.at(domain::default_room);
    const std::int64_t interval_us = room.next_admission_us - domain::to_millis(now) * 1000;
    EXPECT_GE(interval_us * rate, 60'000'000) << rate;
  }
}

TEST(Rate, TimeToNextAdmissionIsWhenOneIsAdmissible) {
  for (const std::int64_t rate : {1, 7, 59, 61, 120, 1000, 6001, 7'000'000}) {
    domain::WaitingRoom room{.id = {1}, .waiting_count = 10};
    room.policy.admission_rate_per_minute = rate;
    const domain::Timestamp now{std::chrono::hours{1000}};
    room.next_admission_us = domain::to_millis(now) * 1000 + 1'234'567;
    const auto at = *next_admission_at(room, now, {});
    EXPECT_GT(admissible(room, at, {}), 0) << rate;
    EXPECT_TRUE(at == now || admissible(room, at - domain::Duration{1}, {}) == 0) << rate;
  }
}

}  // namespace
}  // namespace onsale::testing
