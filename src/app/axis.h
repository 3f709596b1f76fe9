// The axes of a drawing: where a value stands on them, and which values are written beside them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace onsale::app {

/// A value that is written at the axis. `at` is its place: 0 is the axis' begin, 1 its end.
struct Tick {
  double at = 0;
  std::string words;
};

class Axis {
 public:
  /// From 0 to a round number that is not less than `most`.
  [[nodiscard]] static Axis of_counts(double most);
  /// In milliseconds, above 0. From one power of ten to another, each as long as the next: a
  /// millisecond can be told from two, and a minute is there, too.
  [[nodiscard]] static Axis of_times(double shortest, double longest);

  /// From 0 to 1; what is beyond the axis stands at its end.
  [[nodiscard]] double place(double value) const;
  [[nodiscard]] const std::vector<Tick>& ticks() const { return ticks_; }

 private:
  bool logarithmic_ = false;
  double begin_ = 0;  // a power of ten, if it is logarithmic
  double end_ = 1;
  std::vector<Tick> ticks_;
};

/// At round times, few enough to be written next to each other: "0 s", "10 s", "20 s".
[[nodiscard]] std::vector<Tick> time_ticks(std::chrono::seconds length);

}  // namespace onsale::app
