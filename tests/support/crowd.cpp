#include "tests/support/crowd.h"

#include <memory>
#include <set>
#include <string>

#include "domain/draw.h"

namespace onsale::testing {

Crowd::Crowd(std::uint32_t seed, int fans) : random_(seed) {
  auto& room = office_.scene().rooms.at(domain::default_room);
  room.policy = {.active_sessions_max = between(1, 20),
                 .admission_rate_per_minute = between(0, 1) * between(1, 3000),
                 .session_duration = domain::Duration{between(1, 60'000)},
                 .claim_timeout = domain::Duration{between(1, 20'000)},
                 .idle_timeout = domain::Duration{between(0, 1) * between(1, 60'000)},
                 .session_ends_on = static_cast<domain::SessionEnd>(between(0, 1))};
  if (between(0, 3) == 0) room.opens_at = now_ + domain::Duration{between(1, 20'000)};
  if (room.opens_at && between(0, 1) == 0) {
    room.policy.order = domain::RoomOrder::lottery;
    room.draw_seed = domain::seed_hash(std::to_string(seed));
  }
  office_.policy.sales = {.hold_duration = domain::Duration{between(1, 30'000)},
                          .seats_per_user_max = between(1, 6),
                          .require_balance_at_hold = between(0, 3) == 0};
  open_house();
  for (int i = 0; i < fans; ++i) {
    const domain::CreateUser command{std::to_string(i) + "@example.org", "fan", "hash"};
    fans_.push_back({.id = office_.run(command, now_).user.id});
  }
}

void Crowd::step(std::int64_t most) {
  now_ += domain::Duration{between(0, 3) == 0 ? between(0, 10'000) : between(0, 200)};
  std::vector<Command> commands;
  for (std::int64_t n = between(0, most); n > 0; --n) commands.push_back(draw());
  tick_ = between(0, 1) == 1;
  const auto outcomes = office_.batch(commands, now_, tick_);
  for (std::size_t i = 0; i < outcomes.size(); ++i) note(commands[i], outcomes[i]);
}

std::int64_t Crowd::between(std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
}

void Crowd::open_house() {
  const auto venue = office_.run(domain::CreateVenue{"Hall", "", "UTC"}, now_).venue.id;
  event_ = office_.run(domain::CreateEvent{.venue = venue, .sales_open_at = now_}, now_).event.id;
  for (const char* name : {"Fri", "Sat"}) {
    const domain::CreatePerformance command{.event = event_,
                                            .name = name,
                                            .starts_at = now_ + std::chrono::hours{10'000},
                                            .price_tiers = {{"all", domain::Money{70}}}};
    const auto id = office_.run(command, now_).performance.id;
    auto plan = std::make_shared<domain::SeatingPlan>();
    plan->categories.push_back({"all", ""});
    for (int i = 0; i < 15; ++i) {
      const std::string label = name + std::to_string(i);
      plan->seats.push_back({.guid = label, .label = label, .category = "all"});
    }
    office_.run(domain::CreateSeats{id, plan}, now_);
  }
}

Command Crowd::draw() {
  const Fan& fan =
      fans_[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(fans_.size()) - 1))];
  switch (between(0, 14)) {
    case 0:
      return domain::Leave{fan.token, fan.id};
    case 1:
      return domain::Touch{fan.token};
    case 2:
    case 3:
      return hold(fan);
    case 4:
    case 5:
      return domain::Pay{fan.latest, fan.id, {}, between(0, 3) == 0};
    case 6:
      return domain::Cancel{fan.latest, fan.id};
    case 7:
      return domain::Charge{fan.id, domain::Money{between(1, 300)}};
    case 8:
      return domain::PayAll{fan.id, {}, between(0, 3) == 0};
    case 9:
      return organise(fan);
    default:
      return domain::Enter{domain::default_room, fan.id, office_.new_token()};
  }
}

Command Crowd::organise(const Fan& fan) {
  const domain::UserId by = fans_.front().id;
  domain::ChangeRoom change{.room = domain::default_room, .by = by};
  change.fresh_seed = domain::seed_hash(std::to_string(between(0, 1'000)));
  switch (between(0, 7)) {
    case 0:
      return domain::Leave{fan.token, by, /*organiser=*/true};
    case 1:
      change.state = static_cast<domain::RoomState>(between(0, 2));
      break;
    case 2:
      change.policy.active_sessions_max = between(1, 20);
      break;
    case 3:
      change.policy.admission_rate_per_minute = between(0, 1) * between(1, 3000);
      break;
    case 4:
      change.opens_at = now_ + domain::Duration{between(-1'000, 5'000)};
      change.policy.order = static_cast<domain::RoomOrder>(between(0, 1));
      break;
    default:
      change.state = domain::RoomState::open;
  }
  return change;
}

domain::Hold Crowd::hold(const Fan& fan) {
  domain::Hold command{.user = fan.id, .event = event_};
  std::set<std::int64_t> seats;
  for (std::int64_t n = between(1, 3); n > 0; --n) seats.insert(between(1, 30));
  for (const auto id : seats) command.seats.push_back({{id <= 15 ? 1 : 2}, {id}});
  return command;
}

void Crowd::note(const Command& command, const Outcome& outcome) {
  const auto of = [this](domain::UserId id) -> Fan& {
    return fans_[static_cast<std::size_t>(id.value - 1)];
  };
  if (const auto* entered = std::get_if<domain::EnterOutcome>(&outcome)) {
    if (entered->executed()) of(std::get<domain::Enter>(command).user).token = entered->token;
  } else if (const auto* held = std::get_if<domain::HoldOutcome>(&outcome)) {
    if (held->executed()) of(held->reservation.user).latest = held->reservation.id;
  }
}

}  // namespace onsale::testing
