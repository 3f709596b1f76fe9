// Everything that writes is a batch. Commands from all connections meet in one bounded
// queue; the committer takes what has gathered, has its lane decide and commit it in one
// durable transaction (engine/lane.h has the steps), and only then answers. While one batch is
// being made durable the next one gathers, so the cost of an fsync is shared by all who wait.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "domain/waiting_room.h"
#include "engine/clock.h"
#include "engine/isolation.h"
#include "engine/job.h"
#include "engine/lane.h"
#include "engine/views/views.h"
#include "store/store.h"

namespace onsale::engine {

struct CommitterLimits {
  std::size_t batch_max = 1024;    ///< commands decided in one transaction
  std::size_t queue_max = 32'768;  ///< commands waiting; beyond, submitters are refused
  domain::Duration tick{25};       ///< how often due holds and sessions are looked for
  int conflict_retries_max = 10;
  std::size_t signs_max = 262'144;    ///< signs of life that are to be written later
  std::size_t signs_per_batch = 256;  ///< written in one transaction, behind the commands
  domain::Duration standstill{1000};  ///< a committer that was away for longer heard nobody
  /// What is due and breaks a guard is tried again after that.
  std::chrono::milliseconds left_alone_for = std::chrono::seconds{60};
};

/// What is asked of one committer among those that write to a store.
struct CommitterDuties {
  bool ticks = true;          ///< looks after what is due; one committer of a process does
  bool others_write = false;  ///< besides it, in this process or in another
};

/// What the committer has done so far; for metrics. Counters only grow.
struct CommitterStats {
  std::uint64_t batches = 0;
  std::uint64_t commands = 0;
  std::uint64_t refused_overloaded = 0;
  std::uint64_t failed_batches = 0;
  double commit_seconds = 0;
  std::size_t queue_length = 0;  ///< now
};

class Committer {
 public:
  /// `store`'s writer and reader are this committer's own. `views` must outlive it.
  Committer(std::unique_ptr<store::Writer> writer, std::unique_ptr<store::Reader> reader,
            const Clock& clock, const domain::Policy& policy, Views& views, CommitterLimits limits,
            CommitterDuties duties = {});
  /// Drains.
  ~Committer();

  void start();

  /// Any thread. Takes the job, or refuses it at once (calling job->refuse on this thread)
  /// when the queue is full, draining has begun, or the job's idempotency key is in flight.
  void submit(std::unique_ptr<Job> job);

  /// A sign of life, and when it is to be written.
  struct Sign {
    domain::Timestamp by;
    domain::RoomId room;
    domain::Touch touch;
  };
  /// Any thread. The next tick writes it once its time has come, with the time at which the visitor
  /// was heard of last by then. It has no place in the queue, and keeps nobody from one. If it
  /// cannot be kept, or breaks something, the next look at the visitor asks for it again
  /// (WaitingRoomView::touch_failed).
  void hear(const Sign& sign);

  /// No new work; everything accepted is decided and answered; returns when that is done.
  void drain();

  /// Empty while the store takes writes; else what it said last.
  [[nodiscard]] std::string trouble() const;
  [[nodiscard]] CommitterStats stats() const;
  /// What is due and left alone since it breaks a guard; for the operator (engine/isolation.h).
  [[nodiscard]] std::vector<std::string> left_alone() const { return isolation_.names(); }

 private:
  using Jobs = std::vector<std::unique_ptr<Job>>;
  using Batch = Lane::Batch;
  using Signs = std::vector<Sign>;

  void run();
  bool take(Jobs& batch);
  void process(Jobs& batch);
  void look_around();
  void note_leader(bool leading);
  void add_signs(Jobs& batch);
  void write_last_signs();
  void signs_refused(Signs signs, Refusal why);
  bool keep(const Sign& sign);
  void settle(Batch batch, bool tick);
  void settle_tick(Batch batch);
  bool settle_without_chores(Batch batch);
  Attempt attempt(Batch batch, bool tick, const Chores* only = nullptr);
  void count(const Attempt& done, std::size_t commands);
  void refuse_all(Batch batch, Refusal why);
  void release_keys(Batch batch);
  void note_trouble(const std::string& what);
  void housekeep();
  bool leads();
  void purge();
  void probe();

  const Clock& clock_;
  const CommitterLimits limits_;
  const CommitterDuties duties_;

  // The committer thread's own.
  Lane lane_;
  Views& views_;
  Isolation isolation_;
  bool unfinished_ = false;
  bool more_signs_ = false;
  std::optional<std::chrono::steady_clock::time_point> follows_since_;  ///< while another one leads
  std::chrono::steady_clock::time_point next_tick_{};
  std::chrono::steady_clock::time_point next_housekeeping_{};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Jobs queue_;                                  // guarded by mutex_
  std::set<domain::IdempotencyKey> in_flight_;  // guarded by mutex_
  Signs signs_;                                 // guarded by mutex_; a heap
  bool draining_ = false;                       // guarded by mutex_
  bool waiting_ = false;                        // guarded by mutex_
  std::string trouble_;                         // guarded by mutex_
  CommitterStats stats_;                        // guarded by mutex_
  std::thread thread_;
};

}  // namespace onsale::engine
