// The box office's clock. It goes at the speed of the machine's steady clock, so that what it
// measures is as long as it says, and is led towards the time of day: the machine's, or that of
// the store's own clock where several nodes share one.
//
//   * What is off by little is made up for by going faster or slower.
//   * A step is not followed until it has lasted for a while: somebody set the clock and set it
//     back. Then a step ahead is followed at once (see Clock::follow_step), and one back by going
//     at half speed until the time of day has caught up: holds still run out meanwhile.
#pragma once

#include <mutex>
#include <optional>

#include "engine/clock.h"

namespace onsale::engine {

/// The clocks of the machine that this runs on.
[[nodiscard]] const Machine& this_machine();

class OfficeClock final : public Clock {
 public:
  /// More than that is a step.
  static constexpr std::chrono::seconds step_min{1};
  /// So long a step has to last before it is followed.
  static constexpr std::chrono::seconds step_lasts{5};
  /// A time that was written further ahead than this was written by a clock that was plainly
  /// wrong, and is not gone by: sales would open and close on another day.
  static constexpr std::chrono::hours not_before_max{24};

  /// `machine` must outlive it.
  explicit OfficeClock(const Machine& machine = this_machine());

  [[nodiscard]] domain::Timestamp now() const override;
  void not_before(domain::Timestamp decided) const override;
  void steer(Machine::Steady at, Machine::Wall time) const override;
  [[nodiscard]] bool follow_step() const override;
  [[nodiscard]] const Machine* machine() const override { return &machine_; }

 private:
  using Micros = std::chrono::microseconds;
  struct Step {
    Micros to{0};     ///< the course after it
    Micros since{0};  ///< by the steady clock
    bool told = false;
  };

  [[nodiscard]] Micros steady() const;
  [[nodiscard]] domain::Timestamp shown(Micros steady) const;
  /// With mutex_ held.
  void look(Micros steady) const;
  [[nodiscard]] bool lasts(Micros steady, Micros target) const;

  const Machine& machine_;
  /// The time is the steady clock's and this. Changed with mutex_ held.
  mutable std::atomic<std::int64_t> ahead_us_;
  mutable std::atomic<std::int64_t> looked_at_us_;
  mutable std::atomic<std::int64_t> last_ms_ = 0;  ///< the latest time that was shown
  mutable std::mutex mutex_;
  mutable std::optional<Micros> led_to_;  ///< as ahead_us_ should be by the store's clock
  mutable std::optional<Step> step_;
  mutable domain::Timestamp not_gone_by_;  ///< what was further ahead than not_before_max
};

}  // namespace onsale::engine
