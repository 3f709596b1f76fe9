#include "api/visits.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/wire.h"

namespace onsale::api {
namespace {

using domain::from_millis;

std::string told(const Visit& visit) {
  const http::Response answer = with_retry_after({}, visit);
  return answer.headers.empty() ? "" : answer.headers.front().second;
}

Visit waiting_at(std::optional<std::int64_t> position) {
  Visit visit;
  visit.visitor.state = domain::VisitorState::waiting;
  visit.position = position;
  return visit;
}

TEST(RetryAfter, GrowsWithTheDistanceToTheFront) {
  struct Case {
    std::optional<std::int64_t> position;
    const char* seconds;
  };
  for (const auto& [position, seconds] : std::vector<Case>{{std::nullopt, "1"},  // before a draw
                                                           {1, "1"},
                                                           {9'999, "1"},
                                                           {10'000, "2"},
                                                           {99'999, "10"},
                                                           {100'000, "11"},
                                                           {590'000, "60"},
                                                           {1'000'000, "60"}}) {
    EXPECT_EQ(told(waiting_at(position)), seconds) << position.value_or(0);
  }
}

TEST(RetryAfter, BeforeADrawGrowsWithThoseWhoCameBefore) {
  Visit visit = waiting_at(std::nullopt);
  visit.visitor.number = 35'000;
  EXPECT_EQ(told(visit), "4");
  visit.visitor.number = 1'000'000;
  EXPECT_EQ(told(visit), "10");
}

TEST(RetryAfter, IsNeverSoLateThatThePlaceIsLost) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  Visit visit = waiting_at(1'000'000);
  visit.silence_max = seconds{30};
  EXPECT_EQ(told(visit), "15");
  visit.silence_max = milliseconds{1'500};
  EXPECT_EQ(told(visit), "1");
  visit.silence_max = milliseconds{-5};
  EXPECT_EQ(told(visit), "1");
}

TEST(RetryAfter, IsForThoseWhoWait) {
  using enum domain::VisitorState;
  for (const auto state : {active, completed, expired, left}) {
    Visit visit = waiting_at(0);
    visit.visitor.state = state;
    EXPECT_EQ(told(visit), "") << static_cast<int>(state);
  }
}

// The first 48 bits are the time in milliseconds (RFC 9562, section 5.7): whoever comes later has a
// token further on, which is what the store's index wants.
TEST(FreshToken, IsAUuidOfVersionSeven) {
  const auto token = fresh_token(from_millis(0x0123456789ab));
  EXPECT_EQ(token_text(token).substr(0, 15), "01234567-89ab-7");
  EXPECT_EQ(token.variant(), domain::VisitorToken::variant_rfc_4122);
  EXPECT_LT(token, fresh_token(from_millis(0x0123456789ac)));
}

TEST(FreshToken, IsAnotherEachTime) {
  std::vector<domain::VisitorToken> tokens;
  for (int i = 0; i < 1000; ++i) tokens.push_back(fresh_token(from_millis(1)));
  std::ranges::sort(tokens);
  EXPECT_EQ(std::ranges::adjacent_find(tokens), tokens.end());
}

TEST(TokenText, IsReadAsItWasWritten) {
  const auto token = fresh_token(from_millis(1'700'000'000'000));
  EXPECT_EQ(parse_token(token_text(token)), token);
  EXPECT_EQ(token_text(*parse_token("0123ABCD-89ab-7cde-8f01-23456789ABCD")),
            "0123abcd-89ab-7cde-8f01-23456789abcd");
}

TEST(TokenText, NothingElseIsAToken) {
  for (const char* text :
       {"", "0123abcd", "0123abcd-89ab-7cde-8f01-23456789abcd0",
        "0123abcd-89ab-7cde-8f01-23456789abc", "0123abcd089ab-7cde-8f01-23456789abcd",
        "0123abcd-89ab07cde-8f01-23456789abcd", "0123abcd-89ab-7cde08f01-23456789abcd",
        "0123abcd-89ab-7cde-8f01023456789abcd", "0123abcg-89ab-7cde-8f01-23456789abcd",
        "0123abcd-89ab-7cde-8f01-23456789abc-", "+123abcd-89ab-7cde-8f01-23456789abcd",
        "-123abcd-89ab-7cde-8f01-23456789abcd", " 123abcd-89ab-7cde-8f01-23456789abcd",
        "{123abcd-89ab-7cde-8f01-23456789abc}", "0123abcd-89ab-7cde-8f01-0x456789abcd",
        "0123abcd89ab7cde8f0123456789abcd0000"}) {
    EXPECT_FALSE(parse_token(text)) << text;
  }
}

}  // namespace
}  // namespace onsale::api
