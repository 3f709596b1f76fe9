#include "api/wire.h"

#include <array>
#include <climits>
#include <cstdint>

namespace onsale::api {
namespace {

constexpr std::size_t text_length = 36;
constexpr std::string_view digits = "0123456789abcdef";

/// Where the two digits of each byte are in the text.
constexpr std::array<std::size_t, 16> places{0,  2,  4,  6,  9,  11, 14, 16,
                                             19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::size_t, 4> dashes{8, 13, 18, 23};

constexpr std::uint8_t no_digit = 0x80;
/// What each character counts as a digit.
constexpr auto values = [] {
  std::array<std::uint8_t, UCHAR_MAX + 1> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
    if (i >= 10) table[static_cast<std::size_t>('A') + i - 10] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

unsigned value_of(char c) { return values[static_cast<unsigned char>(c)]; }

}  // namespace

std::string token_text(const domain::VisitorToken& token) {
  std::string text(text_length, '-');
  for (std::size_t i = 0; i < places.size(); ++i) {
    text[places[i]] = digits[token.data[i] >> 4U];
    text[places[i] + 1] = digits[token.data[i] & 0xFU];
  }
  return text;
}

// Not Boost's string_generator: this is part of every look at a place in line, and that one took a
// sixth of the processor time we spend on it.
std::optional<domain::VisitorToken> parse_token(std::string_view text) {
  if (text.size() != text_length) return std::nullopt;
  for (const std::size_t dash : dashes) {
    if (text[dash] != '-') return std::nullopt;
  }
  domain::VisitorToken token;
  unsigned seen = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const unsigned high = value_of(text[places[i]]);
    const unsigned low = value_of(text[places[i] + 1]);
    seen |= high | low;
    token.data[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return (seen & no_digit) == 0 ? std::optional(token) : std::nullopt;
}

}  // namespace onsale::api
