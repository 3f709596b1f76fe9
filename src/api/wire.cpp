#include "api/wire.h"

#include <array>
#include <boost/endian/conversion.hpp>
#include <charconv>

namespace onsale::api {
namespace {

/// Hexadecimal digits that stand for bits of the token, highest first.
struct Part {
  std::size_t from;
  std::size_t digits;
  std::size_t first_byte;
};
constexpr std::array<Part, 5> parts{{{0, 8, 0}, {9, 4, 4}, {14, 4, 6}, {19, 4, 8}, {24, 12, 10}}};
constexpr std::size_t text_length = 36;
constexpr std::size_t half = 8;  // bytes

}  // namespace

std::string token_text(const domain::VisitorToken& token) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(text_length, '-');
  for (const Part& part : parts) {
    const std::size_t first = part.first_byte;
    for (std::size_t i = 0; i < part.digits; ++i) {
      const unsigned byte = token.data[first + i / 2];
      text[part.from + i] = digits[i % 2 == 0 ? byte >> 4U : byte & 0xFU];
    }
  }
  return text;
}

// Not Boost's string_generator: this is part of every look at a place in line, and that one took a
// sixth of the processor time we spend on it.
std::optional<domain::VisitorToken> parse_token(std::string_view text) {
  if (text.size() != text_length) return std::nullopt;
  std::array<std::uint64_t, 2> halves{};
  for (const Part& part : parts) {
    if (part.from > 0 && text[part.from - 1] != '-') return std::nullopt;
    const std::string_view digits = text.substr(part.from, part.digits);
    std::uint64_t bits = 0;
    constexpr int hexadecimal = 16;
    const auto end = std::from_chars(digits.begin(), digits.end(), bits, hexadecimal);
    if (end.ec != std::errc() || end.ptr != digits.end()) return std::nullopt;
    std::uint64_t& of = halves[part.first_byte / half];
    of = (of << (4 * part.digits)) | bits;
  }
  domain::VisitorToken token;
  boost::endian::store_big_u64(token.data, halves[0]);
  boost::endian::store_big_u64(token.data + half, halves[1]);
  return token;
}

}  // namespace onsale::api
