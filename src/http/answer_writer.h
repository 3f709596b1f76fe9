// Turns an answer into the bytes of an HTTP/1.x response. Used by the connection only. By hand
// rather than through Beast's serializer, because the head is then one append to a buffer that is
// reused, and pipelined answers can share one write.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace onsale::http {

/// What the head of an answer depends on beside the answer.
struct AnswerContext {
  std::string_view date;         // "Tue, 15 Nov 1994 08:12:31 GMT"
  std::string_view traceparent;  // empty for none
  bool http11 = true;            // the version of the request
  bool keep_alive = true;
  bool head_only = false;  // the request was HEAD
};

/// True if an answer with this status carries a body (204, 304 and 1xx never do).
[[nodiscard]] bool status_has_body(int status);

/// Appends the status line and all headers. Control characters in header values become spaces, so
/// that no value can end a line.
void append_head(std::string& out, const Response& response, const AnswerContext& context);

/// A date as HTTP writes it (RFC 9110 section 5.6.7).
[[nodiscard]] std::string http_date(std::int64_t unix_seconds);

}  // namespace onsale::http
