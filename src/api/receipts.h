// What a visitor can show later, to anybody: a receipt for the number it was given, signed with the
// key of the box office (Ed25519, RFC 8032). Whoever has the public key can check one without
// asking the server, which therefore cannot deny a number it gave. The list of a draw is signed
// with the same key (draw_list.h).
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/wire.h"
#include "domain/model.h"
#include "http/json.h"

namespace onsale::api {

/// The key of a box office. Keys and signatures are written in hex digits, small letters. Nothing
/// changes after construction; any thread.
class SigningKey {
 public:
  /// `secret` is 32 random bytes as 64 hex digits, else std::invalid_argument. The same secret is
  /// always the same key.
  explicit SigningKey(std::string_view secret);

  [[nodiscard]] const std::string& public_key() const { return public_key_; }
  /// Short, to tell keys apart: the first 16 hex digits of the SHA-256 of the public key's bytes.
  [[nodiscard]] const std::string& id() const { return id_; }
  /// Tens of microseconds. The same text has always the same signature.
  [[nodiscard]] std::string sign(std::string_view text) const;

 private:
  std::array<unsigned char, 64> secret_key_{};
  std::string public_key_;
  std::string id_;
};

/// Whether the owner of `public_key` signed exactly `text`. False too for what is no key and no
/// signature. Any thread.
[[nodiscard]] bool signature_holds(std::string_view public_key, std::string_view text,
                                   std::string_view signature);

/// "Number 17 of room 1 was given at this time."
struct Receipt {
  std::int64_t number = 0;
  domain::RoomId room_id;
  domain::Timestamp issued_at;
  std::string key_id;     ///< SigningKey::id() of who signed it
  std::string signature;  ///< of receipt_text()
};
BOOST_DESCRIBE_STRUCT(Receipt, (), (number, room_id, issued_at, key_id, signature))
constexpr auto rules(const Receipt*) {
  return http::rule_list(
      http::rule("number").min(1),
      http::rule("key_id").doc("Which key signed it: `GET /v1/receipts/key`."),
      http::rule("signature")
          .doc("Ed25519, in hex digits, over `onsale-receipt:1:<room_id>:<number>:<issued_at>`, "
               "the time in milliseconds since 1970 UTC."));
}

/// The text that is signed: "onsale-receipt:1:<room>:<number>:<issued_at in milliseconds>".
[[nodiscard]] std::string receipt_text(const Receipt& receipt);

/// The receipt of a visitor's number, the same each time.
[[nodiscard]] Receipt receipt_of(const domain::Visitor& visitor, const SigningKey& key);

/// Whether the owner of `public_key` gave this receipt, just as it is.
[[nodiscard]] bool receipt_holds(const Receipt& receipt, std::string_view public_key);

}  // namespace onsale::api
