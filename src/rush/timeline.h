// The seconds of a rush, however long, as some hundred spans: fit to be drawn.
#pragma once

#include <cstdint>
#include <vector>

#include "rush/tally.h"

namespace onsale::rush {

struct Span {
  /// `second` is its first; what was counted is summed; of people in line and active, and of times,
  /// it is the most that any of its seconds had; bought and seats left are as at its end.
  Second all;
  std::int64_t seconds = 1;  ///< the last span may have fewer than the others

  /// `count` of it in a second, on average.
  [[nodiscard]] double per_second(std::int64_t count) const {
    return static_cast<double>(count) / static_cast<double>(seconds);
  }
};

struct Timeline {
  static constexpr std::size_t spans_max = 240;

  std::int64_t span_seconds = 1;  ///< a round time
  std::vector<Span> spans;
};

[[nodiscard]] Timeline timeline_of(const std::vector<Second>& seconds);

}  // namespace onsale::rush
