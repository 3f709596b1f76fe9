#include "engine/views/order_statistics.h"

#include <algorithm>

#include "domain/require.h"

namespace onsale::engine {
namespace {

constexpr std::size_t low_bit(std::size_t i) { return i & (~i + 1); }
/// Below this, moving the base is not worth the while.
constexpr std::int64_t rebuild_after_min = 4096;

}  // namespace

void OrderStatistics::add(std::int64_t number) {
  if (size_ == 0) {
    base_ = number - 1;
    tree_.assign(1, 0);
    removed_since_rebuild_ = 0;
  }
  domain::require(number > base_, "numbers only grow");
  const auto slot = static_cast<std::size_t>(number - base_);
  domain::require(slot >= tree_.size(), "numbers only grow");
  grow_to(slot);
  update(slot, 1);
  ++size_;
}

void OrderStatistics::remove(std::int64_t number) {
  domain::require(number > base_, "removed number is present");
  const auto slot = static_cast<std::size_t>(number - base_);
  domain::require(slot < tree_.size(), "removed number is present");
  update(slot, -1);
  --size_;
  ++removed_since_rebuild_;
  if (removed_since_rebuild_ > std::max(rebuild_after_min, size_)) give_back_front();
}

std::int64_t OrderStatistics::count_up_to(std::int64_t number) const {
  if (number <= base_) return 0;
  std::size_t slot = std::min(static_cast<std::size_t>(number - base_), tree_.size() - 1);
  std::int64_t count = 0;
  for (; slot > 0; slot -= low_bit(slot)) count += tree_[slot];
  return count;
}

/// Appends empty slots; each new node starts with the sum of the range it covers.
void OrderStatistics::grow_to(std::size_t slots) {
  while (tree_.size() <= slots) {
    const std::size_t slot = tree_.size();
    std::int32_t sum = 0;
    const std::size_t covered_from = slot - low_bit(slot);
    for (std::size_t child = slot - 1; child > covered_from; child -= low_bit(child)) {
      sum += tree_[child];
    }
    tree_.push_back(sum);
  }
}

void OrderStatistics::update(std::size_t slot, std::int32_t by) {
  for (; slot < tree_.size(); slot += low_bit(slot)) tree_[slot] += by;
}

/// Rebuilds without the slots before the first number present. Linear, but only after as
/// many removals as there are numbers left, so constant per removal.
void OrderStatistics::give_back_front() {
  removed_since_rebuild_ = 0;
  const std::size_t slots = tree_.size() - 1;
  std::size_t first = 1;
  {
    // The first slot whose prefix sum is positive, by descending the tree.
    std::size_t position = 0;
    std::size_t step = 1;
    while (step * 2 <= slots) step *= 2;
    for (; step > 0; step /= 2) {
      if (position + step <= slots && tree_[position + step] == 0) position += step;
    }
    first = position + 1;
  }
  std::vector<std::int32_t> kept;
  kept.reserve(slots - first + 2);
  kept.push_back(0);
  std::int64_t before = 0;
  for (std::size_t slot = first; slot <= slots; ++slot) {
    const std::int64_t upto = count_up_to(base_ + static_cast<std::int64_t>(slot));
    kept.push_back(static_cast<std::int32_t>(upto - before));
    before = upto;
  }
  for (std::size_t slot = 1; slot < kept.size(); ++slot) {
    const std::size_t parent = slot + low_bit(slot);
    if (parent < kept.size()) kept[parent] += kept[slot];
  }
  base_ += static_cast<std::int64_t>(first) - 1;
  tree_ = std::move(kept);
}

}  // namespace onsale::engine
