#include "rush/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace onsale::rush {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::size_t people = 20'000;

std::vector<microseconds> come(ArrivalCurve curve, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  return arrivals(curve, people, seconds{60}, random);
}

double share_by(const std::vector<microseconds>& moments, microseconds at) {
  return static_cast<double>(std::ranges::upper_bound(moments, at) - moments.begin()) / people;
}

TEST(Arrivals, AreInOrderAndWithinTheirTime) {
  for (const auto curve : {ArrivalCurve::burst, ArrivalCurve::decay, ArrivalCurve::even}) {
    const auto moments = come(curve);
    ASSERT_EQ(moments.size(), people);
    EXPECT_TRUE(std::ranges::is_sorted(moments));
    EXPECT_GE(moments.front(), microseconds{0});
    EXPECT_LE(moments.back(), curve == ArrivalCurve::burst ? seconds{1} : seconds{60});
  }
}

TEST(Arrivals, FollowTheirCurve) {
  EXPECT_NEAR(share_by(come(ArrivalCurve::even), seconds{15}), 0.25, 0.02);
  EXPECT_NEAR(share_by(come(ArrivalCurve::decay), seconds{9}), 0.5, 0.02);
  EXPECT_NEAR(share_by(come(ArrivalCurve::burst), std::chrono::milliseconds{500}), 0.5, 0.02);
}

TEST(Arrivals, AreTheSameForTheSameSeed) {
  EXPECT_EQ(come(ArrivalCurve::decay, 7), come(ArrivalCurve::decay, 7));
  EXPECT_NE(come(ArrivalCurve::decay, 7), come(ArrivalCurve::decay, 8));
}

}  // namespace
}  // namespace onsale::rush
