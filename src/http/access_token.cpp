#include "http/access_token.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/describe/class.hpp>
#include <charconv>
#include <functional>
#include <jwt/jwt.hpp>
#include <stdexcept>

namespace onsale::http {

namespace {

constexpr std::string_view kIssuer = "onsale";
constexpr std::size_t kKeyBytesMin = 32;
constexpr std::size_t kTokenBytesMax = 1024;  // ours have about 200
constexpr std::size_t kCacheSlots = 512;      // per thread, a power of two

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> serial = 0;
  return ++serial;
}

std::optional<std::int64_t> number_of(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Three parts of base64url. cpp-jwt asserts on other bytes, so it must never see them.
bool is_shaped(std::string_view token) {
  const auto is_base64url = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  std::size_t parts = 0;
  std::size_t size = 0;
  if (token.size() > kTokenBytesMax) return false;
  for (const char c : token) {
    if (c != '.' && !is_base64url(c)) return false;
    if (c == '.' && size == 0) return false;
    parts += c == '.' ? 1 : 0;
    size = c == '.' ? 0 : size + 1;
  }
  return parts == 2 && size > 0;
}

/// True if `signature` is the HMAC-SHA-256 of `text`; `keyed` has the key in it and no text yet.
/// Before anything of the token is interpreted, and in constant time, neither of which cpp-jwt
/// does.
bool is_genuine(std::string_view text, std::string_view signature,
                crypto_auth_hmacsha256_state keyed) {
  using Mac = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;
  Mac given{};
  std::size_t size = 0;
  if (sodium_base642bin(given.data(), given.size(), signature.data(), signature.size(), nullptr,
                        &size, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      size != given.size()) {
    return false;
  }
  Mac made{};
  crypto_auth_hmacsha256_update(&keyed, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
  crypto_auth_hmacsha256_final(&keyed, made.data());
  return sodium_memcmp(given.data(), made.data(), made.size()) == 0;
}

struct TokenHeader {
  std::string alg;
};
BOOST_DESCRIBE_STRUCT(TokenHeader, (), (alg))

struct TokenClaims {
  std::string iss;
  std::string sub;
  std::string role;
  std::int64_t exp = 0;  // seconds since 1970
};
BOOST_DESCRIBE_STRUCT(TokenClaims, (), (iss, sub, role, exp))

/// One part of a token; nullopt if it is not what we issue.
template <class T>
std::optional<T> part(std::string_view base64) {
  std::array<char, kTokenBytesMax> text{};
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), base64.data(),
                        base64.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
    return std::nullopt;
  }
  auto parsed = parse<T>(std::string_view(text.data(), size), Unknown::ignore);
  return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

/// What was found genuine on this thread, one token a slot.
struct CacheSlot {
  std::uint64_t serial = 0;
  std::string token;
  Identity identity;
  Timestamp expires_at;
};

CacheSlot& slot_of(std::string_view token) {
  thread_local std::array<CacheSlot, kCacheSlots> slots;
  return slots[std::hash<std::string_view>()(token) % kCacheSlots];
}

}  // namespace

struct AccessTokens::KeyedHash {
  crypto_auth_hmacsha256_state state;
};

AccessTokens::~AccessTokens() = default;

AccessTokens::AccessTokens(std::string key, std::chrono::seconds lifetime)
    : key_(std::move(key)), lifetime_(lifetime), serial_(next_serial()) {
  if (key_.size() < kKeyBytesMin) {
    throw std::invalid_argument("the key of access tokens must have at least 32 bytes");
  }
  if (lifetime_ < std::chrono::seconds(1)) {
    throw std::invalid_argument("access tokens must live for at least a second");
  }
  auto keyed = std::make_unique<KeyedHash>();
  crypto_auth_hmacsha256_init(&keyed->state, reinterpret_cast<const unsigned char*>(key_.data()),
                              key_.size());
  keyed_ = std::move(keyed);
  own_header_ = issue({}, Timestamp()).token;
  own_header_.resize(own_header_.find('.'));
}

IssuedToken AccessTokens::issue(const Identity& identity, Timestamp now) const {
  const auto issued = std::chrono::floor<std::chrono::seconds>(now);
  const auto expires = issued + lifetime_;
  jwt::jwt_object token{jwt::params::algorithm("HS256"), jwt::params::secret(key_)};
  token.add_claim("iss", std::string(kIssuer))
      .add_claim("sub", std::to_string(identity.user_id))
      .add_claim("role", std::string(to_string(identity.role)))
      .add_claim("iat", static_cast<std::int64_t>(issued.time_since_epoch().count()))
      .add_claim("exp", static_cast<std::int64_t>(expires.time_since_epoch().count()));
  return {.token = token.signature(), .expires_at = expires};
}

std::expected<Identity, TokenError> AccessTokens::verify(std::string_view token,
                                                         Timestamp now) const {
  CacheSlot& slot = slot_of(token);
  if (slot.serial != serial_ || slot.token != token) {
    const auto claims = decode(token);
    if (!claims) return std::unexpected(claims.error());
    slot = {serial_, std::string(token), claims->identity, claims->expires_at};
  }
  if (now >= slot.expires_at) return std::unexpected(TokenError::expired);
  return slot.identity;
}

std::expected<AccessTokens::Claims, TokenError> AccessTokens::decode(std::string_view token) const {
  if (!is_shaped(token)) return std::unexpected(TokenError::malformed);
  const std::size_t end = token.rfind('.');
  if (!is_genuine(token.substr(0, end), token.substr(end + 1), keyed_->state)) {
    return std::unexpected(TokenError::bad_signature);
  }
  // Taken apart here and not by cpp-jwt, which took three times as long as all the rest of a
  // request that only looks: with more people than the cache has slots, most requests come here.
  const std::size_t middle = token.find('.');
  const auto claims = part<TokenClaims>(token.substr(middle + 1, end - middle - 1));
  if (!claims) return std::unexpected(TokenError::malformed);
  if (token.substr(0, middle) != own_header_) {
    const auto header = part<TokenHeader>(token.substr(0, middle));
    if (!header) return std::unexpected(TokenError::malformed);
    if (header->alg != "HS256") return std::unexpected(TokenError::bad_algorithm);
  }
  if (claims->iss != kIssuer) return std::unexpected(TokenError::bad_issuer);
  const auto user_id = number_of(claims->sub);
  const auto role = role_from_string(claims->role);
  if (!user_id || !role) return std::unexpected(TokenError::malformed);
  return Claims{.identity = {*user_id, *role},
                .expires_at = Timestamp(std::chrono::seconds(claims->exp))};
}

Authenticator AccessTokens::authenticator(std::function<Timestamp()> now) const {
  return [this, now = std::move(now)](const Request& request) -> std::expected<Identity, Problem> {
    const auto refuse = [](std::string detail, std::string challenge) {
      return std::unexpected(Problem(problems::kUnauthorized, std::move(detail))
                                 .with_header("WWW-Authenticate", std::move(challenge)));
    };
    const std::string_view given = request.header(field::authorization);
    constexpr std::string_view kScheme = "bearer ";
    const bool is_bearer =
        given.size() > kScheme.size() &&
        std::ranges::equal(given.substr(0, kScheme.size()), kScheme,
                           [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    if (!is_bearer) return refuse("There is no access token.", "Bearer");
    auto identity = verify(given.substr(kScheme.size()), now());
    if (identity) return *identity;
    const bool expired = identity.error() == TokenError::expired;
    return refuse(expired ? "The access token has expired." : "The access token is not valid.",
                  "Bearer error=\"invalid_token\"");
  };
}

}  // namespace onsale::http
