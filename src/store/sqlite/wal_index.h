// What all who have a database open share in memory about its write-ahead log, as far as SQLite's
// documentation says where it is (https://www.sqlite.org/walformat.html, "The WAL-Index File
// Format").
#pragma once

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

namespace onsale::store::sqlite {

class WalIndex {
 public:
  using Checksum = std::array<std::uint32_t, 2>;

  /// That of a database's file, as the system's VFS has it open; nothing if its log was never read.
  [[nodiscard]] static std::optional<WalIndex> of(sqlite3_file* database) {
    constexpr int region_bytes = 32 * 1024;
    volatile void* start = nullptr;
    const int result =
        database->pMethods->xShmMap(database, 0, region_bytes, /*bExtend=*/0, &start);
    if (result != SQLITE_OK || !start) return std::nullopt;
    return WalIndex(static_cast<volatile std::uint32_t*>(start));
  }

  /// How many frames of the log count. They stay as they are as long as the caller has the lock of
  /// who writes.
  [[nodiscard]] std::uint32_t frames() const { return words_[4]; }
  /// That of the last of them, which is one of all.
  [[nodiscard]] Checksum checksum() const { return {words_[6], words_[7]}; }

  /// Says that no frame has been copied into the file, as it is after a recovery: whoever copies
  /// next begins with the first. To be called with the lock of who copies.
  void nothing_is_copied() const {
    std::atomic_ref(const_cast<std::uint32_t&>(words_[24])).store(0, std::memory_order_relaxed);
  }

 private:
  explicit WalIndex(volatile std::uint32_t* words) : words_(words) {}

  volatile std::uint32_t* words_;
};

}  // namespace onsale::store::sqlite
