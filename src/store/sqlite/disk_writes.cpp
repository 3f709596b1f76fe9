#include "store/sqlite/disk_writes.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "store/sqlite/log_rewriting.h"
#include "store/sqlite/wal_index.h"

namespace onsale::store::sqlite {
namespace {

constexpr const char* vfs_name = "onsale";
/// SQLite's file of a Unix system takes less than 128 KiB at a time (17 bits of the size; its pages
/// have 64 KiB at most).
constexpr std::size_t gathered_bytes_max = std::size_t{127} * 1024;
/// The disk is done with it in about the time of a commit.
constexpr sqlite3_int64 gentle_bytes = 256 * 1024;
// Operations of the database file's xFileControl; those of SQLite are below 100.
constexpr int control_copy_alone = 20'101;
constexpr int control_make_log_durable = 20'102;
// The locks in shared memory of who writes and of who copies the log
// (https://www.sqlite.org/walformat.html, 2.3).
constexpr int write_lock = 0;
constexpr int copy_lock = 1;
constexpr int copy_wait_ms = 5'000;

[[noreturn]] void refuse(int code, std::string why) {
  throw SqliteFailure{code, {Failure::unavailable, std::move(why)}};
}

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
      if (flush() != SQLITE_OK) return failed_before;
      start_ = at;
    }
    const auto* first = static_cast<const char*>(data);
    gathered_.insert(gathered_.end(), first, first + size);
    return SQLITE_OK;
  }

  int read(void* data, int bytes, sqlite3_int64 at) {
    const bool overlaps = at < start_ + std::ssize(gathered_) && start_ < at + bytes;
    if (overlaps && flush() != SQLITE_OK) return failed_before;
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
  /// What failed is what SQLite takes for written, by statements that have ended: told that the
  /// disk is full, it would take back only the one that runs, and go on.
  static constexpr int failed_before = SQLITE_IOERR_WRITE;

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
    const bool enough = unflushed_ >= gentle_bytes && pace_ && *pace_ == Pace::gentle;
    return result == SQLITE_OK && enough ? flush(SQLITE_SYNC_NORMAL) : result;
  }

  int flush(int flags) {
    unflushed_ = 0;
    const int result = on_disk()->pMethods->xSync(on_disk(), flags);
    if (result != SQLITE_OK && pace_) copy_all_again();
    return result;
  }

  int lock(int first, int count, int flags) {
    const bool gives_back = (flags & SQLITE_SHM_UNLOCK) != 0;
    if (gives_back && first == write_lock && log_) log_->forget();  // what was committed is flushed
    if (pace_ && first == copy_lock) {                              // this connection keeps it
      ++first;
      if (--count == 0) return SQLITE_OK;
    }
    return on_disk()->pMethods->xShmLock(on_disk(), first, count, flags);
  }

  int make_log_durable() {
    const auto index = WalIndex::of(on_disk());
    if (!index || !log_) return SQLITE_IOERR_SHMMAP;
    return rewrite_log(log_->on_disk(), *index);
  }

  int copy_alone(const std::atomic<Pace>& pace) {
    constexpr int exclusively = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
    if (const int busy = lock(copy_lock, 1, exclusively)) return busy;
    pace_ = &pace;
    return copy_all_again() ? SQLITE_OK : SQLITE_IOERR_SHMMAP;
  }

  int unmap(int remove) {
    // SQLite gives back what it has taken itself.
    if (std::exchange(pace_, nullptr)) {
      lock(copy_lock, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    }
    return on_disk()->pMethods->xShmUnmap(on_disk(), remove);
  }

  /// `log` is that of this file, or nothing once it is closed.
  void set_log(LogFile* log) { log_ = log; }

 private:
  bool copy_all_again() {
    const auto index = WalIndex::of(on_disk());
    if (index) index->nothing_is_copied();
    return index.has_value();
  }

  LogFile* log_ = nullptr;
  const std::atomic<Pace>* pace_ = nullptr;  // of a connection that copies alone
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
  switch (operation) {
    case control_copy_alone:
      return database(file).copy_alone(*static_cast<const std::atomic<Pace>*>(argument));
    case control_make_log_durable:
      return database(file).make_log_durable();
    default:
      return as_it_is<DatabaseFile, &Methods::xFileControl>(file, operation, argument);
  }
}

int lock_database(sqlite3_file* file, int first, int count, int flags) {
  return database(file).lock(first, count, flags);
}

int unmap_database(sqlite3_file* file, int remove) { return database(file).unmap(remove); }

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
  methods.xShmUnmap = unmap_database;
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

void make_log_durable(Connection& db) {
  // If it cannot be believed, it must not be copied either, not even at the end.
  sqlite3_db_config(db.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  db.exec("begin immediate");  // now the log was recovered, and nobody else writes
  const int failed = sqlite3_file_control(db.raw(), nullptr, control_make_log_durable, nullptr);
  const int cause = system_vfs().xGetLastError(&system_vfs(), 0, nullptr);
  db.rollback();
  if (failed == SQLITE_IOERR_DATA) {
    refuse(failed,
           "the disk has lost some of the write-ahead log since it was read: close whatever else "
           "has the file open, and start again");
  }
  if (failed) {
    refuse(failed,
           fmt::format("the write-ahead log cannot be made durable: {}: {}", sqlite3_errstr(failed),
                       std::error_code(cause, std::system_category()).message()));
  }
  sqlite3_db_config(db.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

void copy_alone(Connection& db, const std::atomic<Pace>& pace) {
  constexpr int pause_ms = 10;
  int result = SQLITE_BUSY;
  for (int waited = 0; result == SQLITE_BUSY && waited <= copy_wait_ms; waited += pause_ms) {
    if (waited > 0) sqlite3_sleep(pause_ms);
    void* const argument = const_cast<std::atomic<Pace>*>(&pace);
    result = sqlite3_file_control(db.raw(), nullptr, control_copy_alone, argument);
  }
  if (result == SQLITE_BUSY) {
    refuse(result, "another program does not end copying the write-ahead log into the file");
  }
  if (result) refuse(result, "SQLite does not share the state of the write-ahead log");
}

}  // namespace onsale::store::sqlite
