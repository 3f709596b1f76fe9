// Answers that say "not modified" to those who have them already.
#pragma once

#include <functional>
#include <string>

#include "http/message.h"

namespace onsale::api {

/// Words `value` with an ETag made of its text, or 304 if the client has just that.
template <class T>
[[nodiscard]] http::Response json_with_etag(const http::Request& request, const T& value) {
  std::string text = http::write(value);
  std::string etag = "\"" + std::to_string(std::hash<std::string>()(text)) + "\"";
  if (request.matches_etag(etag)) return http::Response::not_modified(std::move(etag));
  return http::Response{.status = 200, .content_type = "application/json", .body = std::move(text)}
      .with("ETag", std::move(etag));
}

}  // namespace onsale::api
