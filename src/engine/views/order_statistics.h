// How many of the waiting are ahead? A set of numbers that only grow, with a bit for each
// number and a Fenwick tree over words of 64 of them: adding, removing and counting touch one
// word and O(log n) counters, at a fifth of a byte a number. The space in front of the first
// who still waits is given back as the line moves on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace onsale::engine {

class OrderStatistics {
 public:
  /// `number` must be greater than every number added since the set was last empty.
  void add(std::int64_t number);
  /// `number` must be present.
  void remove(std::int64_t number);
  [[nodiscard]] bool contains(std::int64_t number) const;
  /// How many present numbers are less than or equal to `number`.
  [[nodiscard]] std::int64_t count_up_to(std::int64_t number) const;
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  void grow_to(std::size_t words);
  void update(std::size_t word, std::int32_t by);
  void give_back_front();

  std::int64_t base_ = 0;             // number of the first bit of the first word
  std::int64_t last_ = 0;             // the greatest number added
  std::vector<std::uint64_t> words_;  // who is present
  std::vector<std::int32_t> tree_;    // node i, from 1, at i - 1: sums over words_
  std::int64_t size_ = 0;
  std::int64_t removed_since_rebuild_ = 0;
};

}  // namespace onsale::engine
