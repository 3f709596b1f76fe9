// What a text may be, whoever wrote it: what every store keeps as it is and finds again.
#pragma once

#include <cstddef>
#include <string_view>

namespace onsale::domain {

/// In bytes. An index of every store takes a text of this length; the limits of the API, which are
/// in characters, are all below.
inline constexpr std::size_t text_bytes_max = 2000;

/// UTF-8 without NUL, and not too long. Whoever makes a command has checked that; a command with
/// another text fails alone, before any store sees it. Any thread.
[[nodiscard]] bool is_text(std::string_view text);

}  // namespace onsale::domain
