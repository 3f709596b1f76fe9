// The stores that the suite runs against. Every test is written once, for the port, and
// asks nothing about which store it has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "store/store.h"

namespace onsale::testing {

/// A directory that is gone at the end.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  [[nodiscard]] std::string file(const std::string& name) const;

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
extern const Backend backends[3];

/// The value of a result that must be one.
template <class T>
T must(store::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

std::unique_ptr<store::Store> open_store(const Backend& backend, const TempDir& dir);

store::BatchId batch_id(std::uint64_t number);
domain::VisitorToken token(std::uint64_t number);

}  // namespace onsale::testing
