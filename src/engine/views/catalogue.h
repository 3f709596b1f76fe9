// The catalogue as readers see it: an immutable snapshot, replaced when an organiser
// changes something. Seat maps hang on it, one cell per performance.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "domain/model.h"
#include "engine/views/published.h"
#include "engine/views/seat_map.h"
#include "engine/views/waiting_room_view.h"

namespace onsale::engine {

struct Catalogue {
  struct PerformanceEntry {
    domain::Performance performance;
    std::vector<domain::PriceTier> tiers;  ///< by id
    std::shared_ptr<Published<SeatMap>> seats;
  };
  std::map<domain::VenueId, domain::Venue> venues;
  std::map<domain::RoomId, domain::WaitingRoom> rooms;  ///< policy; the counts are not kept up
  std::map<domain::EventId, domain::Event> events;
  std::map<domain::PerformanceId, PerformanceEntry> performances;
  std::map<domain::EventId, std::vector<domain::PerformanceId>> performances_of;  ///< by id

  [[nodiscard]] const domain::Event* event(domain::EventId id) const;
  [[nodiscard]] const PerformanceEntry* performance(domain::PerformanceId id) const;
};

/// Reads the catalogue. Seat map cells of performances in `previous` are carried over;
/// cells of new ones are empty.
[[nodiscard]] store::Result<std::shared_ptr<Catalogue>> load_catalogue(store::Reader& reader,
                                                                       const Catalogue* previous);

}  // namespace onsale::engine
