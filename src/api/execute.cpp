#include "api/execute.h"

#include <sodium.h>

#include <array>

#include "api/problems.h"

namespace onsale::api {
namespace {

constexpr std::chrono::seconds overloaded_retry{1};
constexpr std::chrono::seconds unavailable_retry{2};

/// BLAKE2b of all that makes the request what it is.
std::string fingerprint(const http::Request& request) {
  std::array<unsigned char, 16> hash{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, hash.size());
  for (const std::string_view part : {request.target, std::string_view(request.body)}) {
    const auto size = part.size();
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof size);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()), size);
  }
  crypto_generichash_final(&state, hash.data(), hash.size());
  std::string hex(hash.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

}  // namespace

http::Problem problem_of(engine::Refusal refusal) {
  switch (refusal) {
    case engine::Refusal::overloaded:
      return http::overloaded(overloaded_retry);
    case engine::Refusal::draining:
      return http::Problem(problems::draining).with_retry_after(unavailable_retry);
    case engine::Refusal::unavailable:
      return http::Problem(problems::store_unavailable).with_retry_after(unavailable_retry);
    case engine::Refusal::key_in_flight:
      return http::Problem(problems::request_in_flight).with_retry_after(overloaded_retry);
    case engine::Refusal::key_mismatch:
      return http::Problem(problems::idempotency_mismatch);
    case engine::Refusal::internal:
      break;
  }
  return http::Problem(http::problems::kInternalError);
}

std::optional<RequestKey> request_key(const http::Request& request) {
  const std::string_view key = request.header("Idempotency-Key");
  if (key.empty() || !request.identity || !request.route->spec.idempotent) return std::nullopt;
  return RequestKey{
      .key = {.user = {request.identity->user_id},
              .route = std::string(to_string(request.method)) + " " + request.route->pattern,
              .key = std::string(key)},
      .fingerprint = fingerprint(request)};
}

engine::StoredAnswer kept(const Worded& worded, std::string_view path) {
  if (!worded) return {worded.error().status(), worded.error().to_json(path)};
  return {worded->status, std::string(worded->body_view())};
}

http::Response replayed(engine::StoredAnswer stored) {
  const bool refusal = stored.status >= 400;
  return http::Response{.status = stored.status,
                        .content_type = refusal ? "application/problem+json" : "application/json",
                        .body = std::move(stored.body)}
      .with("Idempotent-Replayed", "true");
}

}  // namespace onsale::api
