// The stores that the suite runs against. Every test is written once, for the port, and
// asks nothing about which store it has.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "store/store.h"
#include "tests/support/postgres_database.h"

namespace onsale::testing {

/// A directory that is gone at the end.
class TempDir {
 public:
  TempDir() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("onsale-test-" + std::to_string(getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct Backend {
  const char* name;
  /// Of an empty store that lives no longer than the directory or the tests' server.
  std::string (*url)(const TempDir&);
};

/// Always all of them: the build lists the tests, and it has no server. Without one the
/// tests on PostgreSQL fail and say what to set.
inline const Backend backends[] = {
    {"memory", [](const TempDir&) { return std::string("memory:"); }},
    {"sqlite", [](const TempDir& dir) { return "sqlite:" + dir.file("onsale.db"); }},
    {"postgres", [](const TempDir&) { return new_postgres_database(); }},
};

/// The value of a result that must be one.
template <class T>
T must(store::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

inline std::unique_ptr<store::Store> open_store(const Backend& backend, const TempDir& dir) {
  return must(store::open(backend.url(dir), store::Access::read_write));
}

inline store::BatchId batch_id(std::uint64_t number) {
  store::BatchId id{};
  for (std::size_t i = 0; i < 8; ++i) id.data[15 - i] = static_cast<std::uint8_t>(number >> 8 * i);
  id.data[0] = 0xb;
  return id;
}

inline domain::VisitorToken token(std::uint64_t number) {
  domain::VisitorToken id = batch_id(number);
  id.data[0] = 0xa;
  return id;
}

}  // namespace onsale::testing
