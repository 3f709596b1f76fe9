// The box office in a PostgreSQL database, which several nodes share.
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace onsale::store::postgres {

/// Connects to `url`, as libpq has it. With `read_write` the schema is brought up to date; with
/// `read_only` it must be. See store::open() for errors. The URL's password is never told.
[[nodiscard]] Result<std::unique_ptr<Store>> open(const std::string& url, Access access);

}  // namespace onsale::store::postgres
