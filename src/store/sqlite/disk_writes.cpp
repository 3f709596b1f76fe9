#include "store/sqlite/disk_writes.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <vector>

#include "store/sqlite/connection.h"

namespace onsale::store::sqlite {
namespace {

constexpr const char* vfs_name = "onsale";
/// SQLite's file of a Unix system takes less than 128 KiB at a time (17 bits of the size; its pages
/// have 64 KiB at most).
constexpr std::size_t gathered_bytes_max = std::size_t{127} * 1024;
/// The disk is done with it in about the time of a commit.
constexpr sqlite3_int64 gentle_bytes = 256 * 1024;
/// An operation of the file's xFileControl; those of SQLite are below 100.
constexpr int control_copying = 20'101;
/// The lock in shared memory of who writes (https://www.sqlite.org/walformat.html, 2.3.1).
constexpr int write_lock = 0;

sqlite3_vfs& system_vfs() {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  if (!vfs) throw SqliteFailure{SQLITE_ERROR, {Failure::unavailable, "SQLite has no VFS"}};
  return *vfs;
}

/// A file that is open. SQLite gives it room, in which the system's own file follows.
template <class Derived>
class File : public sqlite3_file {
 public:
  explicit File(const sqlite3_io_methods& methods) : sqlite3_file{&methods} {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] sqlite3_file* on_disk() {
    return reinterpret_cast<sqlite3_file*>(static_cast<Derived*>(this) + 1);
  }

 protected:
  ~File() = default;
};

class DatabaseFile;

class LogFile final : public File<LogFile> {
 public:
  using File::File;

  int write(const void* data, int bytes, sqlite3_int64 at) {
    const bool goes_on = at == start_ + std::ssize(gathered_);
    const auto size = static_cast<std::size_t>(bytes);
    if (!goes_on || gathered_.size() + size > gathered_bytes_max) {
      if (const int failed = flush()) return failed;
      start_ = at;
    }
    const auto* first = static_cast<const char*>(data);
    gathered_.insert(gathered_.end(), first, first + size);
    return SQLITE_OK;
  }

  int read(void* data, int bytes, sqlite3_int64 at) {
    const bool overlaps = at < start_ + std::ssize(gathered_) && start_ < at + bytes;
    // Told that the disk is full, SQLite would take back only the statement, and go on.
    if (overlaps && flush() != SQLITE_OK) return SQLITE_IOERR_WRITE;
    return on_disk()->pMethods->xRead(on_disk(), data, bytes, at);
  }

  /// Whatever comes of it, nothing is gathered afterwards: what could not be written belongs to a
  /// commit that fails now.
  int flush() {
    if (gathered_.empty()) return SQLITE_OK;
    const int result = on_disk()->pMethods->xWrite(on_disk(), gathered_.data(),
                                                   static_cast<int>(gathered_.size()), start_);
    forget();
    return result;
  }

  void forget() { gathered_.clear(); }

  void belongs_to(DatabaseFile& of) { of_ = &of; }
  [[nodiscard]] DatabaseFile& of() { return *of_; }

 private:
  DatabaseFile* of_ = nullptr;
  std::vector<char> gathered_;
  sqlite3_int64 start_ = 0;  // where in the file what is gathered belongs
};

class DatabaseFile final : public File<DatabaseFile> {
 public:
  using File::File;

  int write(const void* data, int bytes, sqlite3_int64 at) {
    const int result = on_disk()->pMethods->xWrite(on_disk(), data, bytes, at);
    unflushed_ += bytes;
    const bool enough = unflushed_ >= gentle_bytes && copying_ && copying_->pace == Pace::gentle;
    return result == SQLITE_OK && enough ? flush(SQLITE_SYNC_NORMAL) : result;
  }

  int flush(int flags) {
    unflushed_ = 0;
    const int result = on_disk()->pMethods->xSync(on_disk(), flags);
    if (result != SQLITE_OK && copying_) copying_->lost = true;
    return result;
  }

  int lock(int first, int count, int flags) {
    const bool gives_back = (flags & SQLITE_SHM_UNLOCK) != 0 && first == write_lock;
    if (gives_back && log_) log_->forget();  // what was committed has been flushed
    return on_disk()->pMethods->xShmLock(on_disk(), first, count, flags);
  }

  void follow(Copying& copying) { copying_ = &copying; }
  /// `log` is that of this file, or nothing once it is closed.
  void set_log(LogFile* log) { log_ = log; }

