#include "http/password.h"

#include <gtest/gtest.h>
#include <sodium.h>

namespace onsale::http {
namespace {

std::string hash_with(unsigned long long passes, std::size_t memory_bytes) {
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  EXPECT_EQ(crypto_pwhash_str_alg(hash.data(), "onsale", 6, passes, memory_bytes,
                                  crypto_pwhash_ALG_ARGON2ID13),
            0);
  hash.resize(hash.find('\0'));
  return hash;
}

TEST(PasswordTest, HashesWithTheParametersOfTheCheatSheet) {
  const std::string hash = hash_password("onsale");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_NE(hash, hash_password("onsale"));
  EXPECT_TRUE(verify_password("onsale", hash));
  EXPECT_FALSE(verify_password("onsale ", hash));
  EXPECT_FALSE(verify_password("", hash));
  EXPECT_FALSE(password_needs_rehash(hash));
}

TEST(PasswordTest, AcceptsOtherParametersAndReplacesWeakerOnes) {
  const std::string stronger = hash_with(3, 32 * 1024 * 1024);
  EXPECT_TRUE(verify_password("onsale", stronger));
  EXPECT_FALSE(password_needs_rehash(stronger));
  const std::string weaker = hash_with(1, 8 * 1024 * 1024);
  EXPECT_TRUE(verify_password("onsale", weaker));
  EXPECT_TRUE(password_needs_rehash(weaker));
}

TEST(PasswordTest, NobodyAndNothingNeverMatch) {
  EXPECT_FALSE(verify_password_of_nobody("nobody has this password"));
  EXPECT_FALSE(verify_password("onsale", ""));
  EXPECT_FALSE(verify_password("onsale", "plain"));
  EXPECT_FALSE(verify_password("onsale", "$argon2id$v=19$m=19456,t=2,p=1$broken"));
}

}  // namespace
}  // namespace onsale::http
