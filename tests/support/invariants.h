// What must be true of a box office after every batch (domain.md "Selling", last bullet),
// checked on plain tables. Independent of the store's auditor on purpose.
#pragma once

#include <string>
#include <vector>

#include "tests/support/tables.h"

namespace onsale::testing {

/// Everything that is not as it must be, in words; empty when all is well.
[[nodiscard]] std::vector<std::string> broken_invariants(const Tables& tables);

}  // namespace onsale::testing
