// Axes and the drawings that stand on them.
#include "app/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace onsale::app {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> words(const std::vector<Tick>& ticks) {
  std::vector<std::string> words(ticks.size());
  std::ranges::transform(ticks, words.begin(), &Tick::words);
  return words;
}

TEST(Axis, OfCountsEndsAtARoundNumber) {
  EXPECT_THAT(words(Axis::of_counts(0).ticks()), ElementsAre("0", "0.5", "1"));
  EXPECT_THAT(words(Axis::of_counts(3).ticks()), ElementsAre("0", "2.5", "5"));
  EXPECT_THAT(words(Axis::of_counts(1001).ticks()), ElementsAre("0", "1000", "2000"));
  EXPECT_THAT(words(Axis::of_counts(5001).ticks()), ElementsAre("0", "5k", "10k"));
  EXPECT_THAT(words(Axis::of_counts(700'000).ticks()), ElementsAre("0", "0.5M", "1M"));
  EXPECT_DOUBLE_EQ(Axis::of_counts(3).place(2), 0.4);
}

TEST(Axis, OfTimesHasPowersOfTen) {
  const Axis axis = Axis::of_times(2, 3500);
  EXPECT_THAT(words(axis.ticks()), ElementsAre("1 ms", "10 ms", "100 ms", "1 s", "10 s"));
  EXPECT_DOUBLE_EQ(axis.place(1), 0);
  EXPECT_DOUBLE_EQ(axis.place(100), 0.5);
  EXPECT_DOUBLE_EQ(axis.place(10'000), 1);
  EXPECT_DOUBLE_EQ(axis.place(1'000'000), 1);
}

TEST(Axis, OfTimesIsNeverEmptyAndNeverCrowded) {
  EXPECT_THAT(words(Axis::of_times(1, 1).ticks()), ElementsAre("1 ms", "10 ms"));
  EXPECT_THAT(words(Axis::of_times(0.001, 60'000).ticks()),
              ElementsAre("1 µs", "100 µs", "10 ms", "1 s", "100 s"));
}

TEST(TimeTicks, AreRoundAndFew) {
  EXPECT_THAT(words(time_ticks(seconds{0})), ElementsAre("0 s"));
  EXPECT_THAT(words(time_ticks(seconds{4})), ElementsAre("0 s", "1 s", "2 s", "3 s", "4 s"));
  EXPECT_THAT(words(time_ticks(seconds{70})), ElementsAre("0 s", "15 s", "30 s", "45 s", "60 s"));
  EXPECT_THAT(words(time_ticks(seconds{3600})),
              ElementsAre("0 min", "15 min", "30 min", "45 min", "60 min"));
  EXPECT_THAT(words(time_ticks(seconds{4 * 3600})), ElementsAre("0 h", "1 h", "2 h", "3 h", "4 h"));
  for (std::int64_t length = 1; length < 2'000'000; length = length * 3 / 2 + 1) {
    const auto ticks = time_ticks(seconds{length});
    EXPECT_LE(ticks.size(), 6U) << length;
    EXPECT_GE(ticks.size(), 2U) << length;
    EXPECT_LE(ticks.back().at, 1) << length;
  }
}

Chart of(std::vector<Series> series) {
  return {.id = "x",
          .title = "T",
          .description = "D",
          .panels = {{.title = "P", .series = std::move(series)}}};
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Chart, OfNothingIsEmpty) {
  EXPECT_EQ(draw(Chart{}), "");
  EXPECT_EQ(draw(of({{.style = "line", .values = {}}})), "");
}

TEST(Chart, TellsItselfToThoseWhoCannotSeeIt) {
  EXPECT_THAT(draw(of({{.style = "line", .values = {1}}})),
              AllOf(HasSubstr(R"(role="img" aria-labelledby="x-title x-about")"),
                    HasSubstr(R"(<title id="x-title">T</title><desc id="x-about">D</desc>)")));
}

TEST(Chart, LeavesOutWhatIsNotKnown) {
  const std::string whole = draw(of({{.style = "line", .values = {1, 2, 3}}}));
  EXPECT_EQ(count(whole, "Z"), 1U);
  const std::string parted = draw(of({{.style = "line", .values = {1, std::nullopt, 3}}}));
  EXPECT_EQ(count(parted, "Z"), 2U);
  EXPECT_THAT(draw(of({{.style = "line", .values = {std::nullopt}}})), HasSubstr(R"(d="")"));
}

TEST(Chart, HasALegendForSeveralLines) {
  const Series one{.style = "usual", .values = {1, 2}, .name = "p50"};
  const Series other{.style = "slow", .values = {2, 3}, .name = "p99"};
  const std::string svg = draw(of({one, other}));
  EXPECT_THAT(svg, AllOf(HasSubstr(">p50</text>"), HasSubstr(">p99</text>"), Not(HasSubstr("Z"))));
  EXPECT_THAT(draw(of({one})), Not(HasSubstr("p50")));
}

}  // namespace
}  // namespace onsale::app
