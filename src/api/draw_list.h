// The list that a lottery publishes once it is drawn: who arrived early, in the order in which the
// draw put them, and the seed that gave that order. It is signed, and anybody can draw again:
// `onsale draw verify FILE` does, without a database, and docs/fairness.md says how in a few lines
// of Python. `GET /v1/waiting-rooms/{id}/draw` serves it.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "api/receipts.h"
#include "api/wire.h"
#include "domain/draw.h"
#include "http/json.h"

namespace onsale::api {

struct DrawList {
  domain::RoomId room_id;
  std::string room_name;
  domain::Timestamp opens_at;
  domain::Timestamp drawn_at;
  std::string seed_hash;
  std::string seed;
  std::vector<std::int64_t> numbers;  ///< of all who arrived early, as drawn: the first one first
  std::vector<std::int64_t> left;     ///< those of them who had left before the draw
  std::string public_key;             ///< SigningKey::public_key() of who signed
  std::string signature;              ///< of draw_text()
};
BOOST_DESCRIBE_STRUCT(DrawList, (),
                      (room_id, room_name, opens_at, drawn_at, seed_hash, seed, numbers, left,
                       public_key, signature))
constexpr auto rules(const DrawList*) {
  return http::rule_list(
      http::rule("seed_hash")
          .min_length(domain::draw_seed_length)
          .max_length(domain::draw_seed_length)
          .doc("SHA-256 of the seed's text; published since the room has a draw ahead."),
      http::rule("seed").min_length(domain::draw_seed_length).max_length(domain::draw_seed_length),
      http::rule("numbers").doc(
          "The arrival numbers of all who came before the opening, in the order of the draw."),
      http::rule("left").doc("Those of them who had left before the draw, ascending."),
      http::rule("public_key").doc("Ed25519, in hex digits: the key of `signature`."),
      http::rule("signature").doc("Ed25519, in hex digits, over the list as text."));
}

/// The text that is signed; two lists that differ in anything have two texts:
///   onsale-draw:1:<room>:<opens_at>:<drawn_at>:<seed_hash>:<seed>:<numbers>:<left>:<room name>
/// with times in milliseconds since 1970 UTC and commas between the numbers.
[[nodiscard]] std::string draw_text(const DrawList& list);

/// Sets `public_key` and `signature`.
void sign_draw(DrawList& list, const SigningKey& key);

[[nodiscard]] std::string write_draw_list(const DrawList& list);

/// The reverse. An error says in one line what is no draw list about `text`. Members it does not
/// know are passed over.
[[nodiscard]] std::expected<DrawList, std::string> parse_draw_list(std::string_view text);

/// Draws again and compares: the seed is that of the hash, each number
/// from the first to the last is there once, the order is
/// the one the seed gives, whoever left is one of the numbers, the signature is that of
/// `public_key`. An error names the first difference. Whose key it is, and that the hash is the one
/// that was published before the draw, is for the caller to know.
[[nodiscard]] std::expected<void, std::string> check_draw(const DrawList& list);

}  // namespace onsale::api
