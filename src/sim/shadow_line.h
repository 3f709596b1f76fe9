// A line of people as the auditor keeps it: everybody has a place that never changes, some are
// gone. Counts in blocks, which is slower than the engine's tree and shares nothing with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace onsale::sim {

class ShadowLine {
 public:
  /// Joins behind all others; returns the place.
  std::size_t append(std::int64_t who);
  /// Whoever has the place must still be there.
  void remove(std::size_t place);
  /// The first who is still there.
  [[nodiscard]] std::optional<std::int64_t> first();
  /// How many before this place are still there.
  [[nodiscard]] std::int64_t ahead_of(std::size_t place) const;
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  static constexpr std::size_t block = 512;
  std::vector<std::int64_t> who_;  ///< by place; 0 once gone
  std::vector<std::int64_t> in_block_;
  std::size_t front_ = 0;  ///< nobody is left before this place
  std::int64_t size_ = 0;
};

}  // namespace onsale::sim
