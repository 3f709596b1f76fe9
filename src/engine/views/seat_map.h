// The seats of one performance as buyers see them: an immutable snapshot with a version,
// replaced after each commit that changed a seat of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "domain/model.h"
#include "domain/records.h"
#include "engine/views/shared_vector.h"
#include "store/store.h"

namespace onsale::engine {

/// What never changes about a seat on sale.
struct PlacedSeat {
  domain::SeatId id;
  domain::Money price;
  std::string label;
  std::uint32_t section = 0;  ///< index into SeatLayout::names
  std::uint32_t row = 0;      ///< index into SeatLayout::names
  std::uint32_t tier = 0;     ///< index into SeatLayout::names
  float x = 0;
  float y = 0;
};

/// The plan of a performance, shared by all versions of its seat map.
struct SeatLayout {
  std::vector<PlacedSeat> seats;   ///< ascending by id
  std::vector<std::string> names;  ///< sections, rows and price tiers, each once
  domain::Money price_from;        ///< the lowest price; 0 without seats

  /// Position of a seat in `seats`, or none.
  [[nodiscard]] std::optional<std::size_t> index_of(domain::SeatId id) const;
};

struct SeatMap {
  domain::PerformanceId performance;
  /// Journal position of the last change: grows with every change, also across restarts.
  std::int64_t version = 0;
  std::shared_ptr<const SeatLayout> layout;
  SharedVector<domain::SeatStatus> status;  ///< beside layout->seats
  SharedVector<std::int64_t> changed_at;    ///< version of each seat's last change
  std::int64_t changes_since = 0;           ///< the oldest version changes are known since
  std::int64_t available = 0;
};

/// Reads a performance's seats. `version` becomes the version of the map.
[[nodiscard]] store::Result<std::shared_ptr<const SeatMap>> load_seat_map(
    store::Reader& reader, domain::PerformanceId performance, std::int64_t version);

/// The status that a reservation's step leaves its seats in.
[[nodiscard]] domain::SeatStatus status_after(domain::ReservationStep step);

}  // namespace onsale::engine
