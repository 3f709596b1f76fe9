// Queues what one working set changes, table by table, as statements that each write many rows.
#pragma once

#include "domain/rows.h"
#include "store/parts.h"
#include "store/postgres/connection.h"

namespace onsale::store::postgres {

/// Parents go before the rows that refer to them, and what changed before what is new: an ended
/// visitor makes room for the user's next one. The last is the journal entry: its answer is one row
/// with its id.
void send_rows(Connection& db, const domain::Rows& rows, BatchId batch, domain::Timestamp now);

/// The same for what comes from another store, with its own journal.
void send_part(Connection& db, const Part& part);

}  // namespace onsale::store::postgres
