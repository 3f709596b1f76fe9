// All that is answered from memory: catalogue, seat maps, waiting rooms. Built from the
// store at start, then kept up by the journal's records alone; it can be thrown away at any
// time. Any thread may call anything; those that change it wait for each other, those that read
// wait for nobody.
//
// Where nobody else writes to the store, a batch is followed from the working set that wrote it.
// Where others do, the journal is asked after every commit what there is, own or others', and all
// of it is followed in the journal's order; records of own batches are taken from the working
// set.
//
// When they may have missed something they are read anew, beside what is shown and without holding
// anybody up: batches are committed and answered meanwhile, and show when the new ones, having
// followed the journal up to then, take the place of the old ones. Until then everybody sees what
// was shown last, and does not find there what they have just written; what is decided, and what is
// read from the store (reservations, tickets, wallets, visitors that no view has), is as it should
// be. behind() says for how long that has been so.
//
// Seats of performances that are over (domain::is_over) are not in memory, unless somebody has
// asked for them lately.
#pragma once

#include <atomic>
#include <chrono>
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
#include "engine/views/seat_map.h"
#include "engine/views/shown.h"
#include "engine/views/waiting_room_view.h"
#include "store/store.h"

namespace onsale::engine {

class Views {
 public:
  enum class Writers { only_we, others_too };

  /// `clock` must outlive them.
  Views(const domain::Policy& policy, const Clock& clock, Writers writers = Writers::only_we)
      : policy_(policy),
        clock_(clock),
        writers_(writers),
        shown_(policy_, clock_, hearing_, writers == Writers::others_too) {}

  /// Replaces everything by what the store holds now.
  [[nodiscard]] store::Result<void> rebuild(store::Reader& reader);

  /// A batch of this process. It is named before it is committed, and `records` must stay as they
  /// are until it was followed or withdrawn.
  void announce(const store::BatchId& batch, std::span<const domain::Record> records);
  /// The announced batch was not committed, or nobody knows.
  void withdraw(const store::BatchId& batch);
  /// The announced batch was committed: shows it, and whatever others committed before. `reader` is
  /// asked for that, and when the catalogue changed. What goes wrong here cannot undo the commit:
  /// the views are forgotten, to be read anew.
  void apply(const store::BatchId& batch, domain::JournalId version, domain::Timestamp now,
             store::Reader& reader) noexcept;
  /// Shows what others have committed by now, lets go of what is over, and reads everything anew
  /// if it was forgotten. An error loses nothing: the next call goes on where this one began.
  store::Result<void> catch_up(store::Reader& reader) noexcept;

  /// The views may have missed something: read them anew at the next opportunity.
  void forget();
  /// Reads them anew if they were forgotten; tries again at the next call if that fails.
  store::Result<void> refresh(store::Reader& reader) noexcept;
  /// For how long they have not shown all there is: zero while they do, and for less than a second.
  [[nodiscard]] domain::Duration behind() const;

  /// The seat maps of performances, read from the store where they are not in memory, and shown for
  /// as long as somebody uses them. Without those that are not in the catalogue. Takes as long as
  /// the store does. The error is `unavailable` also when a batch that is being committed does not
  /// come to its end.
  [[nodiscard]] store::Result<std::map<domain::PerformanceId, std::shared_ptr<const SeatMap>>>
  fetch_seat_maps(std::vector<domain::PerformanceId> performances, store::Reader& reader);

  /// Whether people can be heard; the views ask it, and are not who knows it.
  [[nodiscard]] Hearing& hearing() { return hearing_; }
  [[nodiscard]] const Hearing& hearing() const { return hearing_; }
  /// When a visitor was last heard of here in the state that it is in; none if it was not.
  [[nodiscard]] std::optional<domain::Timestamp> last_heard(const domain::Visitor& visitor) const;
  /// The defaults that a server on this store, this one or another, has declared last; null if
  /// none has while these views were there.
  [[nodiscard]] std::shared_ptr<const domain::Policy> declared() const {
    return shown_.declared.get();
  }

  [[nodiscard]] std::shared_ptr<const Catalogue> catalogue() const {
    return shown_.catalogue.get();
  }
  /// Null when there is no such performance, or its seats are not in memory.
  [[nodiscard]] std::shared_ptr<const SeatMap> seat_map(domain::PerformanceId id) const;
  /// Null when there is no such room.
  [[nodiscard]] std::shared_ptr<WaitingRoomView> room(domain::RoomId id) const;
  /// The room in which a token is live.
  [[nodiscard]] std::optional<domain::RoomId> room_of(const domain::VisitorToken& token) const;
  /// The live visitor of a token in whatever room it is.
  [[nodiscard]] std::optional<VisitorView> visitor(const domain::VisitorToken& token,
                                                   domain::Timestamp now) const;

 private:
  using Steady = std::chrono::steady_clock;
  using Announced = std::map<store::BatchId, std::span<const domain::Record>>;

  [[nodiscard]] Announced announced() const;
  void forget_announced(const store::BatchId& batch);
  [[nodiscard]] store::Result<void> read_anew(store::Reader& reader);
  store::Result<void> catch_up_locked(store::Reader& reader) noexcept;
  void set_stale(bool stale);
  void note_current() { current_at_ = Steady::now().time_since_epoch().count(); }

  const domain::Policy policy_;
  const Clock& clock_;
  const Writers writers_;
  Hearing hearing_;
  Shown shown_;

  std::mutex reading_;  // held while everything is read anew; taken before changing_

  std::mutex changing_;  // guards what follows, and the order of all changes
  Place followed_;       // `mark` is kept up where others write too, `end` where they do not
  std::atomic<bool> stale_ = false;          // set under changing_
  std::atomic<Steady::rep> current_at_ = 0;  // when they last showed all there was

  mutable std::mutex announcing_;  // guards what follows; taken last, for moments only
  Announced announced_;
};

}  // namespace onsale::engine
