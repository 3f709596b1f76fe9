// Many seconds as a few spans.
#include "rush/timeline.h"

#include <gtest/gtest.h>

namespace onsale::rush {
namespace {

using std::chrono::microseconds;

/// As many that go up by one a second.
std::vector<Second> rising(std::int64_t count) {
  std::vector<Second> seconds;
  seconds.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    seconds.push_back({.second = i, .waiting = i, .answers = i, .longest = microseconds{i}});
  }
  return seconds;
}

TEST(Timeline, OfNothingIsEmpty) { EXPECT_TRUE(timeline_of({}).spans.empty()); }

TEST(Timeline, KeepsEachSecondWhileTheyAreFew) {
  const Timeline timeline = timeline_of(rising(240));
  EXPECT_EQ(timeline.span_seconds, 1);
  ASSERT_EQ(timeline.spans.size(), 240U);
  EXPECT_EQ(timeline.spans[17].all.answers, 17);
}

TEST(Timeline, HasRoundSpansHoweverLongItIs) {
  for (const auto& [seconds, span] : {std::pair<std::int64_t, std::int64_t>{241, 2},
                                      {481, 5},
                                      {3600, 15},
                                      {7201, 60},
                                      {864'000, 3600},
                                      {864'001, 7200}}) {
    const Timeline timeline = timeline_of(rising(seconds));
    EXPECT_EQ(timeline.span_seconds, span) << seconds;
    EXPECT_LE(timeline.spans.size(), Timeline::spans_max) << seconds;
  }
}

TEST(Timeline, LosesNoSecondAndNoCount) {
  constexpr std::int64_t seconds = 1000;  // 200 spans of 5
  std::int64_t covered = 0;
  std::int64_t answers = 0;
  for (const Span& span : timeline_of(rising(seconds + 3)).spans) {
    EXPECT_EQ(span.all.second, covered);
    covered += span.seconds;
    answers += span.all.answers;
  }
  EXPECT_EQ(covered, seconds + 3);
  EXPECT_EQ(answers, (seconds + 3) * (seconds + 2) / 2);
}

/// 241 seconds, so that two make a span; these are the first two.
Span first_of(const Second& first, const Second& second) {
  std::vector<Second> seconds = rising(241);
  seconds[0] = first;
  seconds[1] = second;
  return timeline_of(seconds).spans.front();
}

TEST(Timeline, SumsWhatWasCountedAndKeepsTheWorst) {
  const Span span = first_of({.waiting = 9,
                              .active = 1,
                              .bought = 3,
                              .admitted = 1,
                              .holds = 2,
                              .answers = 30,
                              .failures = 4,
                              .p50 = microseconds{5},
                              .p99 = microseconds{7},
                              .longest = microseconds{70}},
                             {.waiting = 2,
                              .active = 6,
                              .bought = 5,
                              .admitted = 10,
                              .holds = 20,
                              .answers = 300,
                              .failures = 40,
                              .p50 = microseconds{6},
                              .p99 = microseconds{8},
                              .longest = microseconds{60}});
  EXPECT_EQ(span.seconds, 2);
  EXPECT_EQ(span.all.waiting, 9);
  EXPECT_EQ(span.all.active, 6);
  EXPECT_EQ(span.all.bought, 5);
  EXPECT_EQ(span.all.admitted, 11);
  EXPECT_EQ(span.all.holds, 22);
  EXPECT_EQ(span.all.answers, 330);
  EXPECT_EQ(span.all.failures, 44);
  EXPECT_EQ(span.all.p50, microseconds{6});
  EXPECT_EQ(span.all.p99, microseconds{8});
  EXPECT_EQ(span.all.longest, microseconds{70});
  EXPECT_DOUBLE_EQ(span.per_second(span.all.answers), 165);
}

TEST(Timeline, KnowsTheSeatsLeftAtTheEndOfASpan) {
  EXPECT_EQ(first_of({.seats_left = 40}, {.seats_left = 30}).all.seats_left, 30);
  EXPECT_EQ(first_of({}, {.seats_left = 30}).all.seats_left, 30);
  EXPECT_EQ(first_of({}, {}).all.seats_left, std::nullopt);
}

TEST(Timeline, DividesTheLastSpanByItsOwnSeconds) {
  std::vector<Second> seconds = rising(241);
  seconds.back().answers = 7;
  const Span last = timeline_of(seconds).spans.back();
  EXPECT_EQ(last.seconds, 1);
  EXPECT_DOUBLE_EQ(last.per_second(last.all.answers), 7);
}

}  // namespace
}  // namespace onsale::rush
