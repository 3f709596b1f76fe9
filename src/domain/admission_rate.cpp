#include "domain/admission_rate.h"

#include <algorithm>

namespace onsale::domain {
namespace {

constexpr std::int64_t us_per_minute = 60'000'000;

std::int64_t to_micros(Timestamp t) { return to_millis(t) * 1000; }

/// Microseconds between two admissions, or 0 without a limit. Rounded up: the rate is a limit.
std::int64_t interval_of(const RoomPolicy& policy) {
  if (policy.admission_rate_per_minute <= 0) return 0;
  return (us_per_minute - 1) / policy.admission_rate_per_minute + 1;
}

/// How far the schedule may run ahead of the clock. One second's worth of admissions, of which
/// the first needs no allowance; so slow rooms admit one at a time.
std::int64_t allowance_of(std::int64_t interval_us) {
  const std::int64_t burst = std::max<std::int64_t>(1, 1'000'000 / interval_us);
  return (burst - 1) * interval_us;
}

/// When the schedule has the next admission; not before now. A schedule further ahead than a
/// burst and one interval can reach was made with a slower rate or a clock that was wrong.
std::int64_t scheduled_us(const WaitingRoom& room, std::int64_t interval_us, Timestamp now) {
  const std::int64_t now_us = to_micros(now);
  const bool out_of_reach =
      room.next_admission_us > now_us + allowance_of(interval_us) + interval_us;
  return out_of_reach ? now_us : std::max(room.next_admission_us, now_us);
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

}  // namespace

std::int64_t rate_budget(const WaitingRoom& room, const RoomPolicy& policy, Timestamp now) {
  const std::int64_t interval = interval_of(policy);
  if (interval == 0) return admissions_per_batch_max;
  const std::int64_t scheduled = scheduled_us(room, interval, now);
  const std::int64_t latest = to_micros(now) + allowance_of(interval);
  return scheduled > latest ? 0 : (latest - scheduled) / interval + 1;
}

Timestamp rate_allows_at(const WaitingRoom& room, const RoomPolicy& policy, Timestamp now) {
  const std::int64_t interval = interval_of(policy);
  if (interval == 0) return now;
  const std::int64_t allowed_us = scheduled_us(room, interval, now) - allowance_of(interval);
  return std::max(now, from_millis((allowed_us + 999) / 1000));
}

void spend_rate(WaitingRoom& room, const RoomPolicy& policy, Timestamp now) {
  const std::int64_t interval = interval_of(policy);
  if (interval > 0) room.next_admission_us = scheduled_us(room, interval, now) + interval;
}

void change_rate(WaitingRoom& room, const RoomPolicy& before, const RoomPolicy& after,
                 Timestamp now) {
  const std::int64_t was = interval_of(before);
  const std::int64_t is = interval_of(after);
  if (was == is || is == 0) return;
  const std::int64_t now_us = to_micros(now);
  std::int64_t next = now_us;  // as much as a burst is left, unless the old rate allows less
  if (was > 0) {
    const std::int64_t left_us = now_us + allowance_of(was) - scheduled_us(room, was, now);
    next = std::max(next, now_us + allowance_of(is) - floor_div(left_us * is, was));
  }
  room.next_admission_us = next;
}

}  // namespace onsale::domain
