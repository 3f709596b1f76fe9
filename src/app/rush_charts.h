// The drawings on the page of a rush: who was where, what was asked and how long it took, over
// time.
#pragma once

#include <string>

#include "rush/timeline.h"

namespace onsale::app {

/// Figures of HTML, one below the other, over the same axis. Empty without a second.
[[nodiscard]] std::string rush_charts(const rush::Timeline& timeline);

}  // namespace onsale::app
