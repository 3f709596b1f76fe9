#include "engine/views/catalogue.h"

#include <algorithm>

namespace onsale::engine {
namespace {

std::span<const Catalogue::Beginning> after(const Catalogue::Beginnings& all,
                                            domain::Timestamp time) {
  const auto from = std::ranges::upper_bound(all, time, {}, &Catalogue::Beginning::at);
  return {from, all.end()};
}

}  // namespace

const domain::Event* Catalogue::event(domain::EventId id) const {
  const auto at = events.find(id);
  return at == events.end() ? nullptr : &at->second;
}

const Catalogue::PerformanceEntry* Catalogue::performance(domain::PerformanceId id) const {
  const auto at = performances.find(id);
  return at == performances.end() ? nullptr : &at->second;
}

std::span<const Catalogue::Beginning> Catalogue::beginning_after(domain::Timestamp time) const {
  return after(beginnings_, time);
}

std::span<const Catalogue::Beginning> Catalogue::beginning_after(domain::EventId event,
                                                                 domain::Timestamp time) const {
  const auto of = beginnings_of_.find(event);
  return of == beginnings_of_.end() ? std::span<const Beginning>() : after(of->second, time);
}

std::optional<domain::PerformanceId> Catalogue::performance_with(domain::SeatId seat) const {
  auto range = std::ranges::upper_bound(seat_ranges_, seat, {}, &SeatRange::first);
  if (range == seat_ranges_.begin()) return std::nullopt;
  const domain::PerformanceId id = (--range)->performance;
  const auto map = performances.at(id).seats->get();
  return map && map->layout->index_of(seat) ? std::optional(id) : std::nullopt;
}

void Catalogue::index() {
  beginnings_.clear();
  beginnings_of_.clear();
  seat_ranges_.clear();
  for (const auto& [id, entry] : performances) {
    const Beginning beginning{entry.performance.starts_at, id};
    beginnings_.push_back(beginning);
    beginnings_of_[entry.performance.event].push_back(beginning);
    const auto map = entry.seats->get();
    if (map && !map->layout->seats.empty()) {
      seat_ranges_.push_back({map->layout->seats.front().id, id});
    }
  }
  std::ranges::sort(beginnings_);
  for (auto& [event, beginnings] : beginnings_of_) std::ranges::sort(beginnings);
  std::ranges::sort(seat_ranges_, {}, &SeatRange::first);
}

store::Result<std::shared_ptr<Catalogue>> load_catalogue(store::Reader& reader,
                                                         const Catalogue* previous) {
  auto catalogue = std::make_shared<Catalogue>();
  const auto add_performance = [&](const domain::Performance& row) {
    auto& entry = catalogue->performances[row.id];
    entry.performance = row;
    const auto* known = previous ? previous->performance(row.id) : nullptr;
    entry.seats = known ? known->seats : std::make_shared<Seats>();
    catalogue->performances_of[row.event].push_back(row.id);
  };
  const auto add_tier = [&](const domain::PriceTier& row) {
    catalogue->performances[row.performance].tiers.push_back(row);
  };
  auto read =
      reader.each_venue([&](const domain::Venue& row) { catalogue->venues.emplace(row.id, row); });
  if (read) {
    read = reader.each_room(
        [&](const domain::WaitingRoom& row) { catalogue->rooms.emplace(row.id, row); });
  }
  if (read) {
    read = reader.each_event(
        [&](const domain::Event& row) { catalogue->events.emplace(row.id, row); });
  }
  if (read) read = reader.each_performance(add_performance);
  if (read) read = reader.each_price_tier(add_tier);
  if (!read) return std::unexpected(read.error());
  return catalogue;
}

TierNames tier_names(const Catalogue& catalogue,
                     const std::vector<domain::PerformanceId>& performances) {
  TierNames names;
  for (const auto id : performances) {
    for (const auto& tier : catalogue.performances.at(id).tiers) names.emplace(tier.id, tier.name);
  }
  return names;
}

}  // namespace onsale::engine
