// One value that one thread replaces and many threads read: readers get a share of the
// value as it was, and keep it for as long as they like.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace onsale::engine {

// A mutex around a pointer copy rather than std::atomic<std::shared_ptr>: the same few
// nanoseconds in practice, and understood by ThreadSanitizer.
template <class T>
class Published {
 public:
  [[nodiscard]] std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void set(std::shared_ptr<const T> value) {
    {
      const std::lock_guard lock(mutex_);
      value_.swap(value);
    }
    // The previous value, if this was its last share, is freed outside the lock.
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace onsale::engine
