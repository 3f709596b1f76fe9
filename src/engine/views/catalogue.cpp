#include "engine/views/catalogue.h"

namespace onsale::engine {

const domain::Event* Catalogue::event(domain::EventId id) const {
  const auto at = events.find(id);
  return at == events.end() ? nullptr : &at->second;
}

const Catalogue::PerformanceEntry* Catalogue::performance(domain::PerformanceId id) const {
  const auto at = performances.find(id);
  return at == performances.end() ? nullptr : &at->second;
}

store::Result<std::shared_ptr<Catalogue>> load_catalogue(store::Reader& reader,
                                                         const Catalogue* previous) {
  auto catalogue = std::make_shared<Catalogue>();
  const auto add_performance = [&](const domain::Performance& row) {
    auto& entry = catalogue->performances[row.id];
    entry.performance = row;
    const auto* known = previous ? previous->performance(row.id) : nullptr;
    entry.seats = known ? known->seats : std::make_shared<Published<SeatMap>>();
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

}  // namespace onsale::engine
