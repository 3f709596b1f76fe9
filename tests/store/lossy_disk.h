// A disk whose memory of what was written and what was kept can be told apart: what a program reads
// is what it wrote, what a loss of power leaves is what was synced. A sync that fails keeps some of
// what it should, and forgets that the rest was ever to be written, as Linux does
// (https://lwn.net/Articles/752063/).
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace onsale::testing {

/// Installs itself for the connections opened while it lives; one at a time.
class LossyDisk {
 public:
  explicit LossyDisk(std::uint64_t seed = 1) : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.zName = "lossy-disk";
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    real = real_;
    random.seed(seed);
    sqlite3_vfs_register(&vfs_, /*makeDflt=*/1);
  }
  LossyDisk(const LossyDisk&) = delete;
  LossyDisk& operator=(const LossyDisk&) = delete;
  ~LossyDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, /*makeDflt=*/1);
    const std::lock_guard lock(mutex);
    images.clear();
    of_file.clear();
    before_log_sync = nullptr;
    log.fails = database.fails = 0;
    log.full = false;
  }

  /// So many of the next syncs fail, of write-ahead logs or of databases' files.
  static void fail_log_syncs(int count) { log.fails = count; }
  static void fail_database_syncs(int count) { database.fails = count; }
  /// Whether writes into a log find the disk full.
  static void fill_for_logs(bool full) { log.full = full; }
  /// Is called once, before a log is synced, by whoever syncs it.
  static void before_next_log_sync(std::function<void()> call) {
    const std::lock_guard lock(mutex);
    before_log_sync = std::move(call);
  }

  /// What a process finds that is started after the one that has the file open was killed: all that
  /// was written. Returns the copy's name, whose disk keeps what the original's has kept.
  static std::string restarted(const std::string& file) {
    const std::lock_guard lock(mutex);
    const std::string copy = file + ".restarted";
    for (const char* part : {"", "-wal"}) {
      std::filesystem::copy_file(file + part, copy + part);
      images[copy + part] = std::make_shared<Image>(*images.at(file + part));
    }
    return copy;
  }

  /// What is left after a loss of power. Returns the copy's name.
  static std::string after_power_cut(const std::string& file) {
    const std::lock_guard lock(mutex);
    const std::string copy = file + ".cut";
    for (const char* part : {"", "-wal"}) {
      std::filesystem::remove(copy + part);
      const auto image = images.find(file + part);
      if (image == images.end()) continue;
      std::ofstream(copy + part, std::ios::binary) << image->second->kept;
    }
    return copy;
  }

  /// The system gives up writing what was not synced, and nobody has asked yet.
  static void lose_what_was_not_synced(const std::string& file) {
    const std::lock_guard lock(mutex);
    images.at(file)->dirty.clear();
  }

 private:
  static constexpr sqlite3_int64 page_bytes = 4'096;

  struct Image {
    std::string kept;               ///< on the disk
    std::set<sqlite3_int64> dirty;  ///< pages that were written since
  };

  struct Kind {
    std::atomic<int> fails;
    std::atomic<bool> full;
    const sqlite3_io_methods* real;
    sqlite3_io_methods methods;
  };

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = real->xOpen(real, name, file, flags, out);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) replace<log>(name, file);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0) replace<database>(name, file);
    return code;
  }

  static int remove(sqlite3_vfs*, const char* name, int sync_directory) {
    const std::lock_guard lock(mutex);
    images.erase(name);
    return real->xDelete(real, name, sync_directory);
  }

  template <Kind& kind>
  static void replace(const char* name, sqlite3_file* file) {
    const std::lock_guard lock(mutex);
    if (!kind.real) {
      kind.real = file->pMethods;
      kind.methods = *file->pMethods;
      kind.methods.xClose = close<kind>;
      kind.methods.xWrite = write<kind>;
      kind.methods.xTruncate = truncate<kind>;
      kind.methods.xSync = sync<kind>;
    }
    file->pMethods = &kind.methods;
    auto& image = images[name];
    if (!image) {  // what was there before is on the disk
      std::ifstream there(name, std::ios::binary);
      image = std::make_shared<Image>(Image{.kept = {std::istreambuf_iterator(there), {}}});
    }
    sqlite3_int64 size = 0;
    kind.real->xFileSize(file, &size);
    if (size == 0) *image = {};  // another file of that name was removed
    of_file[file] = image;
  }

  template <Kind& kind>
  static int close(sqlite3_file* file) {
    const std::lock_guard lock(mutex);
    of_file.erase(file);
    return kind.real->xClose(file);
  }

  template <Kind& kind>
  static int write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
    if (kind.full) return SQLITE_FULL;
    const std::lock_guard lock(mutex);
    const int code = kind.real->xWrite(file, data, bytes, at);
    for (auto page = at / page_bytes; page * page_bytes < at + bytes; ++page) {
      of_file.at(file)->dirty.insert(page);
    }
    return code;
  }

  template <Kind& kind>
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const std::lock_guard lock(mutex);
    return kind.real->xTruncate(file, size);
  }

  template <Kind& kind>
  static int sync(sqlite3_file* file, int /*flags*/) {
    if (&kind == &log) call_before_log_sync();
    const std::lock_guard lock(mutex);
    Image& image = *of_file.at(file);
    const bool fails = kind.fails > 0;
    if (fails) --kind.fails;
    for (const sqlite3_int64 page : std::exchange(image.dirty, {})) {
      if (!fails || random() % 2 == 0) keep(*kind.real, file, page, image.kept);
    }
    if (fails) return SQLITE_IOERR_FSYNC;
    sqlite3_int64 size = 0;
    kind.real->xFileSize(file, &size);
    image.kept.resize(static_cast<std::size_t>(size));
    return SQLITE_OK;
  }

  static void keep(const sqlite3_io_methods& methods, sqlite3_file* file, sqlite3_int64 page,
                   std::string& kept) {
    sqlite3_int64 size = 0;
    methods.xFileSize(file, &size);
    const sqlite3_int64 at = page * page_bytes;
    if (at >= size) return;
    const auto bytes = static_cast<std::size_t>(std::min(page_bytes, size - at));
    const auto start = static_cast<std::size_t>(at);
    kept.resize(std::max(kept.size(), start + bytes));
    methods.xRead(file, kept.data() + start, static_cast<int>(bytes), at);
  }

  static void call_before_log_sync() {
    std::unique_lock lock(mutex);
    const auto call = std::exchange(before_log_sync, nullptr);
    lock.unlock();
    if (call) call();
  }

  static inline sqlite3_vfs* real = nullptr;
  static inline Kind log{};
  static inline Kind database{};
  static inline std::mutex mutex;
  // With the mutex.
  static inline std::mt19937_64 random;
  static inline std::map<std::string, std::shared_ptr<Image>> images;
  static inline std::map<sqlite3_file*, std::shared_ptr<Image>> of_file;
  static inline std::function<void()> before_log_sync;

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
};

}  // namespace onsale::testing
