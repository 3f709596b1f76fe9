// The draw of a lottery: everybody can recompute it, and no place in the arrival order is favoured.
#include "domain/draw.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

namespace onsale::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string seed = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// The figures were made with Python's hashlib: they pin the formula down for other programs.
TEST(Draw, IsTheFormulaThatIsPublished) {
  EXPECT_EQ(seed_hash(seed), "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e");
  EXPECT_EQ(draw_key(seed, {7}, 1), -1'316'789'285'121'296'945);
  EXPECT_EQ(draw_key(seed, {7}, 1'000'000), -4'160'527'849'203'252'715);
  const std::vector<std::int64_t> arrivals{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_THAT(drawn_order(seed, {7}, arrivals), ElementsAre(4, 5, 8, 3, 1, 2, 6, 7));
}

TEST(Draw, IsAscendingByKey) {
  std::vector<std::int64_t> arrivals(1'000);
  std::iota(arrivals.begin(), arrivals.end(), 1);
  const auto order = drawn_order(seed, {1}, arrivals);
  EXPECT_TRUE(std::ranges::is_permutation(order, arrivals));
  EXPECT_TRUE(std::ranges::is_sorted(
      order, {}, [](std::int64_t n) { return std::pair(draw_key(seed, {1}, n), n); }));
  std::ranges::reverse(arrivals);
  EXPECT_EQ(drawn_order(seed, {1}, arrivals), order) << "the list's own order does not matter";
  EXPECT_THAT(drawn_order(seed, {1}, {}), IsEmpty());
}

TEST(Draw, KeysComeBeforeEveryNumber) {
  for (std::int64_t number = 1; number <= 10'000; ++number) {
    const std::int64_t key = draw_key(seed, {1}, number);
    EXPECT_LT(key, 0);
    EXPECT_GE(key, -(std::int64_t{1} << 62));
  }
}

TEST(Draw, DependsOnSeedRoomAndNumber) {
  std::string other = seed;
  other.back() = '0';
  EXPECT_NE(draw_key(seed, {1}, 1), draw_key(other, {1}, 1));
  EXPECT_NE(draw_key(seed, {1}, 1), draw_key(seed, {2}, 1));
  EXPECT_NE(draw_key(seed, {1}, 11), draw_key(seed, {11}, 1));
}

TEST(Draw, ASeedIs64HexDigitsInLowerCase) {
  EXPECT_TRUE(is_draw_seed(seed));
  EXPECT_TRUE(is_draw_seed(seed_hash("")));
  for (const std::string& text : {std::string(), seed.substr(1), seed + "0", "G" + seed.substr(1),
                                  "A" + seed.substr(1), std::string(64, '\0')}) {
    EXPECT_FALSE(is_draw_seed(text)) << text;
  }
}

// ---- fairness --------------------------------------------------------------------------

constexpr std::size_t arrivals_count = 10;
constexpr int seeds_count = 1'000;
/// How often each arrival (row) got each place of the drawn order (column).
using Places = std::array<std::array<int, arrivals_count>, arrivals_count>;

/// Pearson's statistic against "each place equally often". Rows and columns both add up to the
/// number of seeds, since each draw is a permutation: hence the factor, with which it is
/// distributed as chi-square with (10 - 1)^2 = 81 degrees of freedom.
double chi_square(const Places& places) {
  const double expected = double{seeds_count} / double{arrivals_count};
  double sum = 0;
  for (const auto& row : places) {
    for (const int seen : row) sum += (seen - expected) * (seen - expected) / expected;
  }
  return sum * (arrivals_count - 1) / arrivals_count;
}

/// Exceeded by one fair draw in a thousand (p = 0.001, 81 degrees of freedom).
constexpr double threshold = 126.1;
/// A statistic as low as this would be too even to be chance (p = 0.001 on the other side).
constexpr double threshold_low = 46.5;

/// Holds a draw for each seed; `meddle` may then change its order.
Places places_over_seeds(
    const std::function<std::string(int)>& seed_of,
    const std::function<void(int, std::vector<std::int64_t>&)>& meddle = [](int, auto&) {}) {
  std::vector<std::int64_t> arrivals(arrivals_count);
  std::iota(arrivals.begin(), arrivals.end(), 1);
  Places places{};
  for (int i = 0; i < seeds_count; ++i) {
    auto order = drawn_order(seed_of(i), {1}, arrivals);
    meddle(i, order);
    for (std::size_t place = 0; place < order.size(); ++place) {
      ++places.at(static_cast<std::size_t>(order[place] - 1)).at(place);
    }
  }
  return places;
}

// The seeds are fixed, so that the test says the same every day.
std::string spread(int i) { return seed_hash("seed " + std::to_string(i)); }
std::string counted(int i) {
  const std::string digits = std::to_string(i);
  return std::string(draw_seed_length - digits.size(), '0') + digits;
}

TEST(DrawFairness, NoPlaceInTheArrivalOrderIsFavoured) {
  const double statistic = chi_square(places_over_seeds(spread));
  EXPECT_LT(statistic, threshold);
  EXPECT_GT(statistic, threshold_low);
}

TEST(DrawFairness, NorIsOneIfSeedsHardlyDiffer) {
  const double statistic = chi_square(places_over_seeds(counted));
  EXPECT_LT(statistic, threshold);
  EXPECT_GT(statistic, threshold_low);
}

TEST(DrawFairness, OneFriendLetInFrontInOneDrawOfTenWouldShow) {
  const auto befriend = [](int i, std::vector<std::int64_t>& order) {
    if (i % 10 != 0) return;
    std::ranges::rotate(order.begin(), std::ranges::find(order, 1),
                        std::next(std::ranges::find(order, 1)));
  };
  EXPECT_GT(chi_square(places_over_seeds(spread, befriend)), threshold);
}

}  // namespace
}  // namespace onsale::domain
