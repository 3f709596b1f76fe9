#include "rush/token_user.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "http/access_token.h"

namespace onsale::rush {
namespace {

TEST(TokenUser, IsWhomTheServerIssuedItTo) {
  const onsale::http::AccessTokens tokens(std::string(32, 'k'), std::chrono::hours{1});
  for (const std::int64_t user : {std::int64_t{1}, std::int64_t{12'345'678'901}}) {
    const auto issued = tokens.issue({.user_id = user, .role = onsale::http::Role::buyer},
                                     onsale::http::Timestamp{});
    EXPECT_EQ(user_of(issued.token), user);
  }
}

TEST(TokenUser, IsNoneOfWhatIsNoToken) {
  for (const std::string text : {
           "", ".", "..", "e30", "e30.e30",
           "e30.e30.sig",                                       // {}
           "e30.eyJzdWIiOiIxIn0",                               // two parts
           "e30.eyJzdWIiOiIxIn0=.sig",                          // base64url has no padding here
           "e30.!!!.sig",                                       // no base64url
           "e30.c3ViOjE.sig",                                   // sub:1
           "e30.eyJzdWIiOjF9.sig",                              // {"sub":1}
           "e30.eyJzdWIiOiIifQ.sig",                            // {"sub":""}
           "e30.eyJzdWIiOiIxeCJ9.sig",                          // {"sub":"1x"}
           "e30.eyJzdWIiOiItMSJ9.sig",                          // {"sub":"-1"}
           "e30.eyJzdWIiOiIwIn0.sig",                           // {"sub":"0"}
           "e30.eyJzdWIiOiI5OTk5OTk5OTk5OTk5OTk5OTk5OSJ9.sig",  // beyond 64 bits
       }) {
    EXPECT_FALSE(user_of(text)) << text;
  }
  EXPECT_EQ(user_of("e30.eyJzdWIiOiIxIn0.sig"), 1);  // {"sub":"1"}
}

}  // namespace
}  // namespace onsale::rush
