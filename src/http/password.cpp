#include "http/password.h"

#include <sodium.h>

#include <new>
#include <stdexcept>

namespace onsale::http {

namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = std::size_t{19} * 1024 * 1024;

/// libsodium may be initialised more than once, from any thread.
void ready() {
  static const bool ok = sodium_init() >= 0;
  if (!ok) throw std::runtime_error("libsodium could not be initialised");
}

}  // namespace

std::string hash_password(std::string_view password) {
  ready();
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  const int failed = crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), kPasses,
                                           kMemoryBytes, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) throw std::bad_alloc();
  hash.resize(hash.find('\0'));
  return hash;
}

bool verify_password(std::string_view password, const std::string& hash) {
  ready();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool verify_password_of_nobody(std::string_view password) {
  static const std::string hash = hash_password("nobody has this password");
  (void)verify_password(password, hash);
  return false;
}

bool password_needs_rehash(const std::string& hash) {
  ready();
  // libsodium says 1 for any other parameters, also for stronger ones, which may stay.
  const auto number_after = [&](std::string_view key) -> unsigned long long {
    const std::size_t at = hash.find(key);
    return at == std::string::npos ? 0 : std::strtoull(hash.c_str() + at + key.size(), nullptr, 10);
  };
  return !hash.starts_with("$argon2id$") || number_after("$m=") * 1024 < kMemoryBytes ||
         number_after(",t=") < kPasses;
}

}  // namespace onsale::http
