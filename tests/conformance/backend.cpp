#include "tests/conformance/backend.h"

#include <unistd.h>

#include <cstddef>
#include <system_error>

#include "tests/support/postgres_database.h"

namespace onsale::testing {

TempDir::TempDir() {
  static int count = 0;
  path_ = std::filesystem::temp_directory_path() /
          ("onsale-test-" + std::to_string(getpid()) + "-" + std::to_string(++count));
  std::filesystem::create_directories(path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::file(const std::string& name) const { return (path_ / name).string(); }

const Backend backends[3] = {
    {"memory", [](const TempDir&) { return std::string("memory:"); }},
    {"sqlite", [](const TempDir& dir) { return "sqlite:" + dir.file("onsale.db"); }},
    {"postgres", [](const TempDir&) { return new_postgres_database(); }},
};

std::unique_ptr<store::Store> open_store(const Backend& backend, const TempDir& dir) {
  return must(store::open(backend.url(dir), store::Access::read_write));
}

store::BatchId batch_id(std::uint64_t number) {
  store::BatchId id{};
  for (std::size_t i = 0; i < 8; ++i) id.data[15 - i] = static_cast<std::uint8_t>(number >> 8 * i);
  id.data[0] = 0xb;
  return id;
}

domain::VisitorToken token(std::uint64_t number) {
  domain::VisitorToken id = batch_id(number);
  id.data[0] = 0xa;
  return id;
}

}  // namespace onsale::testing