 private:
  LogFile* log_ = nullptr;
  Copying* copying_ = nullptr;
  sqlite3_int64 unflushed_ = 0;
};

LogFile& log(sqlite3_file* file) { return *static_cast<LogFile*>(file); }
DatabaseFile& database(sqlite3_file* file) { return *static_cast<DatabaseFile*>(file); }

using Methods = sqlite3_io_methods;

template <class Of, auto Method, class... Args>
int as_it_is(sqlite3_file* file, Args... args) {
  sqlite3_file* on_disk = static_cast<Of*>(file)->on_disk();
  return (on_disk->pMethods->*Method)(on_disk, args...);
}

/// For what needs the log as it would be.
template <auto Method, class... Args>
int after_flush(sqlite3_file* file, Args... args) {
  if (const int failed = log(file).flush()) return failed;
  return as_it_is<LogFile, Method>(file, args...);
}

template <class Of>
int close(sqlite3_file* file) {
  auto& closed = *static_cast<Of*>(file);
  const int result = closed.on_disk()->pMethods->xClose(closed.on_disk());
  std::destroy_at(&closed);
  return result;
}

/// SQLite closes the log before the database's file.
int close_log(sqlite3_file* file) {
  log(file).of().set_log(nullptr);
  return close<LogFile>(file);
}

int write_log(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
  try {
    return log(file).write(data, bytes, at);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
}

int read_log(sqlite3_file* file, void* data, int bytes, sqlite3_int64 at) {
  return log(file).read(data, bytes, at);
}

int write_database(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
  return database(file).write(data, bytes, at);
}

int sync_database(sqlite3_file* file, int flags) { return database(file).flush(flags); }

int control_database(sqlite3_file* file, int operation, void* argument) {
  if (operation != control_copying) {
    return as_it_is<DatabaseFile, &Methods::xFileControl>(file, operation, argument);
  }
  database(file).follow(*static_cast<Copying*>(argument));
  return SQLITE_OK;
}

int lock_database(sqlite3_file* file, int first, int count, int flags) {
  return database(file).lock(first, count, flags);
}

void shared_memory_barrier(sqlite3_file* file) {
  sqlite3_file* on_disk = database(file).on_disk();
  on_disk->pMethods->xShmBarrier(on_disk);
}

template <class Of>
constexpr Methods methods_of(decltype(Methods::xRead) read, decltype(Methods::xWrite) write) {
  return {.iVersion = 1,
          .xClose = close<Of>,
          .xRead = read,
          .xWrite = write,
          .xTruncate = as_it_is<Of, &Methods::xTruncate>,
          .xSync = as_it_is<Of, &Methods::xSync>,
          .xFileSize = as_it_is<Of, &Methods::xFileSize>,
          .xLock = as_it_is<Of, &Methods::xLock>,
          .xUnlock = as_it_is<Of, &Methods::xUnlock>,
          .xCheckReservedLock = as_it_is<Of, &Methods::xCheckReservedLock>,
          .xFileControl = as_it_is<Of, &Methods::xFileControl>,
          .xSectorSize = as_it_is<Of, &Methods::xSectorSize>,
          .xDeviceCharacteristics = as_it_is<Of, &Methods::xDeviceCharacteristics>};
}

/// Without shared memory, which is of the database's file.
constexpr Methods log_methods = [] {
  Methods methods = methods_of<LogFile>(read_log, write_log);
  methods.xClose = close_log;
  methods.xTruncate = after_flush<&Methods::xTruncate>;
  methods.xSync = after_flush<&Methods::xSync>;
  methods.xFileSize = after_flush<&Methods::xFileSize>;
  return methods;
}();

/// Without mapping pages into memory, which nobody here asks for.
constexpr Methods database_methods = [] {
  Methods methods =
      methods_of<DatabaseFile>(as_it_is<DatabaseFile, &Methods::xRead>, write_database);
  methods.iVersion = 2;
  methods.xSync = sync_database;
  methods.xFileControl = control_database;
  methods.xShmMap = as_it_is<DatabaseFile, &Methods::xShmMap>;
  methods.xShmLock = lock_database;
  methods.xShmBarrier = shared_memory_barrier;
  methods.xShmUnmap = as_it_is<DatabaseFile, &Methods::xShmUnmap>;
  return methods;
}();

template <class Of>
int open_as(const Methods& methods, const char* name, sqlite3_file* file, int flags, int* given) {
  Of& opened = *new (file) Of(methods);
  sqlite3_vfs& system = system_vfs();
  const int result = system.xOpen(&system, name, opened.on_disk(), flags, given);
  if (result != SQLITE_OK) {
    std::destroy_at(&opened);
    file->pMethods = nullptr;  // not open: SQLite does not close it
  }
  return result;
}

int open(sqlite3_vfs* /*ours*/, const char* name, sqlite3_file* file, int flags, int* given) {
  if ((flags & SQLITE_OPEN_WAL) != 0) {
    const int failed = open_as<LogFile>(log_methods, name, file, flags, given);
    if (failed) return failed;
    DatabaseFile& of = database(sqlite3_database_file_object(name));
    log(file).belongs_to(of);
    of.set_log(&log(file));
    return SQLITE_OK;
  }
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    return open_as<DatabaseFile>(database_methods, name, file, flags, given);
  }
  sqlite3_vfs& system = system_vfs();
  return system.xOpen(&system, name, file, flags, given);
}

}  // namespace

const char* writing_vfs() {
  static const bool registered = [] {
    // The system's in everything but how files are opened.
    static sqlite3_vfs ours = system_vfs();
    ours.zName = vfs_name;
    ours.pNext = nullptr;
    ours.xOpen = open;
    ours.szOsFile += static_cast<int>(std::max(sizeof(LogFile), sizeof(DatabaseFile)));
    if (const int failed = sqlite3_vfs_register(&ours, /*makeDflt=*/0)) {
      throw SqliteFailure{failed, {Failure::unavailable, "SQLite takes no VFS"}};
    }
    return true;
  }();
  static_cast<void>(registered);
  return vfs_name;
}

void follow(sqlite3* db, Copying& copying) {
  sqlite3_file_control(db, nullptr, control_copying, &copying);
}

}  // namespace onsale::store::sqlite
