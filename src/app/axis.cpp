#include "app/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace onsale::app {
namespace {

constexpr std::int64_t time_ticks_max = 6;  // as many as have room on a phone
constexpr int powers_written_max = 4;       // and the first

/// One, two or five times a power of ten, not less than `value`.
double round_up(double value) {
  if (value <= 1) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power) return step * power;
  }
  return 10 * power;
}

/// All of an axis in the same unit.
std::string count_text(double value, double highest) {
  constexpr double thousand = 1e3;
  constexpr double million = 1e6;
  if (value == 0) return "0";
  if (highest >= million) return fmt::format("{:g}M", value / million);
  if (highest >= 10 * thousand) return fmt::format("{:g}k", value / thousand);
  return fmt::format("{:g}", value);
}

std::string time_text(double milliseconds) {
  constexpr double thousand = 1000;
  if (milliseconds < 1) return fmt::format("{:g} µs", milliseconds * thousand);
  if (milliseconds < thousand) return fmt::format("{:g} ms", milliseconds);
  return fmt::format("{:g} s", milliseconds / thousand);
}

}  // namespace

Axis Axis::of_counts(double most) {
  Axis axis;
  axis.end_ = round_up(most);
  for (const double part : {0.0, 0.5, 1.0}) {
    axis.ticks_.push_back({.at = part, .words = count_text(part * axis.end_, axis.end_)});
  }
  return axis;
}

Axis Axis::of_times(double shortest, double longest) {
  Axis axis;
  axis.logarithmic_ = true;
  axis.begin_ = std::floor(std::log10(shortest));
  axis.end_ = std::max(axis.begin_ + 1, std::ceil(std::log10(longest)));
  const int powers = static_cast<int>(axis.end_ - axis.begin_);
  const int step = (powers + powers_written_max - 1) / powers_written_max;
  for (int power = 0; power <= powers; power += step) {
    axis.ticks_.push_back({.at = static_cast<double>(power) / powers,
                           .words = time_text(std::pow(10, axis.begin_ + power))});
  }
  return axis;
}

double Axis::place(double value) const {
  const double on = logarithmic_ ? std::log10(value) : value;
  return std::clamp((on - begin_) / (end_ - begin_), 0.0, 1.0);
}

std::vector<Tick> time_ticks(std::chrono::seconds length) {
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::array steps{std::int64_t{1},
                             std::int64_t{2},
                             std::int64_t{5},
                             std::int64_t{10},
                             std::int64_t{15},
                             std::int64_t{30},
                             minute,
                             2 * minute,
                             5 * minute,
                             10 * minute,
                             15 * minute,
                             30 * minute,
                             hour,
                             2 * hour,
                             4 * hour,
                             8 * hour};
  const auto fits = [&](std::int64_t step) { return length.count() / step < time_ticks_max; };
  const auto found = std::ranges::find_if(steps, fits);
  const std::int64_t step = found != steps.end() ? *found : length.count() / (time_ticks_max - 1);
  const auto [unit, name] = step < minute ? std::pair{std::int64_t{1}, "s"}
                            : step < hour ? std::pair{minute, "min"}
                                          : std::pair{hour, "h"};
  std::vector<Tick> ticks;
  for (std::int64_t at = 0; at <= length.count(); at += step) {
    ticks.push_back({.at = static_cast<double>(at) /
                           static_cast<double>(std::max<std::int64_t>(1, length.count())),
                     .words = fmt::format("{} {}", at / unit, name)});
  }
  return ticks;
}

}  // namespace onsale::app
