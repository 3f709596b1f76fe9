// The fairness audit's report as a page of HTML to publish, print or keep: one file that needs
// nothing else and runs no script.
#pragma once

#include <string>

#include "store/fairness.h"

namespace onsale::app {

/// Everything that people wrote is escaped. Names no person but the ids of organisers, and no place
/// where the data is.
[[nodiscard]] std::string fairness_page(const store::FairnessReport& report);

}  // namespace onsale::app
