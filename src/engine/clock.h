// Where time comes from. Decisions never ask: the engine reads the clock once per batch and
// passes the time in, so that tests and rehearsals can turn it.
#pragma once

#include <atomic>

#include "domain/types.h"

namespace onsale::engine {

/// Any thread may ask.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual domain::Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] domain::Timestamp now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }
};

/// Stands still until it is turned.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(domain::Timestamp start) : now_ms_(domain::to_millis(start)) {}
  [[nodiscard]] domain::Timestamp now() const override {
    return domain::from_millis(now_ms_.load());
  }
  void advance(domain::Duration by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_;
};

}  // namespace onsale::engine
