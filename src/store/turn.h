// Whose turn it is to write. A store with one writer at a time gives its lanes the turn in
// the order they asked, so that none of them starves the others.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

namespace onsale::store {

/// How long a lane waits for another one's batch to end before it gives up.
inline constexpr std::chrono::milliseconds turn_timeout{5'000};

/// Thread-safe. Unlike a mutex it is fair, and it may be given back by another thread than
/// the one that took it.
class Turn {
 public:
  /// Waits for the turn; false when it did not come in time.
  [[nodiscard]] bool take(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const std::uint64_t me = ++last_;
    queue_.push_back(me);
    const bool mine =
        freed_.wait_for(lock, timeout, [&] { return !taken_ && queue_.front() == me; });
    std::erase(queue_, me);
    if (mine) {
      taken_ = true;
    } else {
      freed_.notify_all();  // whoever stood behind may be first now
    }
    return mine;
  }

  void give_back() {
    const std::lock_guard lock(mutex_);
    taken_ = false;
    freed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::deque<std::uint64_t> queue_;
  std::uint64_t last_ = 0;
  bool taken_ = false;
};

}  // namespace onsale::store
