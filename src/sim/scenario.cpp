#include "sim/scenario.h"

#include <algorithm>

#include "sim/dice.h"

namespace onsale::sim {
namespace {

using namespace std::chrono_literals;

domain::RoomPolicyChanges limits(std::int64_t sessions, std::int64_t rate) {
  domain::RoomPolicyChanges changes;
  changes.active_sessions_max = sessions;
  changes.admission_rate_per_minute = rate;
  return changes;
}

/// Rates below two a second admit one at a time, each a little after it was due, since a tick
/// comes by only every 25 ms. The throughput of such rooms is not what this rehearses.
std::int64_t some_rate(Dice& dice, std::int64_t visitors) {
  return dice.chance(0.4) ? 0 : std::max<std::int64_t>(120, visitors / dice.between(20, 120));
}

std::vector<OrganiserStep> some_steps(Dice& dice, const Scenario& scenario) {
  const std::int64_t sessions = scenario.policy.room.active_sessions_max;
  const std::int64_t visitors = scenario.manners.visitors;
  std::vector<OrganiserStep> steps;
  for (std::int64_t n = dice.between(2, 6); n > 0; --n) {
    steps.push_back(
        {.at = dice.up_to(scenario.day / 2),
         .policy = limits(std::max<std::int64_t>(1, sessions * dice.between(3, 20) / 10),
                          some_rate(dice, visitors))});
  }
  const domain::Duration pause = dice.up_to(scenario.day / 3);
  steps.push_back({.at = pause, .state = domain::RoomState::paused});
  steps.push_back({.at = pause + dice.up_to(20min), .state = domain::RoomState::open});
  steps.push_back({.at = dice.up_to(scenario.day / 2), .revocations = visitors / 500});
  if (dice.chance(0.4)) {  // to then and there, or to a little later
    const domain::Duration moved = dice.up_to(15min) - 15min;
    steps.push_back({.at = moved, .opens_at = moved + dice.between(0, 1) * dice.up_to(20min)});
  }
  std::ranges::stable_sort(steps, {}, &OrganiserStep::at);
  return steps;
}

}  // namespace

Scenario small_day(std::uint64_t seed, std::int64_t visitors) {
  Dice dice(seed, 0, 0);
  Scenario scenario{.seed = seed};
  scenario.manners.visitors = visitors;
  scenario.house.seats_each = std::max<std::int64_t>(10, visitors / dice.between(1, 20));
  domain::RoomPolicy& room = scenario.policy.room;
  room.active_sessions_max = std::max<std::int64_t>(3, visitors / dice.between(50, 800));
  room.admission_rate_per_minute = some_rate(dice, visitors);
  room.session_duration = std::chrono::seconds{dice.between(120, 900)};
  room.claim_timeout = std::chrono::seconds{dice.between(15, 150)};
  if (dice.chance(0.3)) room.idle_timeout = std::chrono::seconds{dice.between(60, 1800)};
  if (dice.chance(0.3)) room.session_ends_on = domain::SessionEnd::hold;
  if (dice.chance(0.5)) room.order = domain::RoomOrder::lottery;
  scenario.commit_time = domain::Duration{dice.between(1, 40)};
  scenario.organiser = some_steps(dice, scenario);
  scenario.crashes = {{.at = dice.up_to(20min) - 5min, .down = dice.up_to(60s)},
                      {.at = dice.up_to(scenario.day / 2) + 20min,
                       .down = dice.up_to(5min),
                       .point = CrashPoint::after_commit}};
  return scenario;
}

Scenario large_day(std::uint64_t seed, std::int64_t visitors) {
  Scenario scenario{.seed = seed, .day = 23h};
  scenario.manners.visitors = visitors;
  scenario.house = {.performances = 10, .seats_each = std::max<std::int64_t>(1, visitors / 50)};
  domain::RoomPolicy& room = scenario.policy.room;
  room.active_sessions_max = std::max<std::int64_t>(1, visitors / 200);
  room.admission_rate_per_minute = std::max<std::int64_t>(120, visitors / 400);
  if (seed % 2 == 0) room.order = domain::RoomOrder::lottery;
  scenario.commit_time = domain::Duration{10};
  const std::int64_t sessions = room.active_sessions_max;
  const std::int64_t rate = room.admission_rate_per_minute;
  scenario.organiser = {{.at = 25min, .policy = limits(sessions, rate * 2)},
                        {.at = 50min, .state = domain::RoomState::paused},
                        {.at = 65min, .state = domain::RoomState::open},
                        {.at = 80min, .policy = limits(sessions / 2 + 1, 0)},
                        {.at = 100min, .revocations = visitors / 1000},
                        {.at = 120min, .policy = limits(sessions * 2, 0)},
                        {.at = 180min, .policy = limits(sessions, rate)}};
  scenario.crashes = {{.at = 70min, .down = 40s},
                      {.at = 150min, .down = 10s, .point = CrashPoint::after_commit}};
  scenario.looks_every = 512;
  return scenario;
}

}  // namespace onsale::sim
