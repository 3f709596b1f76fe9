#include "rush/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace onsale::rush {
namespace {

// Below `exact` each microsecond is a step of its own. From there on each doubling has `steps` of
// the same width, so that a step is at most a 128th of its values wide.
constexpr int exact_bits = 8;
constexpr std::uint64_t exact = std::uint64_t{1} << exact_bits;
constexpr std::uint64_t steps = exact / 2;

std::size_t step_of(std::uint64_t value) {
  if (value < exact) return value;
  const auto doublings = static_cast<int>(std::bit_width(value)) - exact_bits;
  return exact + static_cast<std::uint64_t>(doublings - 1) * steps + (value >> doublings) - steps;
}

/// The greatest value of a step.
std::uint64_t end_of(std::size_t step) {
  if (step < exact) return step;
  const std::size_t doublings = (step - exact) / steps + 1;
  const std::uint64_t within = (step - exact) % steps + steps;
  return ((within + 1) << doublings) - 1;
}

}  // namespace

void Histogram::record(Time time) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count()));
  const std::size_t step = step_of(value);
  if (step >= counts_.size()) counts_.resize(step + 1);
  ++counts_[step];
  ++count_;
  longest_ = std::max(longest_, time);
}

void Histogram::add(const Histogram& other) {
  if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t step = 0; step < other.counts_.size(); ++step) {
    counts_[step] += other.counts_[step];
  }
  count_ += other.count_;
  longest_ = std::max(longest_, other.longest_);
}

Histogram::Time Histogram::percentile(double percent) const {
  const auto wanted = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(percent / 100 * static_cast<double>(count_))));
  std::int64_t seen = 0;
  for (std::size_t step = 0; step < counts_.size(); ++step) {
    seen += counts_[step];
    if (seen >= wanted) return std::min(longest_, Time{static_cast<std::int64_t>(end_of(step))});
  }
  return Time{};
}

}  // namespace onsale::rush
