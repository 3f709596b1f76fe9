// Copies that share what is the same in them are still copies.
#include "engine/views/shared_vector.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace onsale::engine {
namespace {

/// Beside an ordinary vector that the same is done to.
struct Pair {
  SharedVector<int> shared;
  std::vector<int> plain;

  void check() const {
    ASSERT_EQ(shared.size(), plain.size());
    for (std::size_t i = 0; i < plain.size(); ++i) ASSERT_EQ(shared[i], plain[i]) << i;
  }
};

class SharedVectorOf : public ::testing::TestWithParam<std::size_t> {};

TEST_P(SharedVectorOf, ChangesInACopyAreItsOwn) {
  std::mt19937 dice(7);
  const std::size_t size = GetParam();
  std::vector<Pair> all{{SharedVector<int>(size, 5), std::vector<int>(size, 5)}};
  for (int copy = 0; copy < 20; ++copy) {
    Pair made = all[dice() % all.size()];
    for (int change = 0; size > 0 && change < 10; ++change) {
      const std::size_t at = dice() % size;
      made.shared.set(at, change);
      made.plain[at] = change;
    }
    all.push_back(std::move(made));
  }
  for (const Pair& pair : all) pair.check();
}

TEST_P(SharedVectorOf, GrowsByItself) {
  const Pair before{SharedVector<int>(GetParam(), 5), std::vector<int>(GetParam(), 5)};
  Pair after = before;
  for (int more = 0; more < 300; ++more) {
    after.shared.push_back(more);
    after.plain.push_back(more);
  }
  before.check();
  after.check();
}

INSTANTIATE_TEST_SUITE_P(Sizes, SharedVectorOf, ::testing::Values(0, 1, 127, 128, 129, 1'000));

}  // namespace
}  // namespace onsale::engine
