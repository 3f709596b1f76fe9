// New databases on the PostgreSQL server that ctest starts for the tests (tests/support/postgres).
#pragma once

#include <string>

namespace onsale::testing {

/// The URL of a new and empty database, another with every call. It is gone when the server
/// is. Throws std::runtime_error if there is no server or it refuses. One thread at a time.
std::string new_postgres_database();

}  // namespace onsale::testing
