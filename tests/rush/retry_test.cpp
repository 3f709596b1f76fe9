// What is asked again, and after how long.
#include "rush/retry.h"

#include <gtest/gtest.h>

#include <string>

namespace onsale::rush {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Lost = Answer::Lost;

Answer answer(int status, std::optional<seconds> retry_after = {}) {
  return {.status = status, .body = {}, .retry_after = retry_after, .trouble = {}};
}

Answer none(Lost lost) { return {.lost = lost, .body = {}, .retry_after = {}, .trouble = "gone"}; }

struct Case {
  const char* what;
  Answer answer;
  std::optional<milliseconds> repeatable;
  std::optional<milliseconds> once;  // what would be done twice
};

TEST(Retry, WhatIsAskedAgain) {
  const std::optional<milliseconds> no;
  const Case cases[] = {
      {"done", answer(201), no, no},
      {"done, and when to look again", answer(200, seconds{5}), no, no},
      {"a seat that is gone", answer(409), no, no},
      {"the first is still being worked on", answer(409, seconds{1}), seconds{1}, seconds{1}},
      {"too many of an address", answer(429, seconds{7}), seconds{7}, seconds{7}},
      {"too many, for good", answer(429), no, no},
      {"a fault of the server", answer(500), no, no},
      {"the store is away", answer(503, seconds{2}), seconds{2}, seconds{2}},
      {"at once, if it says so", answer(503, seconds{0}), seconds{0}, seconds{0}},
      {"away for good", answer(503), no, no},
      {"the node behind the balancer ended", answer(502), seconds{1}, no},
      {"or does not answer", answer(504, seconds{3}), seconds{3}, no},
      {"no connection", none(Lost::unsent), seconds{1}, seconds{1}},
      {"a connection that ended", none(Lost::cut), seconds{1}, no},
      {"no answer for as long as anybody waits", none(Lost::late), no, no},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(again_after(each.answer, true), each.repeatable) << each.what;
    EXPECT_EQ(again_after(each.answer, false), each.once) << each.what << ", once";
  }
}

TEST(Retry, NotAllAtTheSameMoment) {
  EXPECT_EQ(spread_of(seconds{0}), milliseconds{500});
  EXPECT_EQ(spread_of(seconds{10}), seconds{5});
}

}  // namespace
}  // namespace onsale::rush
