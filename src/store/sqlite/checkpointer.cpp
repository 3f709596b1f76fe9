#include "store/sqlite/checkpointer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "store/sqlite/settings.h"

namespace onsale::store::sqlite {
namespace {

/// How long a round waits, while it is nobody's turn to write, for readers of the old log.
constexpr int readers_wait_ms = 50;
constexpr int last_part_pages = 128;
/// When the log is so much longer than a round is for, the commits are faster than gentle copying.
constexpr int hurry_pages = checkpoint_pages / 2;

Connection open_for_checkpoints(const std::string& path) {
  Connection db = open_for_writing(path);
  sqlite3_busy_timeout(db.raw(), readers_wait_ms);
  return db;
}

}  // namespace

Checkpointer::Checkpointer(const std::string& path, Turn& turn)
    : db_(open_for_checkpoints(path)), turn_(turn), next_round_at_(checkpoint_pages) {
  follow(db_.raw(), copying_);
  thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Checkpointer::watch(Connection& db) {
  const auto hook = [](void* self, sqlite3*, const char*, int log_pages) {
    static_cast<Checkpointer*>(self)->committed(log_pages);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db.raw(), hook, this);
}

void Checkpointer::committed(int log_pages) {
  {
    const std::lock_guard lock(mutex_);
    // A shorter log than before has been started again from the beginning.
    if (log_pages < log_pages_) next_round_at_ = checkpoint_pages;
    log_pages_ = log_pages;
    if (log_pages < next_round_at_) return;
    if (log_pages >= next_round_at_ + hurry_pages) copying_.pace = Pace::hurried;
  }
  wake_.notify_one();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || log_pages_ >= next_round_at_; });
    if (stop_) return;
    lock.unlock();
    const int remaining = checkpoint();
    lock.lock();
    if (copying_.lost) return give_up();
    // After a failed round there may be more in the log than it says: a later commit is waited
    // for in any case. Or a commit has started the log again already.
    next_round_at_ = log_pages_ < remaining
                         ? checkpoint_pages
                         : std::max(remaining + checkpoint_pages, log_pages_ + 1);
  }
}

int Checkpointer::checkpoint() {
  copying_.pace = Pace::gentle;
  Copied copied = copy_most();
  copying_.pace = Pace::hurried;
  if (copying_.lost || !turn_.take(turn_timeout)) return copied.log_pages;
  copied = copy(SQLITE_CHECKPOINT_RESTART);
  turn_.give_back();
  return copied.log_pages;
}

Checkpointer::Copied Checkpointer::copy_most() {
  // What comes in during one pass is mostly less than half of what it copied: after a few of them
  // hardly any is left for the part in which everybody waits.
  Copied copied;
  for (int left = behind(copied); left > last_part_pages;) {
    const int before = std::exchange(copied, copy(SQLITE_CHECKPOINT_PASSIVE)).pages;
    if (copied.pages <= before) break;  // it failed, or somebody reads what the log had before
    const int had_left = std::exchange(left, behind(copied));
    // If copying is hardly faster than the commits are, they have to wait for it after all.
    if (left > had_left / 2 && copying_.pace == Pace::hurried) break;
  }
  return copied;
}

void Checkpointer::give_up() {
  sqlite3_db_config(db_.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  spdlog::error(
      "the disk did not take what was to be copied from the write-ahead log: nothing is lost, but "
      "the log grows until the next start, which copies all of it again");
}

int Checkpointer::behind(const Copied& copied) {
  const std::lock_guard lock(mutex_);
  return log_pages_ - copied.pages;
}

Checkpointer::Copied Checkpointer::copy(int mode) {
  Copied copied;
  // Errors are met again, and reported, by the next commit that suffers from them.
  sqlite3_wal_checkpoint_v2(db_.raw(), nullptr, mode, &copied.log_pages, &copied.pages);
  return {std::max(copied.log_pages, 0), std::max(copied.pages, 0)};
}

}  // namespace onsale::store::sqlite
