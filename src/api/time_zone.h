// Time zones of venues, through the system's own database (Debian: tzdata).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "domain/types.h"

namespace onsale::api {

/// Is it an IANA name that this system knows, such as "Asia/Seoul"? Any thread.
[[nodiscard]] bool is_time_zone(std::string_view name);

/// The moment at which clocks in `zone` show `time_of_day` on the day that is `days` after the
/// day it is there at `now`. On the nights that clocks are turned, the earlier of two such
/// moments, or the moment of the change if there is none. An error, in one line, if the system
/// does not know the zone. Any thread.
[[nodiscard]] std::expected<domain::Timestamp, std::string> local_time_in_days(
    std::string_view zone, domain::Timestamp now, int days, std::chrono::minutes time_of_day);

/// "2024-10-11": the date that calendars in `zone` show at `time`; in UTC if the system does not
/// know the zone. Any thread.
[[nodiscard]] std::string local_date(std::string_view zone, domain::Timestamp time);

}  // namespace onsale::api
