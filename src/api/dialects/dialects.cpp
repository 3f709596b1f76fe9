#include "api/dialects/dialects.h"

#include <utility>

#include "api/dialects/routes.h"

namespace onsale::api {
namespace {

using dialects::Office;

void add_routes(Dialect dialect, http::Router& router, const Office& office) {
  switch (dialect) {
    case Dialect::performances:
      return dialects::add_performances_routes(router, office);
    case Dialect::schedules:
      return dialects::add_schedules_routes(router, office);
    case Dialect::availability:
      return dialects::add_availability_routes(router, office);
    case Dialect::customers:
      return dialects::add_customers_routes(router, office);
    case Dialect::dates:
      return dialects::add_dates_routes(router, office);
  }
  std::unreachable();
}

}  // namespace

std::string_view to_text(Dialect dialect) {
  switch (dialect) {
    case Dialect::performances:
      return "performances";
    case Dialect::schedules:
      return "schedules";
    case Dialect::availability:
      return "availability";
    case Dialect::customers:
      return "customers";
    case Dialect::dates:
      return "dates";
  }
  std::unreachable();
}

std::optional<Dialect> dialect_from_text(std::string_view text) {
  for (const Dialect dialect : all_dialects) {
    if (to_text(dialect) == text) return dialect;
  }
  return std::nullopt;
}

void add_dialect_routes(http::Router& router, Services& services, const DialectSettings& settings) {
  const Office office{.services = services, .default_event = settings.default_event};
  for (const Dialect dialect : settings.enabled) add_routes(dialect, router, office);
}

}  // namespace onsale::api
