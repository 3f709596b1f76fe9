#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <jwt/jwt.hpp>

#include "http/access_token.h"

namespace onsale::http {
namespace {

using namespace std::chrono_literals;

const std::string kKey(32, 'k');
constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2024) / 5 / 1) + 500ms;
constexpr Identity kFan{.user_id = 42, .role = Role::buyer};

std::string encode(std::string_view text) {
  std::string out = jwt::base64_encode(text.data(), text.size());
  out.resize(jwt::base64_uri_encode(out.data(), out.size()));
  return out;
}

/// A token that nobody signed.
std::string unsigned_token() {
  return encode(R"({"alg":"none","typ":"JWT"})") + "." +
         encode(R"({"exp":4102444800,"iss":"onsale","role":"organiser","sub":"42"})") + ".";
}

std::string foreign(const char* algorithm, const std::string& key, const std::string& issuer) {
  jwt::jwt_object object{jwt::params::algorithm(algorithm), jwt::params::secret(key)};
  object.add_claim("iss", issuer).add_claim("sub", std::string("42"));
  object.add_claim("role", std::string("organiser")).add_claim("exp", std::int64_t{4102444800});
  return object.signature();
}

TEST(AccessTokenTest, ProvesAnIdentityUntilItExpires) {
  const AccessTokens tokens(kKey, 1h);
  const auto issued = tokens.issue(kFan, kNow);
  EXPECT_EQ(issued.expires_at, kNow - 500ms + 1h);
  for (int i = 0; i < 2; ++i) {  // the second time from the cache
    EXPECT_EQ(tokens.verify(issued.token, kNow), kFan);
    EXPECT_EQ(tokens.verify(issued.token, issued.expires_at - 1ms), kFan);
    EXPECT_EQ(tokens.verify(issued.token, issued.expires_at).error(), TokenError::expired);
  }
}

TEST(AccessTokenTest, IsGoodOnEveryNodeWithTheKeyAndNoOther) {
  const auto issued = AccessTokens(kKey, 1h).issue({7, Role::organiser}, kNow);
  EXPECT_EQ(AccessTokens(kKey, 2h).verify(issued.token, kNow), (Identity{7, Role::organiser}));
  EXPECT_EQ(AccessTokens(std::string(32, 'x'), 1h).verify(issued.token, kNow).error(),
            TokenError::bad_signature);
}

TEST(AccessTokenTest, RefusesOtherAlgorithmsIssuersAndGarbage) {
  const AccessTokens tokens(kKey, 1h);
  const auto error = [&](const std::string& token) { return tokens.verify(token, kNow).error(); };
  EXPECT_EQ(error(unsigned_token()), TokenError::malformed);
  EXPECT_EQ(error(unsigned_token() + "x"), TokenError::bad_signature);
  EXPECT_EQ(error(foreign("HS512", kKey, "onsale")), TokenError::bad_signature);
  EXPECT_EQ(error(foreign("HS256", kKey, "elsewhere")), TokenError::bad_issuer);
  EXPECT_TRUE(tokens.verify(foreign("HS256", kKey, "onsale"), kNow));
  for (const auto* text : {"", ".", "..", "...", "a.b.", "e30.e30.e30.e30", "a.b.\xff", "a.b.=="}) {
    EXPECT_EQ(error(text), TokenError::malformed) << text;
  }
  EXPECT_EQ(error(std::string(100'000, '.')), TokenError::malformed);
  EXPECT_EQ(error(std::string(100'000, 'a')), TokenError::malformed);
}

TEST(AccessTokenTest, RefusesATokenOfOursWithoutOurClaims) {
  const AccessTokens tokens(kKey, 1h);
  jwt::jwt_object bare{jwt::params::algorithm("HS256"), jwt::params::secret(kKey)};
  EXPECT_EQ(tokens.verify(bare.signature(), kNow).error(), TokenError::malformed);
  bare.add_claim("iss", std::string("onsale")).add_claim("sub", std::string("x"));
  bare.add_claim("role", std::string("buyer")).add_claim("exp", std::int64_t{4102444800});
  EXPECT_EQ(tokens.verify(bare.signature(), kNow).error(), TokenError::malformed);
}

TEST(AccessTokenTest, AnyChangeIsNoticed) {
  const AccessTokens tokens(kKey, 1h);
  const std::string good = tokens.issue(kFan, kNow).token;
  EXPECT_TRUE(rc::check([&] {
    std::string bad = good;
    const auto at = *rc::gen::inRange<std::size_t>(0, bad.size() - 1);
    bad[at] = *rc::gen::arbitrary<char>();
    RC_PRE(bad != good);
    RC_ASSERT(!tokens.verify(bad, kNow).has_value());
  }));
}

TEST(AccessTokenTest, RefusesAWeakKey) {
  EXPECT_THROW(AccessTokens("short", 1h), std::invalid_argument);
  EXPECT_THROW(AccessTokens(kKey, 0s), std::invalid_argument);
}

TEST(AccessTokenTest, AuthenticatorReadsBearer) {
  const AccessTokens tokens(kKey, 1h);
  Timestamp now = kNow;
  const auto authenticate = tokens.authenticator([&] { return now; });
  const std::string token = tokens.issue(kFan, kNow).token;
  Request request;
  EXPECT_EQ(authenticate(request).error().status(), 401);
  request.headers.set("authorization", "bEARER " + token);
  EXPECT_EQ(authenticate(request).value(), kFan);
  now += 1h;
  EXPECT_EQ(authenticate(request).error().status(), 401) << "expired";
  request.headers.set("authorization", "Basic " + token);
  EXPECT_EQ(authenticate(request).error().headers().front().first, "WWW-Authenticate");
}

}  // namespace
}  // namespace onsale::http
