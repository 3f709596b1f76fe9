#include "app/duration.h"

#include <gtest/gtest.h>

namespace onsale::app {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, TakesAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("300s"), 300s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("12h"), 12h);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("0"), 0s);
  EXPECT_EQ(parse_duration("876000h"), duration_max);
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text : {"", "5", "s", "1.5s", "-5s", "+5s", " 5s", "5 s", "5s ", "5S", "5min",
                           "1h30m", "5d", "876001h", "99999999999999999999s", "0x5s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(FormatDuration, PrefersHoursThenSeconds) {
  EXPECT_EQ(format_duration(12h), "12h");
  EXPECT_EQ(format_duration(10min), "600s");
  EXPECT_EQ(format_duration(90min), "5400s");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(0ms), "0s");
}

}  // namespace
}  // namespace onsale::app
