// All that is answered from memory: catalogue, seat maps, waiting rooms. Built from the
// store at start, then kept up by the journal's records alone; it can be thrown away at any
// time. Any thread may call anything; those that change it wait for each other, those that read
// wait for nobody.
//
// Where nobody else writes to the store, a batch is followed from the working set that wrote it.
// Where others do, the journal is asked after every commit what there is, own or others', and all
// of it is followed in the journal's order; records of own batches are taken from the working
// set.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "domain/policy.h"
#include "domain/records.h"
#include "engine/hearing.h"
#include "engine/views/catalogue.h"
#include "engine/views/published.h"
#include "engine/views/seat_map.h"
#include "engine/views/waiting_room_view.h"
#include "store/store.h"

namespace onsale::engine {

class Views {
 public:
  enum class Writers { only_we, others_too };

  explicit Views(const domain::Policy& policy, Writers writers = Writers::only_we)
      : policy_(policy), writers_(writers) {}

  /// Replaces everything by what the store holds now.
  [[nodiscard]] store::Result<void> rebuild(store::Reader& reader);

  /// A batch of this process. It is named before it is committed, and `records` must stay as they
  /// are until it was followed or withdrawn.
  void announce(const store::BatchId& batch, std::span<const domain::Record> records);
  /// The announced batch was not committed, or nobody knows.
  void withdraw(const store::BatchId& batch);
  /// The announced batch was committed: shows it, and whatever others committed before. `reader` is
  /// asked for that, and when the catalogue changed. What goes wrong here cannot undo the commit:
  /// the views are forgotten and read anew by the next call or refresh().
  void apply(const store::BatchId& batch, domain::JournalId version, domain::Timestamp now,
             store::Reader& reader) noexcept;
  /// Shows what others have committed by now. An error loses nothing: the next call goes on where
  /// this one began.
  store::Result<void> catch_up(store::Reader& reader) noexcept;

  /// The views may have missed something: read them anew at the next opportunity.
  void forget();
  /// Reads them anew if they were forgotten; tries again at the next call if that fails.
  store::Result<void> refresh(store::Reader& reader) noexcept;

  /// Whether people can be heard; the views ask it, and are not who knows it.
  [[nodiscard]] Hearing& hearing() { return hearing_; }
  [[nodiscard]] const Hearing& hearing() const { return hearing_; }
  /// When a visitor was last heard of here in the state that it is in; none if it was not.
  [[nodiscard]] std::optional<domain::Timestamp> last_heard(const domain::Visitor& visitor) const;
  /// The defaults that a server on this store, this one or another, has declared last; null if
  /// none has while these views were there.
  [[nodiscard]] std::shared_ptr<const domain::Policy> declared() const { return declared_.get(); }

  [[nodiscard]] std::shared_ptr<const Catalogue> catalogue() const { return catalogue_.get(); }
  /// Null when there is no such performance.
  [[nodiscard]] std::shared_ptr<const SeatMap> seat_map(domain::PerformanceId id) const;
  /// The seat map that has this seat; null when there is no such seat.
  [[nodiscard]] std::shared_ptr<const SeatMap> seat_map_with(domain::SeatId seat) const;
  /// Null when there is no such room.
  [[nodiscard]] std::shared_ptr<WaitingRoomView> room(domain::RoomId id) const;
  /// The room in which a token is live.
  [[nodiscard]] std::optional<domain::RoomId> room_of(const domain::VisitorToken& token) const;
  /// The live visitor of a token in whatever room it is.
  [[nodiscard]] std::optional<VisitorView> visitor(const domain::VisitorToken& token,
                                                   domain::Timestamp now) const;

 private:
  using Rooms = std::map<domain::RoomId, std::shared_ptr<WaitingRoomView>>;
  class SeatMapEdits;
  using Announced = std::map<store::BatchId, std::span<const domain::Record>>;

  [[nodiscard]] Announced announced() const;
  void forget_announced(const store::BatchId& batch);
  [[nodiscard]] store::Result<void> read_all(store::Reader& reader);
  store::Result<void> refresh_locked(store::Reader& reader) noexcept;
  store::Result<void> catch_up_locked(store::Reader& reader) noexcept;
  void follow(std::span<const domain::Record> records, domain::JournalId version,
              domain::Timestamp now, store::Reader& reader);
  [[nodiscard]] store::Result<void> reload(std::span<const domain::CatalogueChanged> changes,
                                           domain::JournalId version, store::Reader& reader);
  void follow_rooms(std::span<const domain::Record> records);
  void publish_rooms(const Catalogue& catalogue);
  [[nodiscard]] std::shared_ptr<WaitingRoomView> view_of(const domain::WaitingRoom& room) const;
  static void count_seats(const Catalogue& catalogue, const Rooms& rooms);

  const domain::Policy policy_;
  const Writers writers_;
  Hearing hearing_;
  Published<Catalogue> catalogue_;
  Published<Rooms> rooms_;
  Published<domain::Policy> declared_;

  std::mutex changing_;  // guards what follows, and the order of all changes
  bool stale_ = false;
  store::JournalMark followed_;  // where others write too

  mutable std::mutex announcing_;  // guards what follows; taken last, for moments only
  Announced announced_;
};

}  // namespace onsale::engine
