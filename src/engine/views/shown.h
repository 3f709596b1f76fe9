// One complete set of views: read from the store once, then following the journal's records. While
// one is shown another can be read beside it and take its place.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "domain/policy.h"
#include "domain/records.h"
#include "engine/clock.h"
#include "engine/hearing.h"
#include "engine/views/catalogue.h"
#include "engine/views/published.h"
#include "engine/views/recent_seats.h"
#include "engine/views/seat_map.h"
#include "engine/views/visitor_rooms.h"
#include "engine/views/waiting_room_view.h"
#include "store/store.h"

namespace onsale::engine {

/// All waiting rooms, and who is in which.
struct Rooms {
  std::map<domain::RoomId, std::shared_ptr<WaitingRoomView>> by_id;
  std::shared_ptr<VisitorRooms> visitors = std::make_shared<VisitorRooms>();

  /// Null when there is no such room.
  [[nodiscard]] std::shared_ptr<WaitingRoomView> room(domain::RoomId id) const;
  /// The room in which a token is live; null if it is in none.
  [[nodiscard]] std::shared_ptr<WaitingRoomView> room_of(const domain::VisitorToken& token) const;
};

/// Where in the journal something was read.
struct Place {
  store::JournalMark mark;
  domain::JournalId end;  ///< the highest position committed by then
};

/// Any thread may read what is published; one at a time changes it.
class Shown {
 public:
  /// What it is told must outlive it. `others_decide`: not only this process decides what is due.
  Shown(const domain::Policy& policy, const Clock& clock, const Hearing& hearing,
        bool others_decide)
      : policy_(policy), clock_(clock), hearing_(hearing), others_decide_(others_decide) {}

  /// Becomes what the store holds: seats only of performances that are not over. What is followed
  /// from the place until another one takes over was not there when it was read, though some of its
  /// positions may be below the place's end.
  [[nodiscard]] store::Result<Place> read(store::Reader& reader);
  /// What a batch did; nothing to seats that were read after it. `reader` is asked when the
  /// catalogue changed; throws if that fails, and then half of it may be shown.
  void follow(std::span<const domain::Record> records, domain::JournalId version,
              domain::Timestamp now, store::Reader& reader);
  /// The seats of performances that are over by now leave the memory. False if the clock was set
  /// back so far that some of them are ahead again: read anew.
  [[nodiscard]] bool let_go_of_past();
  /// Shows the seats of a performance that is not in memory for as long as somebody uses them. The
  /// map that is there if somebody else was first.
  std::shared_ptr<const SeatMap> lend(std::shared_ptr<SeatMap> map);
  /// Becomes the other one, which is not to be used any more.
  void take_over(Shown& other);

  Published<Catalogue> catalogue;
  Published<Rooms> rooms;
  /// The defaults that a server on this store has declared last; null if none has since it was
  /// read.
  Published<domain::Policy> declared;

 private:
  class SeatMapEdits;
  using Performances = std::vector<domain::PerformanceId>;

  [[nodiscard]] Performances ahead(const Catalogue& of) const;
  [[nodiscard]] store::Result<void> reload(std::span<const domain::CatalogueChanged> changes,
                                           domain::JournalId version, store::Reader& reader);
  void follow_rooms(std::span<const domain::Record> records);
  void publish_rooms(const Catalogue& of);
  [[nodiscard]] std::shared_ptr<WaitingRoomView> view_of(const domain::WaitingRoom& room) const;
  static void count_seats(const Catalogue& of, const Rooms& in);

  const domain::Policy& policy_;
  const Clock& clock_;
  const Hearing& hearing_;
  const bool others_decide_;
  domain::Timestamp past_until_;  // what begins later is kept
  RecentSeats recent_;
  bool reading_ = false;  // what is followed comes on top of what was read
};

}  // namespace onsale::engine
