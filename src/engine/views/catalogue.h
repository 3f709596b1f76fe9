// The catalogue as readers see it: an immutable snapshot, replaced when an organiser
// changes something. Seat maps hang on it, one cell per performance.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/model.h"
#include "engine/views/published.h"
#include "engine/views/seat_map.h"
#include "engine/views/waiting_room_view.h"

namespace onsale::engine {

struct Catalogue {
  /// Stands for venues, events and performances as they are.
  struct Shows {};
  struct PerformanceEntry {
    domain::Performance performance;
    std::vector<domain::PriceTier> tiers;  ///< by id
    std::shared_ptr<Seats> seats;          ///< never null
  };
  /// When a performance begins.
  struct Beginning {
    domain::Timestamp at;
    domain::PerformanceId performance;

    auto operator<=>(const Beginning&) const = default;
  };
  using Beginnings = std::vector<Beginning>;

  std::map<domain::VenueId, domain::Venue> venues;
  std::map<domain::RoomId, domain::WaitingRoom> rooms;  ///< policy; the counts are not kept up
  std::map<domain::EventId, domain::Event> events;
  std::map<domain::PerformanceId, PerformanceEntry> performances;
  std::map<domain::EventId, std::vector<domain::PerformanceId>> performances_of;  ///< by id
  /// The same object for as long as nothing changed but rooms: whoever keeps it can tell.
  std::shared_ptr<const Shows> shows = std::make_shared<const Shows>();

  [[nodiscard]] const domain::Event* event(domain::EventId id) const;
  [[nodiscard]] const PerformanceEntry* performance(domain::PerformanceId id) const;

  // Those who look for what is still ahead do not walk through what is over.

  /// Performances that begin after `time`, by beginning: of all events, or of one.
  [[nodiscard]] std::span<const Beginning> beginning_after(domain::Timestamp time) const;
  [[nodiscard]] std::span<const Beginning> beginning_after(domain::EventId event,
                                                           domain::Timestamp time) const;
  /// The performance of a seat, if its seats were in memory when this was made and their ids follow
  /// each other, as those of an import do; else ask the store.
  [[nodiscard]] std::optional<domain::PerformanceId> performance_with(domain::SeatId seat) const;

  /// Finds out what those questions need. To be called when performances and their seats are there.
  void index();

 private:
  struct SeatRange {
    domain::SeatId first;
    domain::PerformanceId performance;
  };
  Beginnings beginnings_;
  std::map<domain::EventId, Beginnings> beginnings_of_;
  std::vector<SeatRange> seat_ranges_;  // of those in memory, by first
};

/// Reads the catalogue. Seat map cells of performances in `previous` are carried over;
/// cells of new ones are empty.
[[nodiscard]] store::Result<std::shared_ptr<Catalogue>> load_catalogue(store::Reader& reader,
                                                                       const Catalogue* previous);

/// What the price tiers of those performances are called.
[[nodiscard]] TierNames tier_names(const Catalogue& catalogue,
                                   const std::vector<domain::PerformanceId>& performances);

}  // namespace onsale::engine
