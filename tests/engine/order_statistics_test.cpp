// Counting those ahead: as a sorted set would, whatever comes and goes, also across the
// borders of words and when the front is given back.
#include "engine/views/order_statistics.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <stdexcept>

namespace onsale::test {
namespace {

using engine::OrderStatistics;

std::int64_t up_to(const std::set<std::int64_t>& model, std::int64_t number) {
  return std::distance(model.begin(), model.upper_bound(number));
}

TEST(Order, AnEmptyLineHasNobodyAhead) {
  OrderStatistics line;
  EXPECT_EQ(line.size(), 0);
  for (const std::int64_t number : {-1, 0, 1, 1000}) {
    EXPECT_EQ(line.count_up_to(number), 0);
    EXPECT_FALSE(line.contains(number));
  }
}

TEST(Order, CountsAcrossTheBordersOfWords) {
  OrderStatistics line;
  std::set<std::int64_t> model;
  for (const std::int64_t number : {5, 68, 69, 132, 133, 134, 1000, 5000}) {
    line.add(number);
    model.insert(number);
  }
  for (std::int64_t probe = 0; probe < 5100; ++probe) {
    ASSERT_EQ(line.count_up_to(probe), up_to(model, probe)) << probe;
    ASSERT_EQ(line.contains(probe), model.contains(probe)) << probe;
  }
}

TEST(Order, RefusesWhatIsNotInOrderOrNotThere) {
  OrderStatistics line;
  line.add(10);
  line.add(12);
  EXPECT_THROW(line.add(12), std::logic_error);
  EXPECT_THROW(line.add(11), std::logic_error);
  EXPECT_THROW(line.remove(11), std::logic_error);
  EXPECT_THROW(line.remove(9), std::logic_error);
  EXPECT_THROW(line.remove(1'000'000), std::logic_error);
  EXPECT_EQ(line.count_up_to(100), 2);
}

TEST(Order, BeginsAnewWhenItWasEmpty) {
  OrderStatistics line;
  line.add(1'000'000);
  line.remove(1'000'000);
  line.add(3);
  EXPECT_EQ(line.count_up_to(2), 0);
  EXPECT_EQ(line.count_up_to(2'000'000), 1);
}

/// A line that moves on, with some who leave from the middle and one who stays at the front.
TEST(Order, StaysExactWhileTheFrontIsGivenBack) {
  for (const bool somebody_stays : {false, true}) {
    OrderStatistics line;
    std::set<std::int64_t> model;
    for (std::int64_t number = 1; number <= 100'000; ++number) {
      line.add(number);
      model.insert(number);
      while (model.size() > 700) {
        auto gone = model.begin();
        std::advance(gone, somebody_stays ? 1 + number % 3 : number % 3);
        line.remove(*gone);
        model.erase(gone);
      }
      if (number % 997 != 0) continue;
      for (const std::int64_t probe : {*model.begin(), *model.rbegin(), number - 350}) {
        ASSERT_EQ(line.count_up_to(probe), up_to(model, probe));
      }
    }
    ASSERT_EQ(line.size(), static_cast<std::int64_t>(model.size()));
  }
}

RC_GTEST_PROP(Order, CountsLikeASortedSetWithLongGaps, ()) {
  OrderStatistics line;
  std::set<std::int64_t> model;
  std::int64_t next = *rc::gen::inRange<std::int64_t>(-1000, 1000);
  const int steps = *rc::gen::inRange(0, 400);
  for (int i = 0; i < steps; ++i) {
    if (model.empty() || *rc::gen::inRange(0, 3) > 0) {
      next += *rc::gen::inRange(1, 200);
      line.add(next);
      model.insert(next);
    } else {
      const auto at = std::next(model.begin(), *rc::gen::inRange<std::ptrdiff_t>(
                                                   0, static_cast<std::ptrdiff_t>(model.size())));
      line.remove(*at);
      model.erase(at);
    }
    const std::int64_t probe = *rc::gen::inRange<std::int64_t>(next - 2000, next + 100);
    RC_ASSERT(line.count_up_to(probe) == up_to(model, probe));
    RC_ASSERT(line.contains(probe) == model.contains(probe));
  }
}

}  // namespace
}  // namespace onsale::test
