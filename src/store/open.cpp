#include <fmt/format.h>

#include <string>

#include "store/memory/store.h"
#include "store/postgres/store.h"
#include "store/sqlite/store.h"
#include "store/store.h"

namespace onsale::store {
namespace {

constexpr std::string_view known =
    "use sqlite:PATH (a file, e.g. sqlite:var/onsale.db), postgresql://HOST/DATABASE, or memory: "
    "(gone when the program ends)";

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{Failure::unavailable, std::move(message)});
}

/// What follows `scheme` in `url`, or null if it is of another scheme.
std::optional<std::string> after(std::string_view scheme, std::string_view url) {
  if (!url.starts_with(scheme)) return std::nullopt;
  return std::string(url.substr(scheme.size()));
}

}  // namespace

Result<std::unique_ptr<Store>> open(std::string_view url, Access access) {
  if (url == "memory:") return memory::open(access);
  if (const auto path = after("sqlite:", url)) {
    if (path->empty()) return refuse(fmt::format("'{}' names no file; {}", url, known));
    if (path->starts_with(":memory:")) {
      return refuse(fmt::format("'{}': for a store in memory use memory:", url));
    }
    return sqlite::open(*path, access);
  }
  if (url.starts_with("postgresql:") || url.starts_with("postgres:")) {
    return postgres::open(std::string(url), access);
  }
  return refuse(fmt::format("'{}' names no store that this program knows; {}", url, known));
}

}  // namespace onsale::store
