#include "domain/catalogue.h"

#include <algorithm>
#include <map>
#include <set>

#include "domain/text.h"

namespace onsale::domain {
namespace {

using What = CatalogueChanged::What;

bool valid_window(std::optional<Timestamp> opens, std::optional<Timestamp> closes) {
  return !opens || !closes || *opens < *closes;
}

/// Price tiers of the performance by name.
std::map<std::string_view, const PriceTier*> tiers_by_name(const Rows& rows, PerformanceId id) {
  std::map<std::string_view, const PriceTier*> tiers;
  if (const auto of = rows.tiers_of.find(id); of != rows.tiers_of.end()) {
    for (const PriceTierId tier_id : of->second) {
      const PriceTier& tier = rows.price_tiers.get(tier_id);
      tiers.emplace(tier.name, &tier);
    }
  }
  return tiers;
}

}  // namespace

// ---- venue -------------------------------------------------------------------------

void footprint(const CreateVenue&, const Policy&, Footprint& need) { ++need.fresh.venues; }

CreateVenueOutcome decide(Rows& rows, const CreateVenue& command, Timestamp, const Policy&) {
  require(is_text(command.name) && is_text(command.location) && is_text(command.time_zone),
          "a venue's texts are texts");
  const VenueId id = rows.ids.venues.take();
  rows.records.emplace_back(CatalogueChanged{What::venue, id.value});
  return {rows.venues.add(id, {.id = id,
                               .name = command.name,
                               .location = command.location,
                               .time_zone = command.time_zone})};
}

// ---- event -------------------------------------------------------------------------

void footprint(const CreateEvent& command, const Policy&, Footprint& need) {
  need.venues.push_back(command.venue);
  need.rooms.push_back(command.room);
  ++need.fresh.events;
  ++need.fresh.accounts;
}

CreateEventOutcome decide(Rows& rows, const CreateEvent& command, Timestamp, const Policy&) {
  require(is_text(command.title) && is_text(command.artist), "an event's texts are texts");
  if (!rows.venues.find(command.venue)) return {CreateEventResult::venue_not_found, {}};
  if (!rows.rooms.find(command.room)) return {CreateEventResult::room_not_found, {}};
  if (!valid_window(command.sales_open_at, command.sales_close_at)) {
    return {CreateEventResult::invalid_window, {}};
  }
  const EventId id = rows.ids.events.take();
  const Event& event = rows.events.add(id, {.id = id,
                                            .title = command.title,
                                            .artist = command.artist,
                                            .venue = command.venue,
                                            .room = command.room,
                                            .sales_open_at = command.sales_open_at,
                                            .sales_close_at = command.sales_close_at,
                                            .policy = command.policy});
  const AccountId revenue = rows.ids.accounts.take();
  rows.accounts.add(
      revenue,
      {.account = {.id = revenue, .kind = AccountKind::revenue, .owner = id.value, .balance = {}},
       .loaded_balance = {}});
  rows.revenue.add(id, revenue);
  rows.records.emplace_back(CatalogueChanged{What::event, id.value});
  return {CreateEventResult::created, event};
}

// ---- performance -------------------------------------------------------------------

void footprint(const CreatePerformance& command, const Policy&, Footprint& need) {
  need.events.push_back(command.event);
  ++need.fresh.performances;
  need.fresh.price_tiers += command.price_tiers.size();
}

CreatePerformanceOutcome decide(Rows& rows, const CreatePerformance& command, Timestamp,
                                const Policy&) {
  require(is_text(command.name) &&
              std::ranges::all_of(command.price_tiers, is_text, &CreatePerformance::Tier::name),
          "a performance's texts are texts");
  if (!rows.events.find(command.event)) return {CreatePerformanceResult::event_not_found, {}};
  std::set<std::string_view> names;
  for (const auto& tier : command.price_tiers) {
    if (!names.insert(tier.name).second) return {CreatePerformanceResult::duplicate_tier, {}};
  }
  if (!valid_window(command.sales_open_at, command.sales_close_at)) {
    return {CreatePerformanceResult::invalid_window, {}};
  }
  const PerformanceId id = rows.ids.performances.take();
  const Performance& performance =
      rows.performances.add(id, {.id = id,
                                 .event = command.event,
                                 .name = command.name,
                                 .starts_at = command.starts_at,
                                 .sales_open_at = command.sales_open_at,
                                 .sales_close_at = command.sales_close_at});
  for (const auto& tier : command.price_tiers) {
    const PriceTierId tier_id = rows.ids.price_tiers.take();
    rows.price_tiers.add(
        tier_id, {.id = tier_id, .performance = id, .name = tier.name, .price = tier.price});
    rows.tiers_of[id].push_back(tier_id);
  }
  rows.records.emplace_back(CatalogueChanged{What::performance, id.value});
  return {CreatePerformanceResult::created, performance};
}

// ---- seats -------------------------------------------------------------------------

void footprint(const CreateSeats& command, const Policy&, Footprint& need) {
  need.performances.push_back(command.performance);
  need.fresh.seats += command.plan->seats.size();
}

CreateSeatsOutcome decide(Rows& rows, const CreateSeats& command, Timestamp, const Policy&) {
  const Performance* found = rows.performances.find(command.performance);
  if (!found) return {.result = CreateSeatsResult::performance_not_found};
  if (found->seat_count > 0) return {.result = CreateSeatsResult::has_seats};
  const auto tiers = tiers_by_name(rows, command.performance);
  CreateSeatsOutcome unknown{.result = CreateSeatsResult::unknown_tier};
  for (const PlanCategory& category : command.plan->categories) {
    if (!tiers.contains(category.name)) unknown.unknown_tiers.push_back(category.name);
  }
  if (!unknown.unknown_tiers.empty()) return unknown;

  constexpr double zero = 0.0;  // makes one of minus zero, which not every store tells from it
  rows.new_seats.reserve(rows.new_seats.size() + command.plan->seats.size());
  for (const PlanSeat& planned : command.plan->seats) {
    const PriceTier& tier = *tiers.at(planned.category);
    rows.new_seats.push_back({.seat = {.id = rows.ids.seats.take(),
                                       .performance = command.performance,
                                       .label = planned.label,
                                       .price = tier.price},
                              .place = {.guid = planned.guid,
                                        .section = planned.section,
                                        .row = planned.row,
                                        .number = planned.number,
                                        .tier = tier.id,
                                        .x = planned.x + zero,
                                        .y = planned.y + zero}});
  }
  const auto count = static_cast<std::int64_t>(command.plan->seats.size());
  rows.performances.change(command.performance).seat_count = count;
  rows.records.emplace_back(CatalogueChanged{What::seats, command.performance.value});
  return {.result = CreateSeatsResult::created, .seat_count = count};
}

}  // namespace onsale::domain
