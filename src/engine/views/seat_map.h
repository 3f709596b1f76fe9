// The seats of one performance as buyers see them: an immutable snapshot with a version,
// replaced after each commit that changed a seat of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
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
  /// What a map shows is exactly what the journal's entries up to this position did to its seats.
  /// It grows with every change, also across restarts and from node to node.
  std::int64_t version = 0;
  std::shared_ptr<const SeatLayout> layout;
  SharedVector<domain::SeatStatus> status;  ///< beside layout->seats
  SharedVector<std::int64_t> changed_at;    ///< version of each seat's last change
  std::int64_t changes_since = 0;           ///< the oldest version changes are known since
  std::int64_t available = 0;

  /// Changes one seat, as the entry at `at` did. A seat that is not there stays so.
  void set(domain::SeatId seat, domain::SeatStatus to, std::int64_t at);
};

/// What a list says of a performance's seats.
struct SeatSummary {
  std::int64_t available = 0;
  domain::Money price_from;
};

/// The seat map of one performance, if it is in memory. Any thread may ask; one at a time changes.
///
///     seats.keep(map);    // the performance is ahead: it stays
///     seats.let_go();     // it is over: the map goes with the last who uses it
///     seats.lend(map);    // somebody asked for it all the same: here for as long as that one has
///     it
class Seats {
 public:
  /// Null if it is not in memory.
  [[nodiscard]] std::shared_ptr<const SeatMap> get() const;
  /// Also of a map that has gone, unless its seats changed since; none if nobody has asked yet.
  [[nodiscard]] std::optional<SeatSummary> summary() const;
  [[nodiscard]] bool kept() const;

  void keep(std::shared_ptr<const SeatMap> map);
  void lend(const std::shared_ptr<const SeatMap>& map);
  void let_go();
  /// The seats are different now, and the map that is not kept was not changed with them.
  void forget();

 private:
  void summarise(const SeatMap& map);

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const SeatMap> kept_;
  std::weak_ptr<const SeatMap> lent_;
  std::optional<SeatSummary> summary_;
};

/// What each price tier is called.
using TierNames = std::map<domain::PriceTierId, std::string>;
/// The seat maps of some performances; one that has no seats has an empty map.
using SeatMaps = std::map<domain::PerformanceId, std::shared_ptr<SeatMap>>;

/// Reads the seats of `performances`, whose ids ascend. `version` becomes the version of the maps.
[[nodiscard]] store::Result<SeatMaps> load_seat_maps(
    store::Reader& reader, const std::vector<domain::PerformanceId>& performances,
    const TierNames& tiers, std::int64_t version);

/// The status that a reservation's step leaves its seats in.
[[nodiscard]] domain::SeatStatus status_after(domain::ReservationStep step);

}  // namespace onsale::engine
