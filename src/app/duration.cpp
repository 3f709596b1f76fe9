#include "app/duration.h"

#include <array>
#include <charconv>
#include <utility>

namespace onsale::app {
namespace {

using domain::Duration;

std::optional<Duration> unit_of(std::string_view name) {
  using namespace std::chrono;
  constexpr std::array<std::pair<std::string_view, Duration>, 4> units{
      {{"ms", milliseconds{1}}, {"s", seconds{1}}, {"m", minutes{1}}, {"h", hours{1}}}};
  for (const auto& [unit, length] : units) {
    if (unit == name) return length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  std::uint32_t count = 0;  // unsigned: takes no sign
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{}) return std::nullopt;
  const auto unit = unit_of({end, text.data() + text.size()});
  if (!unit || Duration{count} > duration_max / unit->count()) return std::nullopt;
  return *unit * count;
}

std::string format_duration(Duration duration) {
  constexpr Duration second = std::chrono::seconds{1};
  constexpr Duration hour = std::chrono::hours{1};
  if (duration.count() != 0 && duration % hour == Duration{0}) {
    return std::to_string(duration / hour) + "h";
  }
  if (duration % second == Duration{0}) return std::to_string(duration / second) + "s";
  return std::to_string(duration.count()) + "ms";
}

}  // namespace onsale::app
