#include "sim/budget.h"

#include <algorithm>

namespace onsale::sim {
namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::int64_t us_per_minute = 60 * us_per_second;

std::int64_t micros(domain::Duration span) { return span.count() * 1000; }

}  // namespace

void Budget::set_rate(std::int64_t per_minute, domain::Timestamp now) {
  interval_us_ = per_minute > 0 ? (us_per_minute + per_minute - 1) / per_minute : 0;
  full_us_ = limited() ? std::max(us_per_second / interval_us_ * interval_us_, interval_us_) : 0;
  most_us_ = full_us_;
  least_us_ = 0;
  as_of_ = now;
}

bool Budget::may_admit(domain::Timestamp now) const {
  return !limited() || filled(most_us_, now) >= interval_us_;
}

bool Budget::must_admit(domain::Timestamp now) const {
  return !limited() || filled(least_us_, now) >= interval_us_;
}

domain::Timestamp Budget::must_admit_from(domain::Timestamp now) const {
  if (must_admit(now)) return now;
  const std::int64_t missing_us = interval_us_ - filled(least_us_, now);
  return now + domain::Duration{(missing_us + 999) / 1000};
}

void Budget::admitted(domain::Timestamp now) {
  if (!limited()) return;
  most_us_ = filled(most_us_, now) - interval_us_;
  least_us_ = std::max<std::int64_t>(0, filled(least_us_, now) - interval_us_);
  as_of_ = now;
}

double Budget::wasted(domain::Timestamp now) const {
  if (!limited()) return 0;
  const std::int64_t over = least_us_ + micros(now - as_of_) - full_us_;
  return static_cast<double>(std::max<std::int64_t>(0, over)) / static_cast<double>(interval_us_);
}

std::int64_t Budget::filled(std::int64_t credit_us, domain::Timestamp now) const {
  return std::min(full_us_, credit_us + micros(now - as_of_));
}

}  // namespace onsale::sim
