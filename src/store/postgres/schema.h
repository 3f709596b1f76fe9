// The tables of a PostgreSQL database and how they get there.
#pragma once

#include "store/postgres/connection.h"

namespace onsale::store::postgres {

/// Brings the database up to this program's schema; several nodes may start at once. Throws
/// PostgresFailure, also for a database that a newer program wrote or that is not ours.
void migrate(Connection& db);

/// Throws if there are characters that the database cannot keep: it is not in UTF-8.
void expect_every_character(const Connection& db);

/// Throws unless the database has exactly this program's schema.
void expect_newest_schema(Connection& db);

}  // namespace onsale::store::postgres
