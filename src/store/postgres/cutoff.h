// The moment from which nobody waits for the server any more, whatever patience a connection has of
// its own: the process is about to end. Any thread.
#pragma once

#include <atomic>
#include <chrono>

namespace onsale::store::postgres {

class Cutoff {
 public:
  using Clock = std::chrono::steady_clock;

  /// Those who wait already notice within `noticed_within`.
  void set(Clock::time_point when) { at_ = when.time_since_epoch().count(); }
  [[nodiscard]] Clock::time_point at() const { return Clock::time_point(Clock::duration(at_)); }
  [[nodiscard]] bool reached() const { return Clock::now() >= at(); }

  static constexpr std::chrono::milliseconds noticed_within{50};

 private:
  std::atomic<Clock::rep> at_ = Clock::time_point::max().time_since_epoch().count();
};

}  // namespace onsale::store::postgres
