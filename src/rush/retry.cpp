#include "rush/retry.h"

#include <algorithm>

namespace onsale::rush {
namespace {

using std::chrono::milliseconds;

constexpr int conflict = 409;
constexpr int too_many_requests = 429;
constexpr int bad_gateway = 502;
constexpr int unavailable = 503;
constexpr int gateway_timeout = 504;

/// What nobody advised on.
constexpr milliseconds usual_wait{1000};

}  // namespace

std::optional<milliseconds> again_after(const Answer& answer, bool repeatable) {
  switch (answer.status) {
    case conflict:
    case too_many_requests:
    case unavailable:
      return answer.retry_after;
    case bad_gateway:
    case gateway_timeout:
      if (!repeatable) return std::nullopt;
      return answer.retry_after ? milliseconds{*answer.retry_after} : usual_wait;
    case 0:
      break;
    default:
      return std::nullopt;
  }
  const bool again =
      answer.lost == Answer::Lost::unsent || (answer.lost == Answer::Lost::cut && repeatable);
  return again ? std::optional(usual_wait) : std::nullopt;
}

milliseconds spread_of(milliseconds wait) {
  constexpr milliseconds least{500};
  return std::max(wait / 2, least);
}

}  // namespace onsale::rush
