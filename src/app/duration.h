// Durations as people write them in configuration: "300s", "5m", "12h", "250ms".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/types.h"

namespace onsale::app {

/// A whole number followed by ms, s, m or h, without spaces or sign; a bare "0" needs no unit.
/// None for anything else and for what exceeds `duration_max`. Any thread.
[[nodiscard]] std::optional<domain::Duration> parse_duration(std::string_view text);

/// The reverse, in hours if they are whole, else in seconds, else in milliseconds: "12h", "600s".
[[nodiscard]] std::string format_duration(domain::Duration duration);

/// A hundred years: far enough for "never", near enough that no sum with a time overflows.
inline constexpr domain::Duration duration_max = std::chrono::hours{876'000};

}  // namespace onsale::app
