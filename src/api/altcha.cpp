#include "api/altcha.h"

#include <fmt/format.h>
#include <sodium.h>

#include <charconv>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <vector>

namespace onsale::api {
namespace {

constexpr std::string_view algorithm = "SHA-256";
constexpr std::string_view key_purpose = "onsale-altcha:1";
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t network_digits = 32;
constexpr std::size_t hash_bytes = crypto_hash_sha256_BYTES;
using Hash = std::array<unsigned char, hash_bytes>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_hex(std::span<const unsigned char> bytes) {
  std::string hex(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

Hash hmac(std::span<const unsigned char> key, std::string_view text) {
  Hash hash{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
  crypto_auth_hmacsha256_final(&state, hash.data());
  return hash;
}

std::string hash_of(const std::string& salt, std::int64_t number) {
  const std::string text = salt + std::to_string(number);
  Hash hash{};
  crypto_hash_sha256(hash.data(), bytes_of(text), text.size());
  return to_hex(hash);
}

// ---- the salt ----------------------------------------------------------------------

/// What a challenge is good for, as it stands in its salt.
struct Terms {
  std::string nonce;
  std::int64_t expires = 0;  // seconds since 1970
  std::int64_t room = 0;
  std::string owner;  // "user=7" or "net=…"
  std::int64_t work = 0;
};

/// The separator at the end keeps digits of the number from being read as part of a term.
std::string salt_of(const Terms& terms) {
  return fmt::format("{}?expires={}&room={}&{}&work={}&", terms.nonce, terms.expires, terms.room,
                     terms.owner, terms.work);
}

std::optional<std::int64_t> number_in(std::string_view term, std::string_view name) {
  if (!term.starts_with(name)) return std::nullopt;
  term.remove_prefix(name.size());
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(term.data(), term.data() + term.size(), value);
  if (error != std::errc() || end != term.data() + term.size()) return std::nullopt;
  return value;
}

/// Exactly what salt_of() writes, or none.
std::optional<Terms> terms_of(const std::string& salt) {
  const std::size_t question = salt.find('?');
  if (question != 2 * nonce_bytes) return std::nullopt;
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(std::string_view(salt).substr(question + 1), '&')) {
    parts.emplace_back(part.begin(), part.end());
  }
  if (parts.size() != 5) return std::nullopt;
  const auto expires = number_in(parts[0], "expires=");
  const auto room = number_in(parts[1], "room=");
  const auto work = number_in(parts[3], "work=");
  if (!expires || !room || !work) return std::nullopt;
  Terms terms{.nonce = salt.substr(0, question),
              .expires = *expires,
              .room = *room,
              .owner = std::string(parts[2]),
              .work = *work};
  return salt_of(terms) == salt ? std::optional(std::move(terms)) : std::nullopt;
}

std::uint64_t number_of(std::string_view nonce) {
  std::uint64_t value = 0;
  nonce = nonce.substr(0, 2 * sizeof value);
  std::from_chars(nonce.data(), nonce.data() + nonce.size(), value, 16);
  return value;
}

// ---- the solution ------------------------------------------------------------------

/// The widget sends more, which proves nothing.
struct Payload {
  std::string algorithm;
  std::string challenge;
  std::int64_t number = 0;
  std::string salt;
  std::string signature;
};
BOOST_DESCRIBE_STRUCT(Payload, (), (algorithm, challenge, number, salt, signature))

std::optional<Payload> read_payload(std::string_view text) {
  if (text.size() > altcha_payload_max) return std::nullopt;
  std::string json(text.size(), '\0');
  std::size_t size = 0;
  const int failed =
      sodium_base642bin(reinterpret_cast<unsigned char*>(json.data()), json.size(), text.data(),
                        text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL);
  if (failed != 0) return std::nullopt;
  auto payload =
      http::parse<Payload>(std::string_view(json).substr(0, size), http::Unknown::ignore);
  return payload ? std::optional(*std::move(payload)) : std::nullopt;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::int64_t seconds_of(domain::Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string_view to_text(Flaw flaw) {
  constexpr std::array<std::string_view, 9> texts{"missing",    "malformed",  "wrong",
                                                  "other-room", "other-user", "too-easy",
                                                  "expired",    "used",       "in-use"};
  return texts.at(static_cast<std::size_t>(flaw));
}

std::string_view explain(Flaw flaw) {
  constexpr std::array<std::string_view, 9> texts{
      "No solution was sent.",
      "What was sent is no solution: base64 of a JSON object.",
      "The number or the challenge is not right.",
      "The solution is that of another waiting room.",
      "The solution is somebody else's.",
      "The room asks for more work by now.",
      "The challenge has expired.",
      "The solution was used already.",
      "A request with this solution is being executed."};
  return texts.at(static_cast<std::size_t>(flaw));
}

Altcha::Altcha(std::string_view secret, domain::Duration lifetime, std::size_t used_max)
    : lifetime_(lifetime), used_max_(used_max) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium could not be initialised");
  key_ = hmac(std::span(bytes_of(secret), secret.size()), key_purpose);
}

std::string Altcha::sign(std::string_view text) const { return to_hex(hmac(key_, text)); }

std::string Altcha::owner_of(const std::string& network) const {
  return "net=" + sign("network:" + network).substr(0, network_digits);
}

std::string Altcha::owner_of(const Solver& solver) const {
  return solver.user ? fmt::format("user={}", solver.user.value) : owner_of(solver.network);
}

Challenge Altcha::challenge(const Solver& solver, std::int64_t work, domain::Timestamp now) const {
  std::array<unsigned char, nonce_bytes> nonce{};
  randombytes_buf(nonce.data(), nonce.size());
  const auto expires =
      std::chrono::ceil<std::chrono::seconds>((now + lifetime_).time_since_epoch());
  Challenge made{.maxnumber = work};
  made.salt = salt_of({.nonce = to_hex(nonce),
                       .expires = expires.count(),
                       .room = solver.room.value,
                       .owner = owner_of(solver),
                       .work = work});
  made.challenge = hash_of(made.salt, randombytes_uniform(static_cast<std::uint32_t>(work) + 1));
  made.signature = sign(made.challenge);
  return made;
}

std::expected<Altcha::Use, Flaw> Altcha::check(std::string_view text, const Solver& solver,
                                               std::int64_t work, domain::Timestamp now) const {
  if (text.empty()) return std::unexpected(Flaw::missing);
  const auto payload = read_payload(text);
  if (!payload) return std::unexpected(Flaw::malformed);
  const auto terms = terms_of(payload->salt);
  const bool right = terms && payload->algorithm == algorithm && payload->number >= 0 &&
                     payload->challenge == hash_of(payload->salt, payload->number) &&
                     same(payload->signature, sign(payload->challenge));
  if (!right) return std::unexpected(Flaw::wrong);
  if (terms->room != solver.room.value) return std::unexpected(Flaw::other_room);
  if (terms->owner != owner_of(solver) && terms->owner != owner_of(solver.network)) {
    return std::unexpected(Flaw::other_user);
  }
  if (terms->work < work) return std::unexpected(Flaw::too_easy);
  if (terms->expires <= seconds_of(now)) return std::unexpected(Flaw::expired);
  return Use{.expires = terms->expires, .nonce = number_of(terms->nonce)};
}

std::expected<Altcha::Use, Flaw> Altcha::take(std::string_view payload, const Solver& solver,
                                              std::int64_t work, domain::Timestamp now) {
  auto use = check(payload, solver, work, now);
  if (!use) return use;
  const std::lock_guard lock(mutex_);
  forget(seconds_of(now));
  const auto [found, added] = uses_[use->expires].try_emplace(use->nonce, false);
  if (!added) return std::unexpected(found->second ? Flaw::used : Flaw::in_use);
  ++size_;
  return use;
}

void Altcha::spend(const Use& use) {
  const std::lock_guard lock(mutex_);
  const auto second = uses_.find(use.expires);
  if (second == uses_.end()) return;
  const auto found = second->second.find(use.nonce);
  if (found != second->second.end()) found->second = true;
}

void Altcha::give_back(const Use& use) {
  const std::lock_guard lock(mutex_);
  const auto second = uses_.find(use.expires);
  if (second != uses_.end()) size_ -= second->second.erase(use.nonce);
}

/// What has expired, and what there is no room for.
void Altcha::forget(std::int64_t now_seconds) {
  while (!uses_.empty() && (uses_.begin()->first <= now_seconds || size_ >= used_max_)) {
    size_ -= uses_.begin()->second.size();
    uses_.erase(uses_.begin());
  }
}

std::size_t Altcha::used() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace onsale::api
