#include "rush/nights.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace onsale::rush {
namespace {

/// Null if this machine does not know it.
const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

bool fits(const Night& night, const Wanted& wanted) {
  if (wanted.id) return night.performance == *wanted.id;
  if (wanted.date) return night.date() == *wanted.date;
  return night.to_be_had;
}

std::string nothing_fits(const Wanted& wanted) {
  if (wanted.id) return fmt::format("there is no performance {}", *wanted.id);
  if (wanted.date) return fmt::format("there is no performance on {}", *wanted.date);
  return "nothing is on sale there";
}

}  // namespace

std::string Night::date() const {
  using Local = date::local_time<std::chrono::milliseconds>;
  const date::time_zone* zone = find_zone(time_zone);
  const Local local = zone ? zone->to_local(starts_at) : Local(starts_at.time_since_epoch());
  return date::format("%F", date::floor<date::days>(local));
}

std::expected<Night, std::string> choose(const std::vector<Night>& nights, const Wanted& wanted) {
  const Night* chosen = nullptr;
  for (const Night& night : nights) {
    if (!fits(night, wanted)) continue;
    if (!chosen || (night.to_be_had && !chosen->to_be_had)) chosen = &night;
  }
  if (!chosen) return std::unexpected(nothing_fits(wanted));
  return *chosen;
}

}  // namespace onsale::rush
