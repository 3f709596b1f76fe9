// In what pieces the database reaches the disk: the log in large ones, the file in small ones.
//
// SQLite writes each page of its write-ahead log with two calls of the system, and a batch of a
// thousand sales changes thousands of pages. What it writes there in a row is gathered and written
// when it asks for it to be durable, which with synchronous=full it does before anybody may read it
// (https://www.sqlite.org/walformat.html, "The WAL-Index Header": a commit is published after its
// frames). What a crash leaves is what it leaves of any log; a write that fails makes the commit
// fail, only that the sync is what says so, or a read before it. What was never committed is
// forgotten before anybody else may write.
//
// The file itself is written by checkpoints alone, megabytes at a time. A commit that wants its
// part of the log on the disk while they are flushed would wait for most of them: at a gentle pace
// they are flushed as they are written, a little at a time, which takes longer in all.
//
// After a flush of the file that failed, the system forgets what it could not write, and the next
// flush would call durable what is lost (https://lwn.net/Articles/752063/). But the log is begun
// anew only after a flush that succeeded, so all that can be lost is still in it: the next
// checkpoint copies all of it again, not only what came since, whoever makes it.
#pragma once

#include <sqlite3.h>

#include <atomic>

#include "store/sqlite/connection.h"

namespace onsale::store::sqlite {

/// The name of the VFS to open a database with for writing; registered by the first call, which
/// must come after all of sqlite3_config(). Any thread. Throws SqliteFailure.
[[nodiscard]] const char* writing_vfs();

enum class Pace {
  hurried,  ///< flushed when SQLite asks for it
  gentle,   ///< and whenever a little has been written
};

/// Makes what another process left in the log durable, or says that it cannot: to be called by a
/// process for the first connection that it opens, before it believes anything that it reads. `db`
/// must be open with the VFS above and have no transaction. Throws SqliteFailure.
void make_log_durable(Connection& db);

/// Makes `db` the only connection of all processes that copies the log into the file, until it is
/// closed, and has it begin with all of the log: an earlier copy may not be on the disk. It goes at
/// `pace`, which must outlive it and may change at any time; others are hurried. `db` must be open
/// with the VFS above, and have read from the file. Waits a little for somebody who is copying.
/// Throws SqliteFailure.
void copy_alone(Connection& db, const std::atomic<Pace>& pace);

}  // namespace onsale::store::sqlite
