#include "app/token_key.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace onsale::app {
namespace {

constexpr std::string_view secret_name = "access-token-key";
constexpr std::string_view receipt_key_name = "receipt-key";
constexpr std::size_t key_bytes = 32;

}  // namespace

// In hex digits: a secret is text wherever it is kept.
std::string random_key() {
  std::array<unsigned char, key_bytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("the system has no random numbers");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

store::Result<std::string> token_key(store::Store& store) {
  return store.secret(secret_name, random_key());
}

store::Result<std::string> receipt_key(store::Store& store) {
  return store.secret(receipt_key_name, random_key());
}

std::expected<std::string, std::string> existing_token_key(store::Store& store) {
  auto key = store.secret(secret_name, "");
  const std::string why = !key ? key.error().message : key->empty() ? store.describe() : "";
  if (!why.empty()) {
    return std::unexpected(fmt::format(
        "there is no key for access tokens ({}); `onsale serve` makes it at its first start", why));
  }
  return std::move(*key);
}

}  // namespace onsale::app
