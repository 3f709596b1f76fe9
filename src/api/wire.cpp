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
};
constexpr std::array<Part, 5> parts{{{0, 8}, {9, 4}, {14, 4}, {19, 4}, {24, 12}}};
constexpr std::size_t text_length = 36;
constexpr std::size_t half = 8;  // bytes

}  // namespace

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
    std::uint64_t& of = halves[part.from < text_length / 2 ? 0 : 1];
    of = (of << (4 * part.digits)) | bits;
  }
  domain::VisitorToken token;
  boost::endian::store_big_u64(token.data, halves[0]);
  boost::endian::store_big_u64(token.data + half, halves[1]);
  return token;
}

}  // namespace onsale::api
