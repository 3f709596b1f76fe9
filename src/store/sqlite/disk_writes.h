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
#pragma once

#include <sqlite3.h>

#include <atomic>

namespace onsale::store::sqlite {

/// The name of the VFS to open a database with for writing; registered by the first call, which
/// must come after all of sqlite3_config(). Any thread. Throws SqliteFailure.
[[nodiscard]] const char* writing_vfs();

enum class Pace {
  hurried,  ///< flushed when SQLite asks for it
  gentle,   ///< and whenever a little has been written
};

/// What a connection's checkpoints and somebody else tell each other.
struct Copying {
  std::atomic<Pace> pace = Pace::hurried;  ///< may change at any time
  std::atomic<bool> lost = false;          ///< the file could not be flushed
};

/// `db` must be open with the VFS above. Others are hurried. `copying` must outlive the connection.
void follow(sqlite3* db, Copying& copying);

}  // namespace onsale::store::sqlite
