#include "store/sqlite/checkpointer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace onsale::store::sqlite {
namespace {

/// How long a round waits, while it is nobody's turn to write, for readers of the old log.
constexpr int readers_wait_ms = 50;
constexpr int last_part_pages = 128;
/// When the log is longer than a round is for by so much of it, the commits are faster than gentle
/// copying.
constexpr int hurry_part = 2;
/// Of a page in the log.
constexpr std::uint64_t frame_bytes = 4'096 + 24;

std::uint64_t bytes_of(int log_pages) {
  return static_cast<std::uint64_t>(log_pages) * frame_bytes;
}

Connection open_for_checkpoints(const std::string& path) {
  Connection db = open_for_writing(path);
  sqlite3_busy_timeout(db.raw(), readers_wait_ms);
  return db;
}

}  // namespace

Checkpointer::Checkpointer(const std::string& path, Turn& turn, const CheckpointLimits& limits)
    : limits_(limits),
      db_(open_for_checkpoints(path)),
      turn_(turn),
      next_round_at_(limits.round_pages) {
  copy_alone(db_, pace_);
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
    if (log_pages < log_pages_) {
      next_round_at_ = limits_.round_pages;
      copied_pages_ = 0;
    }
    log_pages_ = log_pages;
    if (log_pages < next_round_at_) return;
    if (log_pages >= next_round_at_ + limits_.round_pages / hurry_part) pace_ = Pace::hurried;
    too_long_ = !trouble_.empty() && log_bytes() >= limits_.log_bytes_max;
  }
  wake_.notify_one();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (trouble_.empty()) {
      wake_.wait(lock, [this] { return stop_ || log_pages_ >= next_round_at_; });
    } else {
      wake_.wait_for(lock, pause_, [this] { return stop_; });
    }
    if (stop_) return;
    lock.unlock();
    const Copied copied = checkpoint();
    lock.lock();
    note(copied);
  }
}

void Checkpointer::note(const Copied& copied) {
  if (!copied.trouble.empty()) {
    note_failure(copied.trouble);
  } else if (!trouble_.empty()) {
    spdlog::info("the write-ahead log was copied into the file again");
    trouble_.clear();
  }
  too_long_ = !trouble_.empty() && log_bytes() >= limits_.log_bytes_max;
  copied_pages_ = std::min(copied.pages, log_pages_);
  // A later commit is waited for in any case. Or one has started the log again already.
  next_round_at_ = log_pages_ < copied.log_pages
                       ? limits_.round_pages
                       : std::max(copied.log_pages + limits_.round_pages, log_pages_ + 1);
}

void Checkpointer::note_failure(const std::string& trouble) {
  ++failures_;
  pause_ = trouble_.empty() ? limits_.retry_pause : std::min(pause_ * 2, limits_.retry_pause_max);
  const bool said = trouble_ == trouble;
  trouble_ = trouble;
  if (!said) spdlog::error("{}", word_failure());
}

std::uint64_t Checkpointer::log_bytes() const { return bytes_of(log_pages_); }

std::string Checkpointer::word_failure() const {
  return fmt::format(
      "the write-ahead log cannot be copied into the file ({}): nothing is lost, but it has {} "
      "MiB, "
      "and from {} MiB on nothing more is written",
      trouble_, log_bytes() >> 20, limits_.log_bytes_max >> 20);
}

std::optional<std::string> Checkpointer::refusal() const {
  if (!too_long_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return word_failure();
}

Condition Checkpointer::condition() const {
  const std::lock_guard lock(mutex_);
  const bool fails = !trouble_.empty();
  Condition condition{
      .log = Condition::Log{.bytes = log_bytes(), .copying_fails = fails, .failures = failures_}};
  if (fails) {
    condition.concern = word_failure();
  } else if (const auto left = bytes_of(log_pages_ - copied_pages_);
             left >= limits_.left_bytes_max) {
    condition.concern = fmt::format(
        "{} MiB of the write-ahead log cannot be copied into the file, since somebody has been "
        "reading it for long: it grows until they end",
        left >> 20);
  }
  return condition;
}

Checkpointer::Copied Checkpointer::checkpoint() {
  pace_ = Pace::gentle;
  Copied copied = copy_most();
  pace_ = Pace::hurried;
  if (!copied.trouble.empty() || !turn_.take(turn_timeout)) return copied;
  copied = copy(SQLITE_CHECKPOINT_RESTART);
  turn_.give_back();
  return copied;
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
    if (left > had_left / 2 && pace_ == Pace::hurried) break;
  }
  return copied;
}

int Checkpointer::behind(const Copied& copied) {
  const std::lock_guard lock(mutex_);
  return log_pages_ - copied.pages;
}

Checkpointer::Copied Checkpointer::copy(int mode) {
  Copied copied;
  const int result =
      sqlite3_wal_checkpoint_v2(db_.raw(), nullptr, mode, &copied.log_pages, &copied.pages);
  copied.log_pages = std::max(copied.log_pages, 0);
  copied.pages = std::max(copied.pages, 0);
  if (result != SQLITE_OK && result != SQLITE_BUSY) copied.trouble = message_of(db_.raw(), result);
  return copied;
}

}  // namespace onsale::store::sqlite
