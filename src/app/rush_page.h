// A rush as a page of HTML: what was played, what became of the buyers and how the server did over
// time, so that whoever gets the file understands it alone.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "http/json.h"
#include "rush/tally.h"

namespace onsale::app {

struct RushReport {
  std::string server;                                     ///< its URL
  std::vector<std::pair<std::string, std::string>> plan;  ///< options and their values, as text
  http::Timestamp began_at;
  std::chrono::milliseconds took{};
};

/// Everything that came from outside is escaped. No token is in it.
[[nodiscard]] std::string rush_page(const RushReport& report, const rush::Tally& tally);

}  // namespace onsale::app
