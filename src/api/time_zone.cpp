#include "api/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <stdexcept>

namespace onsale::api {
namespace {

/// Null if the system does not know it, or has no database at all.
const date::time_zone* find_zone(std::string_view name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

}  // namespace

bool is_time_zone(std::string_view name) { return find_zone(name) != nullptr; }

std::expected<domain::Timestamp, std::string> local_time_in_days(std::string_view zone,
                                                                 domain::Timestamp now, int days,
                                                                 std::chrono::minutes time_of_day) {
  const date::time_zone* found = find_zone(zone);
  if (!found) {
    return std::unexpected(
        fmt::format("the system does not know the time zone {} (is tzdata installed?)", zone));
  }
  const date::local_days today = date::floor<date::days>(found->to_local(now));
  return found->to_sys(today + date::days{days} + time_of_day, date::choose::earliest);
}

std::string local_date(std::string_view zone, domain::Timestamp time) {
  const date::time_zone* found = find_zone(zone);
  const auto local =
      found ? found->to_local(time) : date::local_time<domain::Duration>(time.time_since_epoch());
  const date::year_month_day day(date::floor<date::days>(local));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

}  // namespace onsale::api
