// How a dialect says what went wrong: each problem gets a status and a message, the document's own
// where it has them. Everything that the native API can refuse has a wording here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"
#include "http/problem.h"
#include "http/router.h"

namespace onsale::api::dialects {

/// What a dialect says instead of a problem. A status of 0 or an empty message is the common one.
struct Wording {
  const http::ProblemType* type = nullptr;
  int status = 0;
  std::string_view message = {};
  std::string_view code = {};  // in dialects that have codes
};

/// Another problem in the place of one of a type: where a document has its own words for it.
[[nodiscard]] http::Problem reworded(http::Problem problem, const http::ProblemType& from,
                                     const http::ProblemType& to);

/// A payment that is not the total. Does not say what that is: whoever asks may be anybody.
inline constexpr http::ProblemType wrong_amount{"wrong-amount", 400,
                                                "결제 금액이 예약 금액과 일치하지 않습니다."};

struct Said {
  int status = 0;
  std::string message;
  std::string_view code;
};

/// The dialect's own wording, else the common one, else the problem's detail or title. Requests
/// that cannot be understood (malformed, invalid, of another content type) are all 400.
[[nodiscard]] Said say(const http::Problem& problem, std::span<const Wording> own);

/// "Bad Request" for 400.
[[nodiscard]] std::string reason_phrase(int status);

/// What a refusal sends along: the problem's headers, and with 401 the challenge that HTTP wants.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> headers_of(
    int status, const http::Problem& problem);

/// The answer with that body and what else the problem sends along (Allow, Retry-After).
template <class Body>
[[nodiscard]] http::Response refusal(int status, const Body& body, const http::Problem& problem) {
  http::Response response = http::Response::json(status, body);
  response.headers = headers_of(status, problem);
  return response;
}

}  // namespace onsale::api::dialects
