// When a request is asked again, as the page in a buyer's browser does it.
#pragma once

#include <chrono>
#include <optional>

#include "rush/client.h"

namespace onsale::rush {

/// How long to wait until the same is asked again; none if the answer stands. Pure.
///
///     503 or 429 with Retry-After    nothing was done: anything, after that time
///     no connection                  nothing was sent: anything, after a second
///     409 with Retry-After           the first is still being worked on: after that time
///     502, 504, a connection lost    nobody knows: after a second, if it is `repeatable`, that is,
///                                    does no more when it is asked twice
///
/// An answer that did not come for as long as the client's patience lasts is not asked for again.
///
/// A server says 503 also of the very write whose commit was cut off, if it could not find out what
/// became of it. With an Idempotency-Key that does no harm. In a dialect, which has none, a charge
/// may then be made twice; of a seat or a payment the second is refused.
[[nodiscard]] std::optional<std::chrono::milliseconds> again_after(const Answer& answer,
                                                                   bool repeatable);

/// By how much to wait longer, at most: not all come back at the same moment.
[[nodiscard]] std::chrono::milliseconds spread_of(std::chrono::milliseconds wait);

}  // namespace onsale::rush
