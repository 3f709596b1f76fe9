#include "engine/views/seat_map.h"

#include <algorithm>
#include <map>

namespace onsale::engine {

std::optional<std::size_t> SeatLayout::index_of(domain::SeatId id) const {
  if (seats.empty() || id < seats.front().id) return std::nullopt;
  // An import hands out consecutive ids, so the first guess is nearly always right.
  const auto guess = static_cast<std::size_t>(id.value - seats.front().id.value);
  if (guess < seats.size() && seats[guess].id == id) return guess;
  const auto at = std::ranges::lower_bound(seats, id, {}, &PlacedSeat::id);
  if (at == seats.end() || at->id != id) return std::nullopt;
  return static_cast<std::size_t>(at - seats.begin());
}

domain::SeatStatus status_after(domain::ReservationStep step) {
  switch (step) {
    case domain::ReservationStep::held:
      return domain::SeatStatus::held;
    case domain::ReservationStep::paid:
      return domain::SeatStatus::sold;
    case domain::ReservationStep::canceled:
    case domain::ReservationStep::expired:
      return domain::SeatStatus::available;
  }
  std::unreachable();
}

namespace {

/// Gives each text one number.
class Names {
 public:
  std::uint32_t number_of(const std::string& text) {
    const auto [at, fresh] = index_.try_emplace(text, static_cast<std::uint32_t>(texts.size()));
    if (fresh) texts.push_back(text);
    return at->second;
  }
  std::vector<std::string> texts;

 private:
  std::map<std::string, std::uint32_t> index_;
};

store::Result<std::map<domain::PriceTierId, std::string>> tier_names(
    store::Reader& reader, domain::PerformanceId performance) {
  std::map<domain::PriceTierId, std::string> names;
  auto read = reader.each_price_tier([&](const domain::PriceTier& tier) {
    if (tier.performance == performance) names.emplace(tier.id, tier.name);
  });
  if (!read) return std::unexpected(read.error());
  return names;
}

}  // namespace

store::Result<std::shared_ptr<const SeatMap>> load_seat_map(store::Reader& reader,
                                                            domain::PerformanceId performance,
                                                            std::int64_t version) {
  const auto tiers = tier_names(reader, performance);
  if (!tiers) return std::unexpected(tiers.error());
  auto layout = std::make_shared<SeatLayout>();
  auto map = std::make_shared<SeatMap>();
  Names names;
  auto read = reader.each_seat(performance, [&](const store::SeatOnMap& row) {
    const auto tier = tiers->find(row.place.tier);
    layout->seats.push_back({.id = row.seat.id,
                             .price = row.seat.price,
                             .label = row.seat.label,
                             .section = names.number_of(row.place.section),
                             .row = names.number_of(row.place.row),
                             .tier = names.number_of(tier == tiers->end() ? "" : tier->second),
                             .x = static_cast<float>(row.place.x),
                             .y = static_cast<float>(row.place.y)});
    map->status.push_back(row.seat.status);
    if (row.seat.status == domain::SeatStatus::available) ++map->available;
  });
  if (!read) return std::unexpected(read.error());
  layout->names = std::move(names.texts);
  if (!layout->seats.empty()) {
    layout->price_from = std::ranges::min(layout->seats, {}, &PlacedSeat::price).price;
  }
  map->performance = performance;
  map->version = version;
  map->changed_at = SharedVector(layout->seats.size(), version);
  map->changes_since = version;
  map->layout = std::move(layout);
  return map;
}

}  // namespace onsale::engine
