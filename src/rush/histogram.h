// Times of very different size, counted exactly enough: as HDR Histogram does it (Gil Tene), in
// steps that grow with the value.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace onsale::rush {

/// Of times from a microsecond on; what is shorter counts as none. Each is known to within a
/// hundredth of itself. Some 30 KB, whatever is counted. One thread.
class Histogram {
 public:
  using Time = std::chrono::microseconds;

  void record(Time time);
  void add(const Histogram& other);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] Time longest() const { return longest_; }
  /// The shortest time that `percent` of all did not exceed; 0 if nothing was counted.
  [[nodiscard]] Time percentile(double percent) const;

 private:
  std::vector<std::int64_t> counts_;  // by step
  std::int64_t count_ = 0;
  Time longest_{};
};

}  // namespace onsale::rush
