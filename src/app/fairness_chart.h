// The drawing on the fairness page: how long the line was and how many were admitted, over time.
#pragma once

#include <string>

#include "store/fairness_figures.h"

namespace onsale::app {

/// An inline SVG of two panels over one axis of time; the colours are the page's. Empty for a
/// timeline in which nothing happened.
[[nodiscard]] std::string fairness_chart(const store::Timeline& timeline);

/// A time for HTML: "2026-06-01 10:00:00" in a <time> element, UTC.
[[nodiscard]] std::string time_element(domain::Timestamp at);

}  // namespace onsale::app
