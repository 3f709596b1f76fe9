// The drawing on the fairness page: how long the line was and how many were admitted, over time.
#pragma once

#include <string>

#include "store/fairness.h"

namespace onsale::app {

/// An inline SVG of two panels over one axis of time; the colours are the page's. Empty for a
/// room in which nothing happened.
[[nodiscard]] std::string fairness_chart(const store::FairnessRoom& room);

}  // namespace onsale::app
