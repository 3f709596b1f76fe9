#include "store/fairness_figures.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>

namespace onsale::store {
namespace {

/// Waits of so many leading bits in common count as equally long.
constexpr int leading_bits = 11;

constexpr domain::Duration pace_window = std::chrono::seconds{10};

std::int64_t upper_end(std::int64_t value) {
  const auto bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value)));
  const std::int64_t step = std::int64_t{1} << std::max(0, bits - leading_bits);
  return value / step * step + step - 1;
}

}  // namespace

void WaitTimes::add(domain::Duration wait) {
  wait = std::max(wait, domain::Duration{0});
  ++count_of_[upper_end(wait.count())];
  ++count_;
  longest_ = std::max(longest_, wait);
}

domain::Duration WaitTimes::percentile(double percent) const {
  const auto rank =
      static_cast<std::int64_t>(std::ceil(percent / 100 * static_cast<double>(count_)));
  std::int64_t seen = 0;
  for (const auto& [wait, count] : count_of_) {
    seen += count;
    if (seen >= rank) return std::min(domain::Duration{wait}, longest_);
  }
  return domain::Duration{0};
}

void Timeline::note(domain::Timestamp at, std::int64_t waiting, std::int64_t active,
                    bool admission) {
  if (spans_.empty()) begin_ = std::chrono::floor<std::chrono::seconds>(at);
  while (at >= begin_ + span_ * static_cast<std::int64_t>(spans_max)) halve();
  const auto index = static_cast<std::size_t>(std::max<std::int64_t>(0, (at - begin_) / span_));
  // Where nothing happened, all stayed as it was.
  while (spans_.size() <= index) spans_.push_back({waiting_, active_, 0});
  waiting_ = waiting;
  active_ = active;
  Span& now = spans_.back();
  now.waiting_max = std::max(now.waiting_max, waiting);
  now.active_max = std::max(now.active_max, active);
  now.admitted += admission ? 1 : 0;
}

double Timeline::admitted_per_minute(std::size_t span) const {
  const std::int64_t together = (pace_window - domain::Duration{1}) / span_ + 1;
  std::int64_t admitted = 0;
  for (std::int64_t i = 0; i < together && static_cast<std::size_t>(i) <= span; ++i) {
    admitted += spans_[span - static_cast<std::size_t>(i)].admitted;
  }
  return static_cast<double>(admitted) * 60'000 / static_cast<double>((span_ * together).count());
}

std::int64_t Timeline::admitted_in_a_minute_max() const {
  constexpr domain::Duration minute = std::chrono::minutes{1};
  const auto together = static_cast<std::size_t>(std::max<std::int64_t>(1, minute / span_));
  std::int64_t sum = 0;
  std::int64_t most = 0;
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    sum += spans_[i].admitted;
    if (i >= together) sum -= spans_[i - together].admitted;
    most = std::max(most, sum);
  }
  return most * minute / (span_ * static_cast<std::int64_t>(together));
}

void Timeline::halve() {
  std::vector<Span> halved;
  for (std::size_t i = 0; i < spans_.size(); i += 2) {
    Span both = spans_[i];
    if (i + 1 < spans_.size()) {
      both.waiting_max = std::max(both.waiting_max, spans_[i + 1].waiting_max);
      both.active_max = std::max(both.active_max, spans_[i + 1].active_max);
      both.admitted += spans_[i + 1].admitted;
    }
    halved.push_back(both);
  }
  spans_ = std::move(halved);
  span_ *= 2;
}

}  // namespace onsale::store
