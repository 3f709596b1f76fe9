// One lane of the box office: a batch of commands at a time through its steps, which are
// footprint, load, decide, admit, commit, views. It has no thread, queue or clock of its own.
// The committer drives it in real time and src/sim in virtual time, so that what a rehearsal
// shows is true of the server.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "domain/policy.h"
#include "domain/rows.h"
#include "engine/clock.h"
#include "engine/job.h"
#include "engine/views/views.h"
#include "store/store.h"

namespace onsale::engine {

/// What became of one attempt at a batch.
struct Attempt {
  enum class Fate {
    committed,    ///< durable, and the views follow; or there was nothing to write
    conflict,     ///< another writer was first and nothing happened: try again, at a new time
    unavailable,  ///< the store takes nothing now, `trouble` says why
    refused,      ///< a guard of the store refused it: somebody else was first, or as `broken`
    broken,       ///< somebody in the batch breaks an invariant; it is in the log
  };
  Fate fate = Fate::broken;
  domain::JournalId position;  ///< when `committed`; zero if there was nothing to write
  std::string trouble{};
};

/// The holds of an event, or the visits of a room, as far as their time is over.
struct HoldsOf {
  domain::EventId event;
  friend auto operator<=>(HoldsOf, HoldsOf) = default;
};
struct VisitsOf {
  domain::RoomId room;
  friend auto operator<=>(VisitsOf, VisitsOf) = default;
};

/// What a tick does by itself: ends a hold or a visit whose time is over, or all of an event or a
/// room; holds the draw of a room and admits those who can be.
using Chore =
    std::variant<domain::ReservationId, domain::VisitorToken, domain::RoomId, HoldsOf, VisitsOf>;
using Chores = std::set<Chore>;

/// Not thread-safe: one thread at a time.
class Lane {
 public:
  using Batch = std::span<const std::unique_ptr<Job>>;

  /// `writer` and `reader` are the lane's own. `views` must outlive it. `seed` makes the names
  /// of its batches, which no other lane on the same store may ever have used.
  Lane(std::unique_ptr<store::Writer> writer, std::unique_ptr<store::Reader> reader,
       const domain::Policy& policy, Views& views, std::seed_seq&& seed);

  /// Decides the batch, commits it and lets the views follow. With `tick`, also writes down what is
  /// due and admits whoever can be admitted in any room. Answers nobody: that is the caller's, and
  /// nothing after `committed` may change what is answered.
  ///
  /// It is decided as of one moment, which `clock` tells once the rows are locked, and no earlier
  /// than anything that was decided in one of its rooms before: whichever lane or node decides,
  /// within a room times follow the order of the commits.
  ///
  /// `only`, if given, are the chores that are done; not even those that belong to the batch.
  [[nodiscard]] Attempt attempt(Batch batch, bool tick, const Clock& clock,
                                const Chores* only = nullptr);

  /// These chores are not done from now on, unless an attempt is to do only them.
  void leave_alone(Chores chores) { left_alone_ = std::move(chores); }
  /// The chores of the last attempt, one by one, whatever became of it.
  [[nodiscard]] std::vector<Chore> chores() const;
  /// What one of them is a part of; itself if of nothing.
  [[nodiscard]] Chore whole_of(const Chore& chore) const;
  /// One of them, for the operator.
  [[nodiscard]] std::string name_of(const Chore& chore) const;

  /// The last attempt was committed and left something behind that can be done at once: somebody
  /// who can be admitted, or more that is due than one batch takes. A tick goes on with it.
  [[nodiscard]] bool unfinished() const { return unfinished_; }
  /// The working set of the last attempt, until the next.
  [[nodiscard]] const domain::Rows& rows() const { return rows_; }
  /// Time spent in the store's commits so far.
  [[nodiscard]] double commit_seconds() const { return commit_seconds_; }

  /// Whether this process does what only one should do. See store::Writer.
  [[nodiscard]] bool leads() noexcept { return writer_->leads(); }
  /// Deletes some idempotency records that were kept long enough.
  [[nodiscard]] store::Result<void> purge(domain::Timestamp now);
  /// Whether the store takes writes: makes a real, durable one that changes nothing.
  [[nodiscard]] bool probe(domain::Timestamp now);
  /// The earliest time at which something runs out by itself.
  [[nodiscard]] store::Result<std::optional<domain::Timestamp>> next_due() {
    return writer_->next_due();
  }

 private:
  store::Result<domain::JournalId> decide_and_commit(Batch batch, bool tick, const Clock& clock,
                                                     const Chores* only);
  store::Result<void> load(Batch batch, bool tick, domain::Timestamp now);
  void pick(const Chores* only);
  store::Result<void> decide_all(Batch batch, bool tick, domain::Timestamp now);
  store::Result<void> admit_all(domain::Timestamp now);
  [[nodiscard]] domain::Silence silence(domain::Timestamp now) const;
  store::Result<domain::JournalId> commit(domain::Timestamp now);
  Attempt failed(const store::Error& error, std::size_t commands);

  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<store::Reader> reader_;
  const domain::Policy policy_;
  Views& views_;
  domain::Rows rows_;
  Chores left_alone_;
  domain::Timestamp decided_at_;  ///< the last batch
  store::BatchId batch_id_{};
  bool unfinished_ = false;
  domain::Timestamp noting_{};  ///< what the rooms know after this attempt: see note_outage()
  domain::Timestamp noted_{};   ///< and before it
  double commit_seconds_ = 0;
  std::mt19937_64 batch_ids_;
};

}  // namespace onsale::engine
