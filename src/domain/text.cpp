#include "domain/text.h"

namespace onsale::domain {
namespace {

/// Bytes of the character that begins with `first`; 0 if none does.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;  // follows another, or could be shorter
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

/// Whether the second byte makes a character that is not overlong, no surrogate and not beyond
/// U+10FFFF.
bool goes_on(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second < 0xA0;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second < 0x90;
    default:
      return true;
  }
}

}  // namespace

bool is_text(std::string_view text) {
  if (text.size() > text_bytes_max) return false;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char first = byte(at);
    const std::size_t length = length_of(first);
    if (first == 0 || length == 0 || length > text.size() - at) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(at + i) & 0xC0) != 0x80) return false;
    }
    if (length > 1 && !goes_on(first, byte(at + 1))) return false;
    at += length;
  }
  return true;
}

}  // namespace onsale::domain
