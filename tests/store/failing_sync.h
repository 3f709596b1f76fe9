// A file system whose syncs of the write-ahead log fail on demand: SQLite's own, with that one
// function replaced.
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
    fails = 0;
    sqlite3_vfs_register(&vfs_, /*makeDflt=*/1);
  }
  FailingSync(const FailingSync&) = delete;
  FailingSync& operator=(const FailingSync&) = delete;
  ~FailingSync() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, /*makeDflt=*/1);
  }

  /// The next `count` syncs of a write-ahead log fail.
  static void fail_next(int count) { fails = count; }

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = real->xOpen(real, name, file, flags, out);
    if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
    if (!real_sync) {  // or another thread may be using it
      methods = *file->pMethods;
      methods.xSync = sync;
      real_sync = file->pMethods->xSync;
    }
    file->pMethods = &methods;
    return code;
  }

  static int sync(sqlite3_file* file, int flags) {
    if (fails > 0) {
      --fails;
      return SQLITE_IOERR_FSYNC;
    }
    return real_sync(file, flags);
  }

  static inline sqlite3_vfs* real = nullptr;
  static inline sqlite3_io_methods methods{};
  static inline int (*real_sync)(sqlite3_file*, int) = nullptr;
  static inline std::atomic<int> fails = 0;

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
};

}  // namespace onsale::testing
