#include "api/entry_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <optional>
#include <string>

#include "api/problems.h"
#include "tests/api/altcha_solver.h"

namespace onsale::api {
namespace {

using namespace std::chrono_literals;
using domain::Timestamp;
using testing::HasSubstr;

constexpr Timestamp ten = domain::from_millis(1'900'000'000'000);
constexpr domain::RoomId room{1};
constexpr domain::UserId fan1{7};
constexpr domain::UserId fan2{8};
constexpr std::int64_t work = 20;

http::Request from(const char* address, std::optional<domain::UserId> user = {}) {
  http::Request request;
  request.remote_address = address;
  if (user) request.identity = http::Identity{.user_id = user->value};
  return request;
}

struct Entering {
  EntryGuard guard;
  std::int64_t work = 0;

  explicit Entering(std::int64_t per_minute, std::int64_t asked = 0)
      : guard(std::string(64, 'a'), {.entries_per_address_per_minute = per_minute, .proxies = {}}),
        work(asked) {}

  auto admit(domain::UserId user, const std::string& solution = "", Timestamp now = ten,
             const char* address = "203.0.113.7") {
    return guard.admit(from(address), {.room = room, .user = user, .solution = solution}, work, now,
                       EntryRate::Moment(1h) + (now - ten));
  }
  /// "entered", or the problem's slug. Who may, does.
  std::string enter(domain::UserId user, const std::string& solution = "", Timestamp now = ten,
                    const char* address = "203.0.113.7") {
    auto pass = admit(user, solution, now, address);
    if (!pass) return std::string(pass.error().type().slug);
    pass->entered();
    return "entered";
  }
  std::string solution(std::optional<domain::UserId> user, const char* address = "203.0.113.7") {
    return payload_of(guard.challenge(from(address, user), room, work, ten));
  }
};

TEST(EntryGuard, AsksForNothingByDefault) {
  Entering entering(0);
  EXPECT_FALSE(entering.guard.asks(0));
  EXPECT_TRUE(entering.guard.asks(1));
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(entering.enter(fan1), "entered");
}

TEST(EntryGuard, AsksForWork) {
  Entering entering(0, work);
  EXPECT_EQ(entering.enter(fan1), "proof-of-work-required");
  const std::string solution = entering.solution(fan1);
  EXPECT_EQ(entering.enter(fan2, solution), "proof-of-work-required");
  EXPECT_EQ(entering.enter(fan1, solution), "entered");
  EXPECT_EQ(entering.enter(fan1, solution), "proof-of-work-required");
}

TEST(EntryGuard, AChallengeOfNobodyIsForTheAddress) {
  Entering entering(0, work);
  const std::string solution = entering.solution({});
  EXPECT_EQ(entering.enter(fan1, solution, ten, "198.51.100.9"), "proof-of-work-required");
  EXPECT_EQ(entering.enter(fan1, solution), "entered");
}

TEST(EntryGuard, TheRefusalIsAChallengeForTheUser) {
  Entering entering(0, work);
  const auto refused = entering.admit(fan1, "nonsense");
  ASSERT_FALSE(refused);
  const auto problem = boost::json::parse(refused.error().to_json("/here")).as_object();
  EXPECT_EQ(problem.at("status"), 403);
  EXPECT_EQ(problem.at("reason"), "malformed");
  const auto text = [&](const char* name) { return std::string(problem.at(name).as_string()); };
  const Challenge challenge{.algorithm = text("algorithm"),
                            .challenge = text("challenge"),
                            .maxnumber = problem.at("maxnumber").as_int64(),
                            .salt = text("salt"),
                            .signature = text("signature")};
  EXPECT_EQ(entering.enter(fan2, payload_of(challenge)), "proof-of-work-required");
  EXPECT_EQ(entering.enter(fan1, payload_of(challenge)), "entered");
}

TEST(EntryGuard, TellsWhenTheNextMayEnterFromAnAddress) {
  Entering entering(4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(entering.enter(fan1), "entered");
  const auto refused = entering.admit(fan2, "", ten + 4'001ms);
  ASSERT_FALSE(refused);
  const std::string problem = refused.error().to_json("/here");
  EXPECT_THAT(problem, HasSubstr(R"("type":"/problems/too-many-requests")"));
  EXPECT_THAT(problem, HasSubstr(R"("retry_after":11)"));
  EXPECT_THAT(problem, HasSubstr("\"next_at\":\"" + http::format_timestamp(ten + 15s) + "\""));
  EXPECT_EQ(entering.enter(fan2, "", ten, "198.51.100.9"), "entered");
  EXPECT_EQ(entering.enter(fan2, "", ten + 14'999ms), "too-many-requests");
  EXPECT_EQ(entering.enter(fan2, "", ten + 15s), "entered");
}

TEST(EntryGuard, NobodyWorksForAnEntryThatIsNotToBeHad) {
  Entering entering(1, work);
  const std::string later = entering.solution(fan2);
  EXPECT_EQ(entering.enter(fan1), "proof-of-work-required") << "which costs no entry";
  EXPECT_EQ(entering.enter(fan1, entering.solution(fan1)), "entered");
  EXPECT_EQ(entering.enter(fan2), "too-many-requests");
  EXPECT_EQ(entering.enter(fan2, later), "too-many-requests") << "and the solution is kept";
  EXPECT_EQ(entering.enter(fan2, later, ten + 60s), "entered");
}

TEST(EntryGuard, WhoDoesNotEnterInTheEndPaysNothing) {
  Entering entering(1, work);
  const std::string solution = entering.solution(fan1);
  {
    const auto pass = entering.admit(fan1, solution);
  }
  EXPECT_EQ(entering.enter(fan1, solution), "entered");
}

TEST(EntryGuard, ASolutionIsUsedByOneRequestAtATime) {
  Entering entering(0, work);
  const std::string solution = entering.solution(fan1);
  auto first = entering.admit(fan1, solution);
  ASSERT_TRUE(first);
  const auto second = entering.admit(fan1, solution);
  ASSERT_FALSE(second);
  EXPECT_EQ(&second.error().type(), &problems::request_in_flight);
  EXPECT_THAT(second.error().to_json("/here"), HasSubstr(R"("retry_after":1)"));
  EntryPass moved = *std::move(first);
  moved.entered();
  EXPECT_EQ(entering.enter(fan1, solution), "proof-of-work-required");
}

}  // namespace
}  // namespace onsale::api
