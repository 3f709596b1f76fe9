// What a rush showed, for people and for programs.
#pragma once

#include <chrono>
#include <string>

#include "rush/tally.h"

namespace onsale::rush {

/// One line of a rush under way.
[[nodiscard]] std::string progress_text(const Tally& tally, const Second& second);
/// Some lines and a table of a rush that is over.
[[nodiscard]] std::string summary_text(const Tally& tally, std::chrono::milliseconds took);
/// The same as one JSON document; times are in milliseconds.
[[nodiscard]] std::string summary_json(const Tally& tally, std::chrono::milliseconds took);

}  // namespace onsale::rush
