// What every command that works on a box office begins with: the store of the configuration, and
// for those that write, an engine on it.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "app/config.h"
#include "app/failure.h"
#include "engine/engine.h"
#include "store/store.h"

namespace onsale::app {

using OpenedStore = std::expected<std::unique_ptr<store::Store>, Failure>;

/// Opens a database. Fails with the store's own message, which names the database.
[[nodiscard]] OpenedStore open_store(const std::string& url, store::Access access);
/// The configured one.
[[nodiscard]] OpenedStore open_store(const Config& config, store::Access access);

/// A store with an engine on it. The engine ends first.
struct Office {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<engine::Engine> engine;
};

/// `clock` must outlive the office.
[[nodiscard]] std::expected<Office, Failure> open_office(const Config& config,
                                                         const engine::Clock& clock);

}  // namespace onsale::app
