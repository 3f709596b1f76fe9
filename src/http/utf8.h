// What is text in UTF-8 and what is not, of bytes that came from somewhere else.
#pragma once

#include <cstddef>
#include <string_view>

namespace onsale::http {

/// Bytes of the character at the front of `text`; 0 if there is none: overlong forms, surrogates
/// and what lies beyond U+10FFFF are none. Any thread.
[[nodiscard]] std::size_t character_length(std::string_view text);

}  // namespace onsale::http
