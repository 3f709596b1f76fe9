// The lottery of a waiting room: an order that nobody can foresee and everybody can recompute.
// The hash of a secret seed is public while people gather, the seed itself from the draw on.
// Each visitor's place follows from the seed and its number alone, so a draw of a million
// writes nothing but the seed's publication. Rules: domain.md "Waiting room".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/types.h"

namespace onsale::domain {

inline constexpr std::size_t draw_seed_length = 64;  // hex digits

/// The form of a seed: 64 digits of lower-case hexadecimal.
[[nodiscard]] bool is_draw_seed(std::string_view text);

/// SHA-256 of the seed's text (not of the bytes that its digits spell), in lower-case
/// hexadecimal: what is published before the draw.
[[nodiscard]] std::string seed_hash(std::string_view seed);

/// The order_key of a visitor in the draw: -1 - (h >> 2), where h are the first 8 bytes, big
/// endian, of SHA-256("<seed>:<room id>:<number>") with room and number in decimal. From
/// -2^62 to -1, so that whoever took part comes before whoever did not.
[[nodiscard]] std::int64_t draw_key(std::string_view seed, RoomId room, std::int64_t number);

/// The numbers in the order of the draw: ascending by (draw_key, number).
[[nodiscard]] std::vector<std::int64_t> drawn_order(std::string_view seed, RoomId room,
                                                    std::span<const std::int64_t> numbers);

}  // namespace onsale::domain
