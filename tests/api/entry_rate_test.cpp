#include "api/entry_rate.h"

#include <gtest/gtest.h>

#include <string>

namespace onsale::api {
namespace {

using namespace std::chrono_literals;
using domain::Duration;

constexpr EntryRate::Moment ten{std::chrono::hours{10}};

/// How long the address has to wait after so much time; 0: it may.
Duration wait(EntryRate& rate, const std::string& address, Duration after) {
  return rate.take(address, ten + after).value_or(0ms);
}

TEST(EntryRate, LetsAMinutesWorthInAtOnceAndThenOneByOne) {
  EntryRate rate(3);
  for (int entry = 0; entry < 3; ++entry) EXPECT_EQ(wait(rate, "a", 0s), 0ms);
  EXPECT_EQ(wait(rate, "a", 0s), 20s);
  EXPECT_EQ(wait(rate, "a", 12'345ms), 7'655ms);
  EXPECT_EQ(wait(rate, "a", 19'999ms), 1ms);
  EXPECT_EQ(wait(rate, "a", 20s), 0ms);
  EXPECT_EQ(wait(rate, "a", 20s), 20s);
  EXPECT_EQ(wait(rate, "a", 80s), 0ms) << "three in that minute, one taken here";
  EXPECT_EQ(wait(rate, "a", 80s), 0ms);
  EXPECT_EQ(wait(rate, "a", 80s), 0ms);
  EXPECT_EQ(wait(rate, "a", 80s), 20s);
}

TEST(EntryRate, TheWaitIsExactWhateverTheRate) {
  for (const std::int64_t per_minute : {1, 7, 60, 59'999, 60'000}) {
    EntryRate rate(per_minute);
    for (std::int64_t entry = 0; entry < per_minute; ++entry) EXPECT_EQ(wait(rate, "a", 0s), 0ms);
    const Duration first = wait(rate, "a", 0s);
    ASSERT_GT(first, 0ms) << per_minute;
    EXPECT_EQ(wait(rate, "a", first - 1ms), 1ms) << per_minute;
    EXPECT_EQ(wait(rate, "a", first), 0ms) << per_minute;
  }
}

TEST(EntryRate, AskingInVainCostsNothing) {
  EntryRate rate(1);
  EXPECT_EQ(wait(rate, "a", 0s), 0ms);
  for (int second = 0; second < 60; ++second) {
    EXPECT_EQ(wait(rate, "a", std::chrono::seconds(second)), std::chrono::seconds(60 - second));
  }
  EXPECT_EQ(wait(rate, "a", 60s), 0ms);
}

TEST(EntryRate, IsEachAddressesOwn) {
  EntryRate rate(1);
  EXPECT_EQ(wait(rate, "a", 0s), 0ms);
  EXPECT_EQ(wait(rate, "b", 0s), 0ms);
  EXPECT_EQ(wait(rate, "a", 0s), 60s);
}

TEST(EntryRate, WhatCameToNothingIsGivenBack) {
  EntryRate rate(1);
  EXPECT_EQ(wait(rate, "a", 0s), 0ms);
  rate.give_back("a");
  rate.give_back("nobody");
  EXPECT_EQ(wait(rate, "a", 0s), 0ms);
  EXPECT_EQ(wait(rate, "a", 0s), 60s);
}

TEST(EntryRate, ForgetsTheAddressThatHasNotEnteredForLongest) {
  EntryRate rate(2, /*addresses_max=*/2);
  for (const char* address : {"a", "b", "a"}) EXPECT_EQ(wait(rate, address, 0s), 0ms);
  EXPECT_EQ(wait(rate, "c", 0s), 0ms);
  EXPECT_EQ(rate.addresses(), 2U);
  EXPECT_EQ(wait(rate, "a", 0s), 30s) << "entered after b";
  EXPECT_EQ(wait(rate, "b", 0s), 0ms);
  EXPECT_EQ(wait(rate, "b", 0s), 0ms);
  EXPECT_EQ(wait(rate, "b", 0s), 30s);
  EXPECT_EQ(rate.addresses(), 2U);
}

}  // namespace
}  // namespace onsale::api
