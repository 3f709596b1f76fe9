// The seat maps of performances that are over and were asked for all the same: the last few stay
// in memory, so that who asks again does not wait for the store.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "engine/views/seat_map.h"

namespace onsale::engine {

/// Not thread-safe.
class RecentSeats {
 public:
  static constexpr std::size_t maps_max = 64;
  static constexpr std::size_t seats_max = 400'000;

  /// In the place of an older version of it; the longest unused ones go.
  void hold(std::shared_ptr<const SeatMap> map) {
    std::erase_if(held_, [&](const auto& one) { return one->performance == map->performance; });
    held_.push_back(std::move(map));
    while (held_.size() > 1 && (held_.size() > maps_max || seats() > seats_max)) held_.pop_front();
  }

 private:
  [[nodiscard]] std::size_t seats() const {
    std::size_t count = 0;
    for (const auto& map : held_) count += map->layout->seats.size();
    return count;
  }

  std::deque<std::shared_ptr<const SeatMap>> held_;
};

}  // namespace onsale::engine
