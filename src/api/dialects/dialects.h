// The five documented APIs, each a thin translation: parse the request, call the same operation
// as the native API, word the answer as its document does. No rule of the box office lives here.
// docs/dialects.md is their guide.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "api/services.h"
#include "http/router.h"

namespace onsale::api {

/// Named after what their documents call a performance, or what they are known by.
enum class Dialect { performances, schedules, availability, customers, dates };

inline constexpr std::array all_dialects{Dialect::performances, Dialect::schedules,
                                         Dialect::availability, Dialect::customers, Dialect::dates};

[[nodiscard]] std::string_view to_text(Dialect dialect);
[[nodiscard]] std::optional<Dialect> dialect_from_text(std::string_view text);

/// Does it prove who asks? The others take the user's number for it, as their documents have it.
[[nodiscard]] constexpr bool authenticates(Dialect dialect) {
  return dialect == Dialect::performances;
}

struct DialectSettings {
  std::set<Dialect> enabled;
  domain::EventId default_event{1};  ///< of a dialect that names no event
};

/// Their routes, at the paths of their documents.
void add_dialect_routes(http::Router& router, Services& services, const DialectSettings& settings);

}  // namespace onsale::api
