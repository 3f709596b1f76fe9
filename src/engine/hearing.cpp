#include "engine/hearing.h"

namespace onsale::engine {
namespace {

/// The clock counts while a process is stopped.
std::int64_t steady_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

domain::Timestamp Hearing::silence_from() const {
  if (interrupted()) return domain::Timestamp::max();
  return domain::from_millis(silence_from_ms_);
}

void Hearing::watch(domain::Duration standstill) {
  standstill_ns_ = std::chrono::nanoseconds(standstill).count();
}

bool Hearing::interrupted() const {
  const std::int64_t last = last_beat_ns_;
  if (last == 0 || blind_) return true;
  const std::int64_t standstill = standstill_ns_;
  return standstill > 0 && steady_ns() - last > standstill;
}

void Hearing::beat() { last_beat_ns_ = steady_ns(); }

void Hearing::resume(domain::Timestamp now) {
  silence_from_ms_ = domain::to_millis(now);
  beat();
}

void Hearing::missed_nothing() { silence_from_ms_ = 0; }

}  // namespace onsale::engine
