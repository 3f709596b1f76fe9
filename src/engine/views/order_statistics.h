// How many of the waiting are ahead? A Fenwick tree over arrival numbers that only grow:
// adding, removing and counting in O(log n), four bytes a number, and the space in front
// of the first who still waits is given back as the line moves on.
#pragma once

#include <cstdint>
#include <vector>

namespace onsale::engine {

class OrderStatistics {
 public:
  /// `number` must be greater than every number added before.
  void add(std::int64_t number);
  /// `number` must be present.
  void remove(std::int64_t number);
  /// How many present numbers are less than or equal to `number`.
  [[nodiscard]] std::int64_t count_up_to(std::int64_t number) const;
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  void grow_to(std::size_t slots);
  void update(std::size_t slot, std::int32_t by);
  void give_back_front();

  std::int64_t base_ = 0;  // number of slot 1, minus 1
  std::vector<std::int32_t> tree_{0};
  std::int64_t size_ = 0;
  std::int64_t removed_since_rebuild_ = 0;
};

}  // namespace onsale::engine
