// A client of the ALTCHA protocol, written a second time: with OpenSSL and without any of the
// code that it is to check.
#pragma once

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "api/altcha.h"

namespace onsale::api {

inline std::string hash_of(const std::string& salt, std::int64_t number) {
  const std::string text = salt + std::to_string(number);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  std::string hex;
  for (const unsigned char byte : hash) hex += fmt::format("{:02x}", byte);
  return hex;
}

/// The number. Throws std::runtime_error if there is none.
inline std::int64_t solve(const Challenge& challenge) {
  for (std::int64_t number = 0; number <= challenge.maxnumber; ++number) {
    if (hash_of(challenge.salt, number) == challenge.challenge) return number;
  }
  throw std::runtime_error("no number up to maxnumber solves it");
}

/// Base64.
inline std::string encode(const std::string& text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

inline std::string payload_json(const Challenge& c, std::int64_t number) {
  return fmt::format(
      R"({{"algorithm":"{}","challenge":"{}","number":{},"salt":"{}","signature":"{}"}})",
      c.algorithm, c.challenge, number, c.salt, c.signature);
}

/// What the widget sends.
inline std::string payload_of(const Challenge& challenge) {
  return encode(payload_json(challenge, solve(challenge)));
}

}  // namespace onsale::api
