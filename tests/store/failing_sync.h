// A file system whose syncs fail on demand, those of the write-ahead log or those of the database's
// file: SQLite's own, with that one function replaced.
#pragma once

#include <sqlite3.h>

#include <atomic>

namespace onsale::testing {

/// Installs itself for the connections opened while it lives; one at a time.
class FailingSync {
 public:
  FailingSync() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.zName = "failing-sync";
    vfs_.xOpen = open;
    real = real_;
    log.fails = 0;
    database.fails = 0;
    sqlite3_vfs_register(&vfs_, /*makeDflt=*/1);
  }
  FailingSync(const FailingSync&) = delete;
  FailingSync& operator=(const FailingSync&) = delete;
  ~FailingSync() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, /*makeDflt=*/1);
  }

  /// The next `count` syncs of a write-ahead log fail.
  static void fail_next(int count) { log.fails = count; }
  /// The next `count` syncs of a database's file fail.
  static void fail_next_of_database(int count) { database.fails = count; }

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = real->xOpen(real, name, file, flags, out);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) replace(log, file, sync<log>);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0) {
      replace(database, file, sync<database>);
    }
    return code;
  }

  struct Kind {
    sqlite3_io_methods methods;
    int (*real_sync)(sqlite3_file*, int);
    std::atomic<int> fails;
  };

  static void replace(Kind& kind, sqlite3_file* file, int (*sync)(sqlite3_file*, int)) {
    if (!kind.real_sync) {  // or another thread may be using it
      kind.methods = *file->pMethods;
      kind.methods.xSync = sync;
      kind.real_sync = file->pMethods->xSync;
    }
    file->pMethods = &kind.methods;
  }

  template <Kind& kind>
  static int sync(sqlite3_file* file, int flags) {
    if (kind.fails > 0) {
      --kind.fails;
      return SQLITE_IOERR_FSYNC;
    }
    return kind.real_sync(file, flags);
  }

  static inline sqlite3_vfs* real = nullptr;
  static inline Kind log{};
  static inline Kind database{};

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
};

}  // namespace onsale::testing
