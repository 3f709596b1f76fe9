#include "app/office.h"

#include <fmt/format.h>

namespace onsale::app {

OpenedStore open_store(const std::string& url, store::Access access) {
  auto opened = store::open(url, access);
  if (!opened) return failed(opened.error().message);
  return std::move(*opened);
}

OpenedStore open_store(const Config& config, store::Access access) {
  return open_store(config.database_url, access);
}

std::expected<Office, Failure> open_office(const Config& config, const engine::Clock& clock) {
  auto store = open_store(config, store::Access::read_write);
  if (!store) return std::unexpected(store.error());
  auto engine =
      engine::Engine::start(**store, clock, config.policy, config.committer, config.lanes);
  if (!engine) {
    const std::string name = (*store)->describe();
    const std::string& why = engine.error().message;
    return failed(why.starts_with(name) ? why : fmt::format("{}: {}", name, why));
  }
  return Office{.store = std::move(*store), .engine = std::move(*engine)};
}

}  // namespace onsale::app
