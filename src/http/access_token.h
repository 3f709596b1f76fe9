// Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256. They prove an identity to
// every node that has the key, without a look-up.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/json.h"
#include "http/message.h"
#include "http/router.h"

namespace onsale::http {

/// Why a token was refused, in order of precedence.
enum class TokenError : std::uint8_t {
  malformed,      // not three parts of base64url, or without the claims we issue
  bad_signature,  // no HMAC-SHA-256 by our key; so also "none" and every other algorithm
  bad_algorithm,  // signed by us, but its header claims another algorithm
  bad_issuer,     // not issued by "onsale"
  expired,
};

struct IssuedToken {
  std::string token;
  Timestamp expires_at;
};

/// Issues and verifies tokens. Any thread. Verification keeps, per thread, the last few hundred
/// tokens that were found genuine, keyed by key and whole token, because checking a signature and
/// its JSON again for every request of a session would cost more than the rest of the request; the
/// expiry is checked each time.
class AccessTokens {
 public:
  /// `key` is at least 32 bytes (the output of SHA-256, RFC 7518 section 3.2), `lifetime` at least
  /// a second; else std::invalid_argument.
  AccessTokens(std::string key, std::chrono::seconds lifetime);
  ~AccessTokens();

  /// Expiry has whole seconds, rounded down.
  [[nodiscard]] IssuedToken issue(const Identity& identity, Timestamp now) const;

  /// Never throws for any input. A token is valid until, not at, its expiry.
  [[nodiscard]] std::expected<Identity, TokenError> verify(std::string_view token,
                                                           Timestamp now) const;

  /// Reads `Authorization: Bearer <token>`, at the time that `now` tells; refuses with
  /// kUnauthorized and a `WWW-Authenticate` header. The tokens must outlive the function.
  [[nodiscard]] Authenticator authenticator(std::function<Timestamp()> now) const;

 private:
  struct Claims {
    Identity identity;
    Timestamp expires_at;
  };
  [[nodiscard]] std::expected<Claims, TokenError> decode(std::string_view token) const;

  /// HMAC-SHA-256 with the key in it and nothing else yet.
  struct KeyedHash;

  std::string key_;
  std::unique_ptr<const KeyedHash> keyed_;
  std::string own_header_;  // of the tokens that are issued here
  std::chrono::seconds lifetime_;
  std::uint64_t serial_;  // tells the instances of a process apart in the per-thread cache
};

}  // namespace onsale::http
