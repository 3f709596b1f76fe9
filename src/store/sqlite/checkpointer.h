// Copies the write-ahead log into the database file, on a thread and a connection of its
// own, so that no commit has to wait for it.
//
// Under constant load a checkpoint beside the commits never quite catches up with them, and
// SQLite starts its log again from the beginning only when it did. So each round has two
// parts: the bulk while commits go on, in passes of which each has mostly less to copy than
// the one before, then the little that is left while it is nobody else's turn to write. The log is
// thereby bounded by what is written during one round, unless a reader keeps an old snapshot open.
// A round that fails (disk full) harms nothing: everything is still in the log, and a later commit
// starts the next one.
//
// But after a flush of the file that failed there is no other round: the system says so once,
// forgets what it could not write, and the next flush would call durable what is lost
// (https://lwn.net/Articles/752063/). The log stays, also when all is closed, and has everything
// for the next process.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "store/sqlite/connection.h"
#include "store/sqlite/disk_writes.h"
#include "store/turn.h"

namespace onsale::store::sqlite {

class Checkpointer {
 public:
  /// `turn` must outlive it. Throws SqliteFailure.
  Checkpointer(const std::string& path, Turn& turn);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// Has every commit of `db` tell how long the log is.
  void watch(Connection& db);

 private:
  void committed(int log_pages);
  void run();
  struct Copied {
    int log_pages = 0;  ///< that the log had
    int pages = 0;      ///< of them, that are in the file now
  };
  /// One round; returns how many pages are still in the log.
  int checkpoint();
  /// Its first part.
  Copied copy_most();
  void give_up();
  /// Copies what it can. With SQLITE_CHECKPOINT_RESTART also waits a little for readers of the log,
  /// so that the next commit can start it again: under steady reads there is nearly always one.
  Copied copy(int mode);
  /// How many pages have come since.
  int behind(const Copied& copied);

  Copying copying_;
  Connection db_;
  Turn& turn_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int log_pages_ = 0;
  int next_round_at_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace onsale::store::sqlite
