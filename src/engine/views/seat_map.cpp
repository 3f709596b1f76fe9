#include "engine/views/seat_map.h"

#include <algorithm>
#include <limits>
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

/// Puts a seat map together, seat by seat in the order of their ids.
class Builder {
 public:
  Builder(domain::PerformanceId performance, std::int64_t version) : version_(version) {
    map_->performance = performance;
    map_->version = map_->changes_since = version;
  }

  void add(const store::SeatOnMap& row, const TierNames& tiers) {
    const auto tier = tiers.find(row.place.tier);
    layout_->seats.push_back({.id = row.seat.id,
                              .price = row.seat.price,
                              .label = row.seat.label,
                              .section = names_.number_of(row.place.section),
                              .row = names_.number_of(row.place.row),
                              .tier = names_.number_of(tier == tiers.end() ? "" : tier->second),
                              .x = static_cast<float>(row.place.x),
                              .y = static_cast<float>(row.place.y)});
    map_->status.push_back(row.seat.status);
    if (row.seat.status == domain::SeatStatus::available) ++map_->available;
  }

  std::shared_ptr<SeatMap> done() {
    layout_->names = std::move(names_.texts);
    layout_->seats.shrink_to_fit();
    if (!layout_->seats.empty()) {
      layout_->price_from = std::ranges::min(layout_->seats, {}, &PlacedSeat::price).price;
    }
    map_->changed_at = SharedVector(layout_->seats.size(), version_);
    map_->layout = std::move(layout_);
    return std::move(map_);
  }

 private:
  const std::int64_t version_;
  std::shared_ptr<SeatMap> map_ = std::make_shared<SeatMap>();
  std::shared_ptr<SeatLayout> layout_ = std::make_shared<SeatLayout>();
  Names names_;
};

}  // namespace

void SeatMap::set(domain::SeatId seat, domain::SeatStatus to, std::int64_t at) {
  const auto index = layout->index_of(seat);
  if (!index) return;
  if (status[*index] == domain::SeatStatus::available) --available;
  if (to == domain::SeatStatus::available) ++available;
  status.set(*index, to);
  changed_at.set(*index, at);
}

std::shared_ptr<const SeatMap> Seats::get() const {
  const std::lock_guard lock(mutex_);
  return kept_ ? kept_ : lent_.lock();
}

std::optional<SeatSummary> Seats::summary() const {
  const std::lock_guard lock(mutex_);
  return summary_;
}

bool Seats::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_ != nullptr;
}

void Seats::keep(std::shared_ptr<const SeatMap> map) {
  const std::lock_guard lock(mutex_);
  summarise(*map);
  kept_.swap(map);
}

void Seats::lend(const std::shared_ptr<const SeatMap>& map) {
  const std::lock_guard lock(mutex_);
  summarise(*map);
  lent_ = map;
}

void Seats::let_go() {
  const std::lock_guard lock(mutex_);
  lent_ = kept_;
  kept_.reset();
}

void Seats::forget() {
  const std::lock_guard lock(mutex_);
  lent_.reset();
  summary_.reset();
}

void Seats::summarise(const SeatMap& map) {
  summary_ = {.available = map.available, .price_from = map.layout->price_from};
}

store::Result<SeatMaps> load_seat_maps(store::Reader& reader,
                                       const std::vector<domain::PerformanceId>& performances,
                                       const TierNames& tiers, std::int64_t version) {
  SeatMaps maps;
  auto next = performances.begin();
  std::optional<Builder> building;
  const auto finish_until = [&](domain::PerformanceId id) {
    for (; next != performances.end() && *next < id; ++next) {
      if (!building) building.emplace(*next, version);
      maps.emplace(*next, building->done());
      building.reset();
    }
  };
  auto read = reader.each_seat_of(performances, [&](const store::SeatOnMap& row) {
    finish_until(row.seat.performance);
    if (!building) building.emplace(row.seat.performance, version);
    building->add(row, tiers);
  });
  if (!read) return std::unexpected(read.error());
  finish_until({std::numeric_limits<std::int64_t>::max()});
  return maps;
}

}  // namespace onsale::engine
