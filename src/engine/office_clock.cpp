#include "engine/office_clock.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace onsale::engine {
namespace {

using Micros = std::chrono::microseconds;

/// Looking at the machine's time of day more often than this would change nothing.
constexpr Micros looked_every{10'000};

class ThisMachine final : public Machine {
 public:
  [[nodiscard]] Wall wall() const override {
    return std::chrono::floor<Micros>(std::chrono::system_clock::now());
  }
  [[nodiscard]] Steady steady() const override { return std::chrono::steady_clock::now(); }
};

Micros micros_of(Machine::Steady steady) {
  return std::chrono::floor<Micros>(steady.time_since_epoch());
}

double seconds(Micros span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

const Machine& this_machine() {
  static const ThisMachine machine;
  return machine;
}

OfficeClock::OfficeClock(const Machine& machine)
    : machine_(machine),
      ahead_us_((machine.wall().time_since_epoch() - steady()).count()),
      looked_at_us_(steady().count()) {}

OfficeClock::Micros OfficeClock::steady() const { return micros_of(machine_.steady()); }

domain::Timestamp OfficeClock::now() const {
  const Micros now = steady();
  if (now.count() - looked_at_us_.load(std::memory_order_relaxed) >= looked_every.count()) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock) look(now);
  }
  return shown(now);
}

/// One that was shown by another thread, or before the course was changed, counts as well.
domain::Timestamp OfficeClock::shown(Micros steady) const {
  const Micros time = steady + Micros(ahead_us_.load(std::memory_order_relaxed));
  const auto now = std::chrono::floor<std::chrono::milliseconds>(time).count();
  auto last = last_ms_.load(std::memory_order_relaxed);
  while (last < now && !last_ms_.compare_exchange_weak(last, now, std::memory_order_relaxed)) {
  }
  return domain::from_millis(std::max(last, now));
}

void OfficeClock::look(Micros steady) const {
  const Micros since = steady - Micros(looked_at_us_.exchange(steady.count()));
  const Micros target =
      led_to_ ? *led_to_ : Micros(machine_.wall().time_since_epoch()) - this->steady();
  const Micros course(ahead_us_.load(std::memory_order_relaxed));
  const Micros off = target - course;
  if (std::chrono::abs(off) <= step_min) {
    step_.reset();
  } else if (!lasts(steady, target) || off > Micros(0)) {
    return;  // a step ahead is followed by whoever calls follow_step()
  }
  const Micros most = std::max(since, Micros(0)) / 2;
  ahead_us_ = (course + std::clamp(off, -most, most)).count();
}

/// Has the step to `target` lasted for long enough?
bool OfficeClock::lasts(Micros steady, Micros target) const {
  if (!step_ || std::chrono::abs(target - step_->to) > step_min) step_ = Step{.since = steady};
  step_->to = target;
  if (steady - step_->since < step_lasts) return false;
  if (!std::exchange(step_->told, true)) {
    const Micros off = target - Micros(ahead_us_.load());
    spdlog::warn("the clock was set {} by {:.3f} s; {}", off < Micros(0) ? "back" : "ahead",
                 seconds(std::chrono::abs(off)),
                 off < Micros(0) ? "the box office goes at half speed until it has caught up"
                                 : "the box office follows");
  }
  return true;
}

bool OfficeClock::follow_step() const {
  const std::lock_guard lock(mutex_);
  const Micros now = steady();
  look(now);
  const Micros course(ahead_us_.load());
  if (!step_ || step_->to <= course || now - step_->since < step_lasts) return false;
  ahead_us_ = step_->to.count();
  step_.reset();
  return true;
}

void OfficeClock::not_before(domain::Timestamp decided) const {
  const domain::Timestamp now = this->now();
  if (decided <= now) return;
  const std::lock_guard lock(mutex_);
  if (decided - now > not_before_max) {
    if (std::exchange(not_gone_by_, decided) == decided) return;
    spdlog::error("something was decided {} s from now: the clock was wrong then, or is now",
                  std::chrono::floor<std::chrono::seconds>(decided - now).count());
    return;
  }
  const Micros course = Micros(decided.time_since_epoch()) - steady();
  ahead_us_ = std::max(ahead_us_.load(), course.count());
}

void OfficeClock::steer(Machine::Steady at, Machine::Wall time) const {
  const std::lock_guard lock(mutex_);
  const bool first = !led_to_;
  led_to_ = time.time_since_epoch() - micros_of(at);
  if (first && last_ms_.load() == 0) ahead_us_ = led_to_->count();  // nobody has seen another time
}

}  // namespace onsale::engine
