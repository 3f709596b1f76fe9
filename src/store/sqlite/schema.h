// The tables of the SQLite store, and how older files become what this program expects.
#pragma once

#include <string_view>

#include "store/sqlite/connection.h"

namespace onsale::store::sqlite {

/// Brings the database to the newest schema, step by step, each in a transaction of its
/// own. Throws SqliteFailure (`damaged`) if it is a newer one or another program's.
void migrate(Connection& db);

/// Checks without writing that the database has exactly the newest schema.
void expect_newest_schema(Connection& db);

/// The name of the guard that SQLite reports as "table.column, table.column".
[[nodiscard]] std::string_view unique_guard(std::string_view columns);

}  // namespace onsale::store::sqlite
