#include "sim/rehearsal.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "domain/catalogue.h"
#include "domain/identity.h"
#include "store/audit.h"

namespace onsale::sim {
namespace {

using namespace std::chrono_literals;

const domain::Timestamp opening = domain::from_millis(1'800'000'000'000);
constexpr domain::Money price{70'000};
constexpr std::int64_t people_at_once = 1000;
/// Who throws the organiser's dice.
constexpr std::uint64_t organiser_dice = ~std::uint64_t{1};
constexpr std::uint64_t auditor_dice = ~std::uint64_t{2};

std::string seed_of_draw(Dice dice) {
  std::string seed;
  while (seed.size() < 64) seed += "0123456789abcdef"[dice.next() % 16];
  return seed;
}

std::shared_ptr<const domain::SeatingPlan> plan_of(std::int64_t seats) {
  auto plan = std::make_shared<domain::SeatingPlan>();
  plan->name = "hall";
  plan->categories.push_back({"A", ""});
  for (std::int64_t i = 1; i <= seats; ++i) {
    const std::string number = std::to_string(i);
    plan->seats.push_back({.guid = number, .label = number, .number = number, .category = "A"});
  }
  return plan;
}

bool has_what_was_asked(const domain::WaitingRoom& room, const domain::ChangeRoom& change) {
  const bool state = !change.state || room.state == *change.state;
  const auto& sessions = change.policy.active_sessions_max;
  const auto& rate = change.policy.admission_rate_per_minute;
  return state && (!change.opens_at || room.opens_at == *change.opens_at) &&
         (!sessions || room.policy.active_sessions_max == *sessions) &&
         (!rate || room.policy.admission_rate_per_minute == *rate);
}

}  // namespace

Rehearsal::Rehearsal(Scenario scenario, store::Store& store)
    : scenario_(std::move(scenario)),
      store_(store),
      clock_(opening - scenario_.manners.gathering - 1h),
      server_(store, clock_,
              {.seed = scenario_.seed,
               .policy = scenario_.policy,
               .room = domain::default_room,
               .tick = scenario_.tick,
               .commit_time = scenario_.commit_time,
               .batch_max = scenario_.batch_max},
              [this](const CommittedBatch& batch) { witness(batch); }) {}

Report Rehearsal::play() {
  set_up();
  plan_day();
  const domain::Duration afterwards = scenario_.policy.room.session_duration +
                                      scenario_.policy.sales.hold_duration +
                                      scenario_.manners.deciding * 10;
  try {
    run_until(opening + scenario_.day + afterwards);
    finish();
  } catch (const std::exception& bug) {
    complain(bug.what());
  }
  return {.seed = scenario_.seed,
          .audit = auditor_->figures(),
          .crowd = crowd_->figures(),
          .batches = server_.batches(),
          .commands = server_.commands(),
          .still_waiting = auditor_->room().waiting(),
          .seats = scenario_.house.performances * scenario_.house.seats_each,
          .findings = auditor_->findings(),
          .findings_left_out = auditor_->findings_left_out()};
}

// ---- before the day ------------------------------------------------------------------

/// Submits and lets the server work until it has answered.
template <class Command>
engine::OutcomeOf<Command> Rehearsal::call(Command command) {
  using Outcome = engine::OutcomeOf<Command>;
  std::optional<engine::Reply<Outcome>> reply;
  server_.submit(std::move(command), [&](engine::Reply<Outcome> r) { reply = std::move(r); });
  while (!reply) {
    advance_to(server_.next_at());
    server_.act();
  }
  return std::get<Outcome>(std::move(*reply));
}

void Rehearsal::set_up() {
  server_.start();
  add_people();
  const domain::EventId event = add_event();
  auditor_.emplace(
      Auditor::Settings{
          .policy = scenario_.policy, .tick = scenario_.tick, .commit_time = scenario_.commit_time},
      server_.views().catalogue()->rooms.at(domain::default_room), clock_.now());
  crowd_.emplace(
      scenario_, clock_, server_, Crowd::Place{first_fan_, event, opening},
      [this](const std::string& what) { complain(what); },
      [this](domain::UserId user) { auditor_->looked(user, clock_.now()); });
  open_room();
}

void Rehearsal::add_people() {
  organiser_ = call(domain::CreateUser{.email = "organiser@example.com",
                                       .name = "Organiser",
                                       .password_hash = "-",
                                       .role = domain::Role::organiser})
                   .user.id;
  first_fan_ = {organiser_.value + 1};
  std::int64_t created = 0;
  while (created < scenario_.manners.visitors) {
    const std::int64_t until = std::min(created + people_at_once, scenario_.manners.visitors);
    for (; created < until; ++created) {
      server_.submit(domain::CreateUser{.email = "fan" + std::to_string(created) + "@example.com",
                                        .name = "Fan",
                                        .password_hash = "-"},
                     [](const engine::Reply<domain::CreateUserOutcome>&) {});
    }
    while (server_.busy()) {
      advance_to(server_.next_at());
      server_.act();
    }
  }
}

domain::EventId Rehearsal::add_event() {
  const auto venue = call(domain::CreateVenue{"Hall", "Seoul", "Asia/Seoul"}).venue.id;
  const auto event =
      call(domain::CreateEvent{.title = "Show",
                               .venue = venue,
                               .sales_open_at = opening - scenario_.manners.gathering})
          .event.id;
  const auto plan = plan_of(scenario_.house.seats_each);
  for (std::int64_t night = 1; night <= scenario_.house.performances; ++night) {
    const auto performance =
        call(domain::CreatePerformance{.event = event,
                                       .name = "Night " + std::to_string(night),
                                       .starts_at = opening + std::chrono::days{30 + night},
                                       .price_tiers = {{"A", price}}})
            .performance.id;
    call(domain::CreateSeats{performance, plan});
  }
  return event;
}

void Rehearsal::open_room() {
  const auto opened = call(domain::ChangeRoom{
      .room = domain::default_room,
      .by = organiser_,
      .opens_at = opening,
      .fresh_seed = seed_of_draw({scenario_.seed, organiser_dice, dice_thrown_++})});
  if (!opened.executed()) throw std::runtime_error("the room does not open: " + opened.message);
}

// ---- the day -------------------------------------------------------------------------

void Rehearsal::plan_day() {
  for (std::size_t i = 0; i < scenario_.organiser.size(); ++i) {
    plans_.add(opening + scenario_.organiser[i].at, {Plan::What::organise, i});
  }
  for (std::size_t i = 0; i < scenario_.crashes.size(); ++i) {
    const Crash& crash = scenario_.crashes[i];
    plans_.add(opening + crash.at, {Plan::What::crash, i});
    plans_.add(opening + crash.at + crash.down, {Plan::What::restart, i});
  }
  plans_.add(opening + scenario_.day, {Plan::What::close});
}

/// And until the server has answered everything.
void Rehearsal::run_until(domain::Timestamp end) {
  while (true) {
    const domain::Timestamp planned = plans_.next_at();
    const domain::Timestamp people = crowd_->next_at();
    const domain::Timestamp next = std::min({planned, people, server_.next_at()});
    if (next > end && !server_.busy()) return;
    advance_to(next);
    if (planned == next) {
      carry_out(plans_.take());
    } else if (people == next) {
      crowd_->act();
    } else {
      server_.act();
    }
  }
}

void Rehearsal::carry_out(Plan plan) {
  switch (plan.what) {
    case Plan::What::organise:
      return organise(plan.index);
    case Plan::What::crash:
      server_.crash(scenario_.crashes[plan.index].point);
      return auditor_->went_down(clock_.now());
    case Plan::What::restart:
      server_.start();
      return auditor_->came_up(clock_.now());
    case Plan::What::close:
      return change_room({.state = domain::RoomState::closed}, plan);
  }
}

void Rehearsal::organise(std::size_t index) {
  const OrganiserStep& step = scenario_.organiser[index];
  if (step.revocations > 0) return revoke(step.revocations);
  domain::ChangeRoom change{.policy = step.policy, .state = step.state};
  if (step.opens_at) change.opens_at = opening + *step.opens_at;
  change_room(std::move(change), {Plan::What::organise, index});
}

/// Tries again later if the server is down or dies over it.
void Rehearsal::change_room(domain::ChangeRoom change, Plan again) {
  change.room = domain::default_room;
  change.by = organiser_;
  server_.submit(change, [this, change, again](engine::Reply<domain::ChangeRoomOutcome> reply) {
    const auto* outcome = std::get_if<domain::ChangeRoomOutcome>(&reply);
    if (!outcome) return plans_.add(clock_.now() + 5s, again);
    const bool too_late = outcome->result == domain::ChangeRoomResult::conflict &&
                          change.opens_at && auditor_->room().room().drawn_at;
    if (too_late) return;  // tried again after a crash, and the draw was held meanwhile
    if (!outcome->executed() || !has_what_was_asked(outcome->room, change)) {
      complain("the organiser did not get what was asked: " + outcome->message);
    }
  });
}

void Rehearsal::revoke(std::int64_t count) {
  Dice dice(scenario_.seed, organiser_dice, dice_thrown_++);
  for (; count > 0; --count) {
    const domain::VisitorToken token = crowd_->token_of(dice.between(0, crowd_->size() - 1));
    if (token.is_nil()) continue;
    server_.submit(domain::Leave{token, organiser_, /*organiser=*/true},
                   [](const engine::Reply<domain::LeaveOutcome>&) {});
  }
}

void Rehearsal::witness(const CommittedBatch& batch) {
  if (!auditor_) return;  // people and seats are being made
  auditor_->committed(batch);
  for (const domain::Record& record : batch.records) {
    const auto* moved = std::get_if<domain::VisitorMoved>(&record);
    if (!moved) continue;
    if (moved->step == domain::VisitorStep::admitted) crowd_->admitted(moved->visitor.user);
    if (moved->step != domain::VisitorStep::ended) continue;
    if (moved->by) crowd_->thrown_out(moved->visitor.user);
    const bool expired = moved->visitor.state == domain::VisitorState::expired;
    if (expired && !moved->visitor.claimed) crowd_->lost_by_silence(moved->visitor.user);
  }
  if (server_.batches() % scenario_.looks_every != 0) return;
  auditor_->look(*server_.views().room(domain::default_room), clock_.now(),
                 {scenario_.seed, auditor_dice, static_cast<std::uint64_t>(server_.batches())});
}

// ---- after the day -------------------------------------------------------------------

void Rehearsal::finish() {
  auto reader = store_.reader();
  if (!reader) throw std::runtime_error(reader.error().message);
  auditor_->finish(**reader, clock_.now());
  for (std::int64_t fan = 0; fan < crowd_->size(); ++fan) {
    const domain::UserId user{first_fan_.value + fan};
    if (crowd_->believes_to_wait(fan) && auditor_->room().live_number(user) == 0) {
      complain("user " + std::to_string(user.value) + " waits in vain");
    }
  }
  const auto proof = store::audit(**reader);
  if (!proof) throw std::runtime_error(proof.error().message);
  for (const std::string& violation : proof->violations) complain("in the store: " + violation);
}

Report rehearse(const Scenario& scenario) {
  auto store = store::open("memory:", store::Access::read_write);
  if (!store) throw std::runtime_error(store.error().message);
  return Rehearsal(scenario, **store).play();
}

}  // namespace onsale::sim
