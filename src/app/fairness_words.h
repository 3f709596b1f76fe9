// The fairness audit's report as `onsale verify --fairness` prints it. The page with all of it is
// fairness_page.h.
#pragma once

#include <string>

#include "store/fairness.h"

namespace onsale::app {

/// A few lines for each room, the violations, the verdict.
[[nodiscard]] std::string fairness_words(const store::FairnessReport& report);

/// "850 ms", "12.3 s", "3 min 2 s", "2 h 5 min", "3 d 4 h".
[[nodiscard]] std::string wait_text(domain::Duration wait);

/// "12 left, 1 revoked"; "nobody" if nothing ended.
[[nodiscard]] std::string ends_text(const store::VisitEnds& ends, bool admitted);

}  // namespace onsale::app
