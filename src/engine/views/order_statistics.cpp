#include "engine/views/order_statistics.h"

#include <algorithm>
#include <bit>

#include "domain/require.h"

namespace onsale::engine {
namespace {

constexpr std::int64_t word_bits = 64;
constexpr std::size_t low_bit(std::size_t i) { return i & (~i + 1); }
/// Below this, moving the base is not worth the while.
constexpr std::int64_t rebuild_after_min = 4096;

constexpr std::size_t word_of(std::int64_t offset) {
  return static_cast<std::size_t>(offset / word_bits);
}
constexpr std::uint64_t bit_of(std::int64_t offset) {
  return std::uint64_t{1} << (offset % word_bits);
}

}  // namespace

void OrderStatistics::add(std::int64_t number) {
  if (size_ == 0) {
    base_ = number;
    last_ = number - 1;
    words_.clear();
    tree_.clear();
    removed_since_rebuild_ = 0;
  }
  domain::require(number > last_, "numbers only grow");
  last_ = number;
  const std::int64_t offset = number - base_;
  grow_to(word_of(offset) + 1);
  words_[word_of(offset)] |= bit_of(offset);
  update(word_of(offset), 1);
  ++size_;
}

void OrderStatistics::remove(std::int64_t number) {
  domain::require(contains(number), "removed number is present");
  const std::int64_t offset = number - base_;
  words_[word_of(offset)] &= ~bit_of(offset);
  update(word_of(offset), -1);
  --size_;
  ++removed_since_rebuild_;
  if (removed_since_rebuild_ > std::max(rebuild_after_min, size_)) give_back_front();
}

bool OrderStatistics::contains(std::int64_t number) const {
  if (number < base_ || number > last_ || size_ == 0) return false;
  const std::int64_t offset = number - base_;
  return (words_[word_of(offset)] & bit_of(offset)) != 0;
}

std::int64_t OrderStatistics::count_up_to(std::int64_t number) const {
  if (number < base_ || size_ == 0) return 0;
  const std::int64_t offset = std::min(number, last_) - base_;
  const std::uint64_t up_to_it = bit_of(offset) | (bit_of(offset) - 1);
  std::int64_t count = std::popcount(words_[word_of(offset)] & up_to_it);
  for (std::size_t node = word_of(offset); node > 0; node -= low_bit(node)) {
    count += tree_[node - 1];
  }
  return count;
}

/// Appends empty words; each new node starts with the sum of the range it covers.
void OrderStatistics::grow_to(std::size_t words) {
  while (words_.size() < words) {
    words_.push_back(0);
    const std::size_t node = words_.size();
    std::int32_t sum = 0;
    const std::size_t covered_from = node - low_bit(node);
    for (std::size_t child = node - 1; child > covered_from; child -= low_bit(child)) {
      sum += tree_[child - 1];
    }
    tree_.push_back(sum);
  }
}

void OrderStatistics::update(std::size_t word, std::int32_t by) {
  for (std::size_t node = word + 1; node <= tree_.size(); node += low_bit(node)) {
    tree_[node - 1] += by;
  }
}

/// Rebuilds without the empty words in front. Linear in the words, but only after as many
/// removals as there are numbers left.
void OrderStatistics::give_back_front() {
  removed_since_rebuild_ = 0;
  const auto first = std::ranges::find_if(words_, [](std::uint64_t word) { return word != 0; });
  base_ += (first - words_.begin()) * word_bits;
  words_ = std::vector<std::uint64_t>(first, words_.end());
  tree_.assign(words_.size(), 0);
  tree_.shrink_to_fit();
  for (std::size_t node = 1; node <= tree_.size(); ++node) {
    tree_[node - 1] += std::popcount(words_[node - 1]);
    const std::size_t parent = node + low_bit(node);
    if (parent <= tree_.size()) tree_[parent - 1] += tree_[node - 1];
  }
}

}  // namespace onsale::engine
