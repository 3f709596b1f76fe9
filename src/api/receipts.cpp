#include "api/receipts.h"

#include <fmt/format.h>
#include <sodium.h>

#include <optional>
#include <span>
#include <stdexcept>

namespace onsale::api {
namespace {

constexpr std::size_t id_bytes = 8;

std::string to_hex(std::span<const unsigned char> bytes) {
  std::string hex(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();
  return hex;
}

/// Exactly so many bytes, or none.
template <std::size_t N>
std::optional<std::array<unsigned char, N>> from_hex(std::string_view hex) {
  std::array<unsigned char, N> bytes{};
  std::size_t length = 0;
  const bool read = hex.size() == 2 * N && sodium_hex2bin(bytes.data(), N, hex.data(), hex.size(),
                                                          nullptr, &length, nullptr) == 0;
  if (!read || length != N) return std::nullopt;
  return bytes;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// libsodium may be initialised more than once, from any thread.
void ready() {
  static const bool ok = sodium_init() >= 0;
  if (!ok) throw std::runtime_error("libsodium could not be initialised");
}

}  // namespace

SigningKey::SigningKey(std::string_view secret) {
  ready();
  static_assert(sizeof(secret_key_) == crypto_sign_SECRETKEYBYTES);
  const auto seed = from_hex<crypto_sign_SEEDBYTES>(secret);
  if (!seed) throw std::invalid_argument("a signing key is made from 64 hex digits");
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> key{};
  crypto_sign_seed_keypair(key.data(), secret_key_.data(), seed->data());
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), key.data(), key.size());
  public_key_ = to_hex(key);
  id_ = to_hex(std::span(hash).first<id_bytes>());
}

std::string SigningKey::sign(std::string_view text) const {
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, bytes_of(text), text.size(), secret_key_.data());
  return to_hex(signature);
}

bool signature_holds(std::string_view public_key, std::string_view text,
                     std::string_view signature) {
  ready();
  const auto key = from_hex<crypto_sign_PUBLICKEYBYTES>(public_key);
  const auto bytes = from_hex<crypto_sign_BYTES>(signature);
  return key && bytes &&
         crypto_sign_verify_detached(bytes->data(), bytes_of(text), text.size(), key->data()) == 0;
}

std::string receipt_text(const Receipt& receipt) {
  return fmt::format("onsale-receipt:1:{}:{}:{}", receipt.room_id.value, receipt.number,
                     domain::to_millis(receipt.issued_at));
}

Receipt receipt_of(const domain::Visitor& visitor, const SigningKey& key) {
  Receipt receipt{.number = visitor.number,
                  .room_id = visitor.room,
                  .issued_at = visitor.issued_at,
                  .key_id = key.id()};
  receipt.signature = key.sign(receipt_text(receipt));
  return receipt;
}

bool receipt_holds(const Receipt& receipt, std::string_view public_key) {
  return signature_holds(public_key, receipt_text(receipt), receipt.signature);
}

}  // namespace onsale::api
