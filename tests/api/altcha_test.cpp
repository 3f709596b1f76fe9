#include "api/altcha.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/api/altcha_solver.h"

namespace onsale::api {
namespace {

using namespace std::chrono_literals;
using domain::RoomId;
using domain::Timestamp;
using domain::UserId;
using testing::MatchesRegex;

constexpr Timestamp ten = domain::from_millis(1'900'000'000'400);
constexpr std::int64_t work = 50;
const std::string secret(64, 'a');
const Solver fan1{.room = {1}, .user = {7}, .network = "203.0.113.7"};
const Solver fan2{.room = {1}, .user = {8}, .network = "203.0.113.7"};
const Solver nobody{.room = {1}, .user = {}, .network = "203.0.113.7"};

/// What comes of a solution: "good", and then it is used, or what is wrong with it.
std::string use(Altcha& altcha, const std::string& payload, const Solver& solver = fan1,
                Timestamp now = ten, std::int64_t asked = work) {
  const auto taken = altcha.take(payload, solver, asked, now);
  if (!taken) return std::string(to_text(taken.error()));
  altcha.spend(*taken);
  return "good";
}

// ---- the protocol --------------------------------------------------------------------

TEST(Challenge, IsAsTheProtocolHasIt) {
  const Altcha altcha(secret, 5min);
  const Challenge challenge = altcha.challenge(fan1, work, ten);
  EXPECT_EQ(challenge.algorithm, "SHA-256");
  EXPECT_EQ(challenge.maxnumber, work);
  EXPECT_EQ(http::write(challenge).find(R"({"algorithm":"SHA-256","challenge":")"), 0U);
  EXPECT_THAT(challenge.challenge, MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(challenge.signature, MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(challenge.salt,
              MatchesRegex("[0-9a-f]{24}[?]expires=1900000301&room=1&user=7&work=50&"));
  EXPECT_THAT(altcha.challenge(nobody, work, ten).salt,
              MatchesRegex("[0-9a-f]{24}[?]expires=1900000301&room=1&net=[0-9a-f]{32}&work=50&"));
}

TEST(Challenge, IsSolvedByANumberUpToMaxnumber) {
  Altcha altcha(secret, 5min);
  std::set<std::int64_t> numbers;
  for (int i = 0; i < 200; ++i) {
    const Challenge challenge = altcha.challenge(fan1, 2, ten);
    numbers.insert(solve(challenge));
    EXPECT_EQ(use(altcha, payload_of(challenge), fan1, ten, 2), "good");
  }
  EXPECT_EQ(numbers, (std::set<std::int64_t>{0, 1, 2}));
}

TEST(Challenge, OfNoWorkIsSolvedAtTheFirstTry) {
  const Challenge challenge = Altcha(secret, 5min).challenge(fan1, 0, ten);
  EXPECT_EQ(challenge.maxnumber, 0);
  EXPECT_EQ(solve(challenge), 0);
}

TEST(Challenge, IsKnownAgainByWhoHasTheSecret) {
  const auto payload = payload_of(Altcha(secret, 5min).challenge(fan1, work, ten));
  Altcha again(secret, 1min);
  EXPECT_EQ(use(again, payload), "good");
  Altcha other(std::string(64, 'b'), 5min);
  EXPECT_EQ(use(other, payload), "wrong");
}

// ---- what it is good for ---------------------------------------------------------------

TEST(Solution, IsGoodOnce) {
  Altcha altcha(secret, 5min);
  const auto payload = payload_of(altcha.challenge(fan1, work, ten));
  EXPECT_EQ(use(altcha, payload), "good");
  EXPECT_EQ(use(altcha, payload), "used");
}

TEST(Solution, IsGoodInItsRoomForItsUserOrAddress) {
  Altcha altcha(secret, 5min);
  const auto made_for = [&](const Solver& solver) {
    return payload_of(altcha.challenge(solver, work, ten));
  };
  const Solver elsewhere{.room = {2}, .user = {7}, .network = "203.0.113.7"};
  const Solver moved{.room = {1}, .user = {7}, .network = "2001:db8::/64"};
  EXPECT_EQ(use(altcha, made_for(fan1), elsewhere), "other-room");
  EXPECT_EQ(use(altcha, made_for(fan1), fan2), "other-user");
  EXPECT_EQ(use(altcha, made_for(fan1), moved), "good") << "a user may move";
  EXPECT_EQ(use(altcha, made_for(nobody), fan2), "good");
  EXPECT_EQ(use(altcha, made_for(nobody), moved), "other-user");
  EXPECT_EQ(use(altcha, made_for(nobody), elsewhere), "other-room");
}

TEST(Solution, IsGoodUntilItExpires) {
  Altcha altcha(secret, 5min);
  const auto made = [&] { return payload_of(altcha.challenge(fan1, work, ten)); };
  EXPECT_EQ(use(altcha, made(), fan1, ten + 5min), "good");
  EXPECT_EQ(use(altcha, made(), fan1, ten + 5min + 599ms), "good") << "whole seconds";
  EXPECT_EQ(use(altcha, made(), fan1, ten + 5min + 600ms), "expired");
}

TEST(Solution, IsGoodForAsMuchWorkAsItTook) {
  Altcha altcha(secret, 5min);
  const auto made = [&] { return payload_of(altcha.challenge(fan1, work, ten)); };
  EXPECT_EQ(use(altcha, made(), fan1, ten, work + 1), "too-easy");
  EXPECT_EQ(use(altcha, made(), fan1, ten, work - 1), "good");
  EXPECT_EQ(use(altcha, payload_of(altcha.challenge(fan1, 0, ten))), "too-easy");
}

// ---- what is no solution ----------------------------------------------------------------

TEST(Solution, HasToBeSent) {
  EXPECT_EQ(Altcha(secret, 5min).take("", fan1, 1, ten).error(), Flaw::missing);
}

TEST(Solution, HasToBeBase64OfJson) {
  Altcha altcha(secret, 5min);
  const std::string good = payload_of(altcha.challenge(fan1, work, ten));
  for (const std::string& bad :
       {std::string("!"), std::string("null"), encode("null"), encode("{}"), encode("[]"),
        encode(R"({"algorithm":"SHA-256","challenge":"","number":"1","salt":"","signature":""})"),
        good + "=", good.substr(1), good.substr(0, good.size() / 2), " " + good,
        std::string(altcha_payload_max + 1, 'A'), std::string(1, '\0')}) {
    EXPECT_EQ(use(altcha, bad), "malformed") << bad;
  }
  EXPECT_EQ(use(altcha, good), "good");
}

TEST(Solution, MayHaveMoreThanIsAskedFor) {
  Altcha altcha(secret, 5min);
  const Challenge challenge = altcha.challenge(fan1, work, ten);
  std::string json = payload_json(challenge, solve(challenge));
  json.insert(json.size() - 1, R"(,"took":1234.5,"worker":true)");
  EXPECT_EQ(use(altcha, encode(json)), "good");
}

TEST(Solution, CannotBeForged) {
  Altcha altcha(secret, 5min);
  const Challenge good = altcha.challenge(fan1, work, ten);
  const std::int64_t number = solve(good);
  const auto tampered = [&](auto change) {
    Challenge challenge = good;
    std::int64_t n = number;
    change(challenge, n);
    return use(altcha, encode(payload_json(challenge, n)));
  };
  const auto reword = [](const char* from, const char* to) {
    return [=](Challenge& c, std::int64_t&) {
      c.salt.replace(c.salt.find(from), std::string_view(from).size(), to);
    };
  };
  EXPECT_EQ(tampered([](Challenge&, std::int64_t& n) { ++n; }), "wrong");
  EXPECT_EQ(tampered([](Challenge&, std::int64_t& n) { n = -n - 1; }), "wrong");
  EXPECT_EQ(tampered([](Challenge& c, std::int64_t&) { c.algorithm = "SHA-1"; }), "wrong");
  EXPECT_EQ(tampered([](Challenge& c, std::int64_t&) { c.signature[5] ^= 1; }), "wrong");
  EXPECT_EQ(tampered([](Challenge& c, std::int64_t&) { c.signature = ""; }), "wrong");
  EXPECT_EQ(tampered([](Challenge& c, std::int64_t&) { c.challenge[5] ^= 1; }), "wrong");
  EXPECT_EQ(tampered(reword("expires=1", "expires=2")), "wrong");
  EXPECT_EQ(tampered(reword("room=1", "room=2")), "wrong");
  EXPECT_EQ(tampered(reword("user=7", "user=8")), "wrong");
  EXPECT_EQ(tampered(reword("work=50", "work=99")), "wrong");
  EXPECT_EQ(tampered([](Challenge& c, std::int64_t& n) {
              // One of ours in form, and the number fits, but nobody signed it.
              c.salt.replace(c.salt.find("work=50"), 7, "work=99");
              c.challenge = hash_of(c.salt, n);
            }),
            "wrong");
  EXPECT_EQ(tampered([](Challenge&, std::int64_t&) {}), "good");
}

/// Where the salt ends and the number begins is not part of the hash: digits that wander from
/// one to the other would make another challenge of the same signature.
TEST(Solution, CannotBeSpliced) {
  Altcha altcha(secret, 5min);
  Challenge good = altcha.challenge(fan1, 100'000, ten);
  while (solve(good) < 10) good = altcha.challenge(fan1, 100'000, ten);
  const std::string digits = std::to_string(solve(good));
  for (std::size_t moved = 1; moved < digits.size(); ++moved) {
    Challenge spliced = good;
    spliced.salt += digits.substr(0, moved);
    EXPECT_EQ(
        use(altcha, encode(fmt::format(R"({{"algorithm":"SHA-256","challenge":"{}","number":{},)"
                                       R"("salt":"{}","signature":"{}"}})",
                                       spliced.challenge, std::stoll(digits.substr(moved)),
                                       spliced.salt, spliced.signature))),
        "wrong")
        << spliced.salt;
  }
  EXPECT_EQ(use(altcha, payload_of(good)), "good");
}

// ---- memory ----------------------------------------------------------------------------

TEST(Solution, IsNobodyElsesWhileItIsUsed) {
  Altcha altcha(secret, 5min);
  const auto payload = payload_of(altcha.challenge(nobody, work, ten));
  const auto first = altcha.take(payload, fan1, work, ten);
  ASSERT_TRUE(first);
  EXPECT_EQ(use(altcha, payload, fan2), "in-use");
  altcha.give_back(*first);
  EXPECT_EQ(altcha.used(), 0U);
  EXPECT_EQ(use(altcha, payload, fan2), "good");
  EXPECT_EQ(use(altcha, payload, fan1), "used");
}

TEST(Solution, IsRememberedUntilItExpires) {
  Altcha altcha(secret, 5min);
  const auto used = [&](Timestamp now) {
    EXPECT_EQ(use(altcha, payload_of(altcha.challenge(fan1, work, now)), fan1, now), "good");
    return altcha.used();
  };
  EXPECT_EQ(used(ten), 1U);
  EXPECT_EQ(used(ten + 4min), 2U);
  EXPECT_EQ(used(ten + 5min), 3U);
  EXPECT_EQ(used(ten + 5min + 600ms), 3U) << "the first is forgotten";
  EXPECT_EQ(used(ten + 30min), 1U);
}

TEST(Solution, OfThoseThatExpireFirstIsForgottenWhenThereAreTooMany) {
  Altcha altcha(secret, 5min, /*used_max=*/3);
  const auto made = [&](Timestamp now) { return payload_of(altcha.challenge(fan1, work, now)); };
  const std::string old = made(ten);
  const std::string young = made(ten + 1min);
  EXPECT_EQ(use(altcha, young), "good");
  EXPECT_EQ(use(altcha, old), "good");
  EXPECT_EQ(use(altcha, made(ten)), "good");
  EXPECT_EQ(altcha.used(), 3U);
  EXPECT_EQ(use(altcha, made(ten + 2min)), "good");
  EXPECT_EQ(altcha.used(), 2U);
  EXPECT_EQ(use(altcha, young), "used");
}

TEST(Flaw, HasAName) {
  EXPECT_EQ(to_text(Flaw::missing), "missing");
  EXPECT_EQ(to_text(Flaw::in_use), "in-use");
  for (int flaw = 0; flaw <= static_cast<int>(Flaw::in_use); ++flaw) {
    EXPECT_THAT(std::string(explain(static_cast<Flaw>(flaw))), MatchesRegex("[A-Z].*[.]"));
  }
}

}  // namespace
}  // namespace onsale::api
