#include "rush/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace onsale::rush {
namespace {

using std::chrono::microseconds;

TEST(Histogram, KnowsNothingAtFirst) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.percentile(99), microseconds{0});
}

TEST(Histogram, CountsEachMicrosecondWhenTheyAreFew) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.record(microseconds{i});
  EXPECT_EQ(histogram.percentile(0), microseconds{1});
  EXPECT_EQ(histogram.percentile(50), microseconds{50});
  EXPECT_EQ(histogram.percentile(99), microseconds{99});
  EXPECT_EQ(histogram.percentile(100), microseconds{100});
}

TEST(Histogram, IsRightToAHundredthOverTheWholeRange) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(0, 22);  // to more than an hour
  std::vector<std::int64_t> values;
  Histogram histogram;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::int64_t>(std::exp(exponent(random))));
    histogram.record(microseconds{values.back()});
  }
  std::ranges::sort(values);
  for (const double percent : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto at = static_cast<std::size_t>(std::ceil(percent / 100 * 20'000)) - 1;
    const auto exact = static_cast<double>(values[at]);
    EXPECT_NEAR(static_cast<double>(histogram.percentile(percent).count()), exact, exact / 100)
        << percent;
  }
  EXPECT_EQ(histogram.longest(), microseconds{values.back()});
}

TEST(Histogram, OfBothIsThatOfEachTogether) {
  Histogram quick;
  Histogram slow;
  for (int i = 0; i < 99; ++i) quick.record(microseconds{10});
  slow.record(std::chrono::seconds{3});
  quick.add(slow);
  EXPECT_EQ(quick.count(), 100);
  EXPECT_EQ(quick.percentile(99), microseconds{10});
  EXPECT_EQ(quick.percentile(100), std::chrono::seconds{3});
}

}  // namespace
}  // namespace onsale::rush
