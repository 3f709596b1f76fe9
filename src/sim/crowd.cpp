#include "sim/crowd.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "domain/catalogue.h"

namespace onsale::sim {
namespace {

using namespace std::chrono_literals;

/// Somebody who throws dice and is no fan.
constexpr std::uint64_t nobody = ~std::uint64_t{0};
constexpr int attempts_max = 6;
constexpr int visits_max = 4;
/// Enough for any purchase of this house.
constexpr domain::Money charge_amount{1'000'000};

std::vector<domain::Timestamp> arrivals_of(const Scenario& scenario, domain::Timestamp opening) {
  const Manners& manners = scenario.manners;
  const auto arrival = [&](Dice dice) {
    const double share = dice.share();
    if (share < manners.early_share) {
      const double gathered = std::sqrt(dice.share());  // more and more
      return opening - domain::Duration{std::llround(
                           (1 - gathered) * static_cast<double>(manners.gathering.count()))};
    }
    if (share < manners.early_share + manners.rush_share) {
      return opening + std::min(dice.about(manners.rush), scenario.day);
    }
    return opening + dice.up_to(scenario.day);
  };
  std::vector<domain::Timestamp> arrivals;
  arrivals.reserve(static_cast<std::size_t>(manners.visitors));
  for (std::int64_t i = 0; i < manners.visitors; ++i) {
    arrivals.push_back(arrival({scenario.seed, nobody, static_cast<std::uint64_t>(i)}));
  }
  std::ranges::sort(arrivals);
  return arrivals;
}

domain::VisitorToken token_from(Dice& dice) {
  domain::VisitorToken token{};
  for (std::size_t half = 0; half < token.size(); half += 8) {
    std::uint64_t bits = dice.next();
    for (std::size_t i = 0; i < 8; ++i, bits >>= 8) {
      token.data[half + i] = static_cast<std::uint8_t>(bits);
    }
  }
  return token;
}

}  // namespace

Crowd::Crowd(const Scenario& scenario, const engine::Clock& clock, Server& server,
             const Place& place, Complain complain, Looked looked)
    : scenario_(scenario),
      manners_(scenario.manners),
      clock_(clock),
      server_(server),
      place_(place),
      complain_(std::move(complain)),
      looked_(std::move(looked)),
      fans_(static_cast<std::size_t>(scenario.manners.visitors)),
      arrivals_(arrivals_of(scenario, place.opening)) {}

domain::Timestamp Crowd::next_at() const {
  const domain::Timestamp due = timeline_.next_at();
  return arrived_ < arrivals_.size() ? std::min(due, arrivals_[arrived_]) : due;
}

void Crowd::act() {
  if (arrived_ < arrivals_.size() && arrivals_[arrived_] <= timeline_.next_at()) {
    ++figures_.came;
    return enter(static_cast<FanNumber>(arrived_++));
  }
  const Due due = timeline_.take();
  if (due.chapter == fans_[due.fan].chapter) do_step(due.fan, due.step);
}

void Crowd::do_step(FanNumber fan, Step step) {
  switch (step) {
    case Step::enter:
      return enter(fan);
    case Step::tire:
      return tire(fan);
    case Step::look:
      return look(fan);
    case Step::choose:
      return choose(fan);
    case Step::settle:
      return settle(fan);
    case Step::pay:
      return pay(fan);
    case Step::cancel:
      return cancel(fan);
    case Step::leave:
      return leave(fan);
  }
}

void Crowd::later(FanNumber fan, Step step, domain::Duration delay) {
  timeline_.add(clock_.now() + delay, {fan, step, fans_[fan].chapter});
}

/// Whatever was planned before is off.
void Crowd::turn(FanNumber fan, Mood mood) {
  fans_[fan].mood = mood;
  ++fans_[fan].chapter;
}

template <class Command, class Heard>
void Crowd::ask(FanNumber fan, Step again, Command command, Heard heard) {
  using Outcome = engine::OutcomeOf<Command>;
  const std::uint8_t chapter = fans_[fan].chapter;
  server_.submit(std::move(command),
                 [this, fan, again, chapter, heard](engine::Reply<Outcome> reply) {
                   if (fans_[fan].chapter != chapter) return;
                   if (const auto* outcome = std::get_if<Outcome>(&reply)) {
                     return (this->*heard)(fan, *outcome);
                   }
                   ++figures_.cut_off;
                   later(fan, again, 1s + dice(fan).up_to(9s));
                 });
}

// ---- waiting -------------------------------------------------------------------------

void Crowd::enter(FanNumber fan) {
  Dice throws = dice(fan);
  ask(fan, Step::enter, domain::Enter{domain::default_room, user_of(fan), token_from(throws)},
      &Crowd::entered);
}

void Crowd::entered(FanNumber fan, const domain::EnterOutcome& outcome) {
  if (outcome.result == domain::EnterResult::room_closed) {
    ++figures_.turned_away;
    return turn(fan, Mood::gone);
  }
  if (!outcome.executed()) return complain_("the room or a user is not known");
  Fan& who = fans_[fan];
  who.token = outcome.token;
  ++who.visits;
  who.attempts = 0;
  turn(fan, Mood::waiting);
  Dice throws = dice(fan);
  if (throws.chance(manners_.impatient_share)) {
    later(fan, Step::tire, throws.about(manners_.patience));
  }
  look(fan);
}

void Crowd::tire(FanNumber fan) {
  ++figures_.lost_patience;
  turn(fan, Mood::gone);
  if (dice(fan).chance(manners_.goodbye_share)) leave(fan);
}

void Crowd::admitted(domain::UserId user) {
  const FanNumber fan = fan_of(user);
  if (fans_[fan].mood != Mood::waiting) return;  // gone for good, or is being answered just now
  Dice throws = dice(fan);
  if (throws.chance(manners_.no_show_share)) {
    ++figures_.no_shows;
    return turn(fan, Mood::gone);
  }
  later(fan, Step::look, throws.up_to(manners_.look_every));
}

void Crowd::thrown_out(domain::UserId user) {
  const FanNumber fan = fan_of(user);
  if (fans_[fan].mood == Mood::waiting) {
    later(fan, Step::look, dice(fan).up_to(manners_.look_every));
  }
}

void Crowd::lost_by_silence(domain::UserId user) {
  if (fans_[fan_of(user)].mood != Mood::waiting) return;
  complain_("user " + std::to_string(user.value) + " asked again and again, and was silent for it");
}

void Crowd::look(FanNumber fan) {
  if (!server_.up()) {
    ++figures_.cut_off;
    return later(fan, Step::look, 1s + dice(fan).up_to(9s));
  }
  const auto seen = server_.hear(fans_[fan].token);
  if (!seen) return visit_is_over(fan);
  looked_(user_of(fan));
  if (seen->visitor.state == domain::VisitorState::active) {
    turn(fan, Mood::shopping);
    return later(fan, Step::choose, dice(fan).about(manners_.browsing));
  }
  const domain::Duration idle = scenario_.policy.room.idle_timeout;
  if (idle.count() > 0) later(fan, Step::look, idle / 2 + dice(fan).up_to(idle / 4));
}

void Crowd::visit_is_over(FanNumber fan) {
  Dice throws = dice(fan);
  if (fans_[fan].visits < visits_max && throws.chance(manners_.again_share)) {
    ++figures_.came_again;
    turn(fan, Mood::coming);
    return later(fan, Step::enter, throws.about(1min));
  }
  turn(fan, Mood::gone);
}

void Crowd::leave(FanNumber fan) {
  ask(fan, Step::leave, domain::Leave{fans_[fan].token, user_of(fan), false}, &Crowd::has_left);
}

void Crowd::has_left(FanNumber fan, const domain::LeaveOutcome& outcome) {
  if (!outcome.executed()) complain_("somebody could not leave");
  turn(fan, Mood::gone);
}

// ---- buying --------------------------------------------------------------------------

void Crowd::choose(FanNumber fan) {
  if (!server_.up()) return later(fan, Step::choose, 1s + dice(fan).up_to(9s));
  Dice throws = dice(fan);
  std::vector<domain::SeatRef> seats = find_seats(throws);
  if (seats.empty()) {
    ++figures_.sold_out;
    return leave(fan);
  }
  ++fans_[fan].attempts;
  ask(fan, Step::choose, domain::Hold{user_of(fan), place_.event, std::move(seats)},
      &Crowd::chosen);
}

/// A few seats beside each other, or nearly, somewhere in some performance.
std::vector<domain::SeatRef> Crowd::find_seats(Dice& dice) const {
  const auto wanted = static_cast<std::size_t>(dice.between(1, manners_.seats_max));
  const auto catalogue = server_.views().catalogue();
  const auto& performances = catalogue->performances_of.at(place_.event);
  const auto count = static_cast<std::int64_t>(performances.size());
  const std::int64_t favourite = dice.between(0, count - 1);
  std::vector<domain::SeatRef> found;
  for (std::int64_t i = 0; i < count && found.empty(); ++i) {
    const auto id = performances[static_cast<std::size_t>((favourite + i) % count)];
    const auto map = server_.views().seat_map(id);
    if (map->available == 0) continue;
    const std::size_t seats = map->status.size();
    const std::uint64_t from = dice.next();
    for (std::size_t s = 0; s < seats && found.size() < wanted; ++s) {
      const auto seat = static_cast<std::size_t>((from + s) % seats);
      if (map->status[seat] != domain::SeatStatus::available) continue;
      found.push_back({id, map->layout->seats[seat].id});
    }
  }
  return found;
}

void Crowd::chosen(FanNumber fan, const domain::HoldOutcome& outcome) {
  switch (outcome.result) {
    case domain::HoldResult::held:
      ++figures_.held;
      fans_[fan].reservation = outcome.reservation.id;
      turn(fan, Mood::holding);
      return later(fan, Step::settle, dice(fan).about(manners_.deciding));
    case domain::HoldResult::seat_taken:
      ++figures_.outpaced;
      return look_around_again(fan);
    case domain::HoldResult::not_admitted:
      return visit_is_over(fan);
    case domain::HoldResult::seat_limit:  // holds seats already that it was not told of
    case domain::HoldResult::sale_closed:
      return leave(fan);
    case domain::HoldResult::event_not_found:
    case domain::HoldResult::seat_not_found:
    case domain::HoldResult::sale_not_open:
    case domain::HoldResult::insufficient_funds:
      return complain_("a hold was refused for a reason that there is not");
  }
}

void Crowd::look_around_again(FanNumber fan) {
  if (fans_[fan].attempts >= attempts_max) return leave(fan);
  turn(fan, Mood::shopping);
  later(fan, Step::choose, 1s + dice(fan).up_to(4s));
}

void Crowd::settle(FanNumber fan) {
  const double share = dice(fan).share();
  if (share < manners_.pay_share) return charge(fan);
  if (share < manners_.pay_share + manners_.cancel_share) return cancel(fan);
  if (share < manners_.pay_share + manners_.cancel_share + manners_.broke_share) return pay(fan);
  turn(fan, Mood::gone);  // forgets the hold, which runs out
}

/// Under a key, so that a charge whose answer was lost is not charged again.
void Crowd::charge(FanNumber fan) {
  engine::Idempotency<domain::ChargeOutcome> once{
      .key = {user_of(fan), "charge", std::to_string(fans_[fan].reservation.value)},
      .fingerprint = "charge",
      .word = [](const domain::ChargeOutcome&) { return engine::StoredAnswer{201, "charged"}; }};
  const std::uint8_t chapter = fans_[fan].chapter;
  server_.submit(
      domain::Charge{user_of(fan), charge_amount},
      [this, fan, chapter](const engine::Reply<domain::ChargeOutcome>& reply) {
        if (fans_[fan].chapter != chapter) return;
        if (std::holds_alternative<engine::Refusal>(reply)) {
          ++figures_.cut_off;
          return later(fan, Step::settle, 1s + dice(fan).up_to(9s));
        }
        pay(fan);
      },
      std::move(once));
}

void Crowd::pay(FanNumber fan) {
  ask(fan, Step::pay,
      domain::Pay{fans_[fan].reservation, user_of(fan), std::nullopt, dice(fan).chance(0.5)},
      &Crowd::paid);
}

void Crowd::paid(FanNumber fan, const domain::PayOutcome& outcome) {
  switch (outcome.result) {
    case domain::PayResult::paid:
    case domain::PayResult::already_paid:
      figures_.seats_bought += outcome.reservation.seat_count;
      return turn(fan, Mood::gone);
    case domain::PayResult::reservation_expired:
      return look_around_again(fan);
    case domain::PayResult::insufficient_funds:
      return leave(fan);
    case domain::PayResult::not_found:
    case domain::PayResult::amount_mismatch:
      return complain_("a hold that was answered cannot be paid");
  }
}

void Crowd::cancel(FanNumber fan) {
  ask(fan, Step::cancel, domain::Cancel{fans_[fan].reservation, user_of(fan)}, &Crowd::canceled);
}

void Crowd::canceled(FanNumber fan, const domain::CancelOutcome& outcome) {
  if (outcome.result == domain::CancelResult::not_found) {
    complain_("a hold that was answered cannot be canceled");
  }
  look_around_again(fan);
}

}  // namespace onsale::sim
