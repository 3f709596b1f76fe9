#include "domain/draw.h"

#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <array>
#include <utility>

namespace onsale::domain {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

using Hash = std::array<unsigned char, crypto_hash_sha256_BYTES>;

Hash sha256(std::string_view text) {
  Hash hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return hash;
}

}  // namespace

bool is_draw_seed(std::string_view text) {
  return text.size() == draw_seed_length &&
         text.find_first_not_of(hex_digits) == std::string_view::npos;
}

std::string seed_hash(std::string_view seed) {
  std::string text;
  for (const unsigned char byte : sha256(seed)) {
    text += hex_digits[byte >> 4U];
    text += hex_digits[byte & 15U];
  }
  return text;
}

std::int64_t draw_key(std::string_view seed, RoomId room, std::int64_t number) {
  std::string text(seed);
  text += ':';
  text += std::to_string(room.value);
  text += ':';
  text += std::to_string(number);
  const Hash hash = sha256(text);
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < sizeof first; ++i) first = first << 8U | hash[i];
  return -1 - static_cast<std::int64_t>(first >> 2U);
}

std::vector<std::int64_t> drawn_order(std::string_view seed, RoomId room,
                                      std::span<const std::int64_t> numbers) {
  std::vector<std::pair<std::int64_t, std::int64_t>> places;
  places.reserve(numbers.size());
  for (const std::int64_t number : numbers) {
    places.emplace_back(draw_key(seed, room, number), number);
  }
  std::ranges::sort(places);
  std::vector<std::int64_t> order;
  order.reserve(places.size());
  for (const auto& [key, number] : places) order.push_back(number);
  return order;
}

}  // namespace onsale::domain
