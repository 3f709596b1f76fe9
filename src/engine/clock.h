// Where time comes from. Decisions never ask: a batch is decided as of one moment, which the
// engine passes in, so that tests and rehearsals can turn it. One clock tells the time to all of
// a box office: who decides, who looks, and who measures how long ago somebody was heard of.
#pragma once

#include <atomic>

#include "domain/types.h"

namespace onsale::engine {

/// The two clocks of a machine.
class Machine {
 public:
  using Wall = std::chrono::sys_time<std::chrono::microseconds>;
  using Steady = std::chrono::steady_clock::time_point;

  virtual ~Machine() = default;
  /// What it believes to be the time; anybody may set it.
  [[nodiscard]] virtual Wall wall() const = 0;
  /// Only goes forward, at the speed of time.
  [[nodiscard]] virtual Steady steady() const = 0;
};

/// Any thread may ask. Never goes backwards, whoever asks.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual domain::Timestamp now() const = 0;

  /// So late it was when something was decided before: by another node, say, or by an earlier
  /// run. It is no earlier from now on. Time then goes slower until the clock's own has caught up.
  virtual void not_before(domain::Timestamp decided) const = 0;

  /// When `at` was, it was `time` by the clock that counts for all who share a store.
  virtual void steer(Machine::Steady at, Machine::Wall time) const {
    (void)at;
    (void)time;
  }

  /// Follows a step ahead that has turned out to last: time jumps. False if there is none. To be
  /// called by one who lets nobody's silence be counted for the time that was left out.
  [[nodiscard]] virtual bool follow_step() const { return false; }

  /// What it is read from; null if it is turned by hand.
  [[nodiscard]] virtual const Machine* machine() const { return nullptr; }
};

/// Stands still until it is turned.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(domain::Timestamp start) : now_ms_(domain::to_millis(start)) {}
  [[nodiscard]] domain::Timestamp now() const override {
    return domain::from_millis(now_ms_.load());
  }
  void not_before(domain::Timestamp decided) const override {
    std::int64_t now = now_ms_.load();
    while (now < domain::to_millis(decided) &&
           !now_ms_.compare_exchange_weak(now, domain::to_millis(decided))) {
    }
  }
  void advance(domain::Duration by) { now_ms_ += by.count(); }

 private:
  mutable std::atomic<std::int64_t> now_ms_;
};

}  // namespace onsale::engine
