// A log that another process left behind is written once more before anybody is told what is in it.
//
// What can be read there need not be on the disk: that process may have been killed in the middle
// of a sync, or its sync may have failed, after which the system takes what it could not write for
// written (https://lwn.net/Articles/752063/), and no sync of ours would change that. Writing the
// same bytes into the same places does.
#pragma once

#include <sqlite3.h>

#include "store/sqlite/wal_index.h"

namespace onsale::store::sqlite {

/// Writes all of `log`, as the system's VFS has it open, in place, and makes it durable. The caller
/// must have the lock of who writes. Gives what SQLite's methods give; SQLITE_IOERR_DATA if the log
/// does not have any more what `index` says was found in it.
[[nodiscard]] int rewrite_log(sqlite3_file* log, const WalIndex& index);

}  // namespace onsale::store::sqlite
