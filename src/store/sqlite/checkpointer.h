// Copies the write-ahead log into the database file, on a thread and a connection of its
// own, so that no commit has to wait for it.
//
// Under constant load a checkpoint beside the commits never quite catches up with them, and
// SQLite starts its log again from the beginning only when it did. So each round has two
// parts: the bulk while commits go on, in passes of which each has mostly less to copy than
// the one before, then the little that is left while it is nobody else's turn to write. The log is
// thereby bounded by what is written during one round, unless a reader keeps an old snapshot open.
// A round that fails (disk full, a flush that failed) harms nothing: everything is still in the
// log, and all of it is copied again after a pause (store/sqlite/disk_writes.h). Meanwhile the log
// grows, and from a certain length on nothing more is to be written.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "store/sqlite/connection.h"
#include "store/sqlite/disk_writes.h"
#include "store/sqlite/settings.h"
#include "store/turn.h"

namespace onsale::store::sqlite {

struct CheckpointLimits {
  /// How long the log is when a round begins.
  int round_pages = checkpoint_pages;
  /// How long the log may become while it cannot be copied. Read again at the next start, it takes
  /// some seconds.
  std::uint64_t log_bytes_max = std::uint64_t{1024} << 20;
  /// So much is never left to copy, however fast commits come, unless something is in the way.
  std::uint64_t left_bytes_max = std::uint64_t{256} << 20;
  /// Before a round is tried again; twice as long each time, up to the most.
  std::chrono::milliseconds retry_pause{1'000};
  std::chrono::milliseconds retry_pause_max{30'000};
};

class Checkpointer {
 public:
  /// Nobody else copies the log as long as it lives. `turn` must outlive it. Throws SqliteFailure.
  Checkpointer(const std::string& path, Turn& turn, const CheckpointLimits& limits);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// Has every commit of `db` tell how long the log is.
  void watch(Connection& db);

  /// Why nothing more is to be written for now, or nothing. Any thread; costs next to nothing.
  [[nodiscard]] std::optional<std::string> refusal() const;
  /// Any thread.
  [[nodiscard]] Condition condition() const;

 private:
  void committed(int log_pages);
  void run();
  struct Copied {
    int log_pages = 0;    ///< that the log had
    int pages = 0;        ///< of them, that are in the file now
    std::string trouble;  ///< why not more, unless somebody is reading
  };
  Copied checkpoint();
  /// The first part of a round.
  Copied copy_most();
  /// Copies what it can. With SQLITE_CHECKPOINT_RESTART also waits a little for readers of the log,
  /// so that the next commit can start it again: under steady reads there is nearly always one.
  Copied copy(int mode);
  /// How many pages have come since.
  int behind(const Copied& copied);
  // With the mutex.
  void note(const Copied& copied);
  void note_failure(const std::string& trouble);
  [[nodiscard]] std::uint64_t log_bytes() const;
  [[nodiscard]] std::string word_failure() const;

  const CheckpointLimits limits_;
  std::atomic<Pace> pace_ = Pace::hurried;
  Connection db_;
  Turn& turn_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  int log_pages_ = 0;
  int copied_pages_ = 0;  ///< of them, by the last round
  int next_round_at_;
  std::string trouble_;  ///< of the last round; empty if there was none
  std::uint64_t failures_ = 0;
  std::chrono::milliseconds pause_{};
  std::atomic<bool> too_long_ = false;  ///< the log, and it cannot be copied
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace onsale::store::sqlite
