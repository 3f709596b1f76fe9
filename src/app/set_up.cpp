#include "app/set_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace onsale::app {
namespace {

using domain::Policy;
using domain::Rows;
using domain::Timestamp;

bool closes_too_early(std::optional<Timestamp> opens, std::optional<Timestamp> closes) {
  return opens && closes && *closes <= *opens;
}

std::optional<ShowProblem> problem_of(const SetUpOffice::Staging& staging) {
  const domain::CreatePerformance& performance = staging.performance;
  if (closes_too_early(performance.sales_open_at, performance.sales_close_at)) {
    return ShowProblem{".sales_close_at", "must be later than sales_open_at"};
  }
  std::set<std::string_view> tiers;
  for (const auto& tier : performance.price_tiers) {
    if (!tiers.insert(tier.name).second) {
      return ShowProblem{".price_tiers", fmt::format("has \"{}\" twice", tier.name)};
    }
  }
  for (const domain::PlanCategory& category : staging.plan->categories) {
    if (!tiers.contains(category.name)) {
      return ShowProblem{
          ".price_tiers",
          fmt::format("has no price for the seating plan's category \"{}\"", category.name)};
    }
  }
  return std::nullopt;
}

SetUpOutcome::Staged stage(Rows& rows, const SetUpOffice::Staging& staging, domain::EventId event,
                           Timestamp now, const Policy& policy) {
  domain::CreatePerformance performance = staging.performance;
  performance.event = event;
  const auto made = decide(rows, performance, now, policy);
  domain::require(made.executed(), "a performance of a checked show was refused");
  const domain::CreateSeats seats{.performance = made.performance.id, .plan = staging.plan};
  const auto seated = decide(rows, seats, now, policy);
  domain::require(seated.executed(), "the seats of a checked show were refused");
  return {.performance = made.performance.id, .seat_count = seated.seat_count};
}

SetUpOutcome::Shown put_on(Rows& rows, const SetUpOffice::Show& show, domain::VenueId venue,
                           Timestamp now, const Policy& policy) {
  domain::CreateEvent event = show.event;
  event.venue = venue;
  const auto made = decide(rows, event, now, policy);
  domain::require(made.executed(), "the event of a checked show was refused");
  SetUpOutcome::Shown shown{.event = made.event.id};
  for (const SetUpOffice::Staging& staging : show.performances) {
    shown.performances.push_back(stage(rows, staging, shown.event, now, policy));
  }
  return shown;
}

}  // namespace

std::optional<ShowProblem> find_problem(const SetUpOffice::Show& show) {
  if (closes_too_early(show.event.sales_open_at, show.event.sales_close_at)) {
    return ShowProblem{"event.sales_close_at", "must be later than sales_open_at"};
  }
  for (std::size_t i = 0; i < show.performances.size(); ++i) {
    if (auto problem = problem_of(show.performances[i])) {
      problem->place.insert(0, fmt::format("performances[{}]", i));
      return problem;
    }
  }
  return std::nullopt;
}

// Not the sum of the parts' footprints: of the rows they refer to, only the rooms exist already.
void footprint(const SetUpOffice& command, const Policy& policy, domain::Footprint& need) {
  for (const auto& user : command.users) footprint(user, policy, need);
  need.fresh.venues += command.venues.size();
  need.fresh.events += command.shows.size();
  need.fresh.accounts += command.shows.size();
  for (const SetUpOffice::Show& show : command.shows) {
    need.rooms.push_back(show.event.room);
    need.fresh.performances += show.performances.size();
    for (const SetUpOffice::Staging& staging : show.performances) {
      need.fresh.price_tiers += staging.performance.price_tiers.size();
      need.fresh.seats += staging.plan->seats.size();
    }
  }
}

SetUpOutcome decide(Rows& rows, const SetUpOffice& command, Timestamp now, const Policy& policy) {
  const auto has_room = [&rows](const SetUpOffice::Show& show) {
    return rows.rooms.find(show.event.room) != nullptr;
  };
  if (!std::ranges::all_of(command.shows, has_room)) {
    return {.result = SetUpResult::room_not_found};
  }
  for (const domain::CreateUser& user : command.users) {
    domain::require(decide(rows, user, now, policy).executed(), "a new user has an address in use");
  }
  std::vector<domain::VenueId> venues;
  venues.reserve(command.venues.size());
  for (const domain::CreateVenue& venue : command.venues) {
    venues.push_back(decide(rows, venue, now, policy).venue.id);
  }
  SetUpOutcome outcome;
  for (const SetUpOffice::Show& show : command.shows) {
    outcome.shows.push_back(put_on(rows, show, venues.at(show.venue), now, policy));
  }
  return outcome;
}

}  // namespace onsale::app
