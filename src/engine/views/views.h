// All that is answered from memory: catalogue, seat maps, waiting rooms. Built from the
// store at start, then kept up by the journal's records alone; it can be thrown away at any
// time. One thread writes (the committer), any thread reads.
#pragma once

#include <map>
#include <memory>
#include <span>

#include "domain/policy.h"
#include "domain/records.h"
#include "engine/views/catalogue.h"
#include "engine/views/published.h"
#include "engine/views/seat_map.h"
#include "engine/views/waiting_room_view.h"
#include "store/store.h"

namespace onsale::engine {

class Views {
 public:
  explicit Views(const domain::Policy& policy) : policy_(policy) {}

  /// Replaces everything by what the store holds now.
  [[nodiscard]] store::Result<void> rebuild(store::Reader& reader);

  /// Follows one committed batch. `reader` is asked only when the catalogue changed. What
  /// goes wrong here cannot undo the commit: the views are forgotten and read anew by the
  /// next apply() or refresh().
  void apply(std::span<const domain::Record> records, domain::JournalId version,
             domain::Timestamp now, store::Reader& reader) noexcept;

  /// The views may have missed something: read them anew at the next opportunity.
  void forget() { stale_ = true; }
  /// Reads them anew if they were forgotten; tries again at the next call if that fails.
  void refresh(store::Reader& reader) noexcept;

  /// The visitor's sign of life could not be written down: the next look asks again.
  void touch_failed(const domain::VisitorToken& token) const;

  [[nodiscard]] std::shared_ptr<const Catalogue> catalogue() const { return catalogue_.get(); }
  /// Null when there is no such performance.
  [[nodiscard]] std::shared_ptr<const SeatMap> seat_map(domain::PerformanceId id) const;
  /// The seat map that has this seat; null when there is no such seat.
  [[nodiscard]] std::shared_ptr<const SeatMap> seat_map_with(domain::SeatId seat) const;
  /// Null when there is no such room.
  [[nodiscard]] std::shared_ptr<WaitingRoomView> room(domain::RoomId id) const;
  /// The live visitor of a token in whatever room it is.
  [[nodiscard]] std::optional<VisitorView> visitor(const domain::VisitorToken& token,
                                                   domain::Timestamp now) const;

 private:
  using Rooms = std::map<domain::RoomId, std::shared_ptr<WaitingRoomView>>;
  class SeatMapEdits;

  void follow(std::span<const domain::Record> records, domain::JournalId version,
              domain::Timestamp now, store::Reader& reader);
  [[nodiscard]] store::Result<void> reload(std::span<const domain::CatalogueChanged> changes,
                                           domain::JournalId version, store::Reader& reader);
  void follow_rooms(std::span<const domain::Record> records);
  void publish_rooms(const Catalogue& catalogue);
  static void count_seats(const Catalogue& catalogue, const Rooms& rooms);

  const domain::Policy policy_;
  Published<Catalogue> catalogue_;
  Published<Rooms> rooms_;
  bool stale_ = false;  // the writer's own
};

}  // namespace onsale::engine
