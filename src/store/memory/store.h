// The box office in memory: the reference model that the stores on disk are compared with,
// and the store for tests and rehearsals. Nothing outlives the process.
#pragma once

#include <memory>

#include "store/store.h"

namespace onsale::store::memory {

/// A fresh, empty store; with `read_only` it hands out no writers.
[[nodiscard]] std::unique_ptr<Store> open(Access access);

}  // namespace onsale::store::memory
