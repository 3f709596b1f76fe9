// Answers that say "not modified" to those who have them already.
#pragma once

#include <array>
#include <charconv>
#include <functional>
#include <string>

#include "http/message.h"

namespace onsale::api {

/// Of this text; short enough to need no memory of its own.
[[nodiscard]] inline std::string etag_of(const std::string& text) {
  std::array<char, 16> tag{'"'};
  constexpr int base = 32;  // 64 bits in 13 characters
  const auto end =
      std::to_chars(tag.data() + 1, tag.data() + tag.size(), std::hash<std::string>()(text), base);
  *end.ptr = '"';
  return {tag.data(), end.ptr + 1};
}

/// Words `value` with an ETag made of its text, or 304 if the client has just that.
template <class T>
[[nodiscard]] http::Response json_with_etag(const http::Request& request, const T& value) {
  std::string text = http::write(value);
  std::string etag = etag_of(text);
  if (request.matches_etag(etag)) return http::Response::not_modified(std::move(etag));
  return http::Response{.status = 200, .content_type = "application/json", .body = std::move(text)}
      .with("ETag", std::move(etag));
}

}  // namespace onsale::api
