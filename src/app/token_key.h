// The key that access tokens are signed with. It is kept with the data, so that tokens survive a
// restart and work on every node.
#pragma once

#include <expected>
#include <string>

#include "store/store.h"

namespace onsale::app {

/// The store's key; makes a random one if it has none yet. `store` is open for writing.
[[nodiscard]] store::Result<std::string> token_key(store::Store& store);

/// The store's key; an error, in one line, if it has none yet. `store` may be open for reading
/// only.
[[nodiscard]] std::expected<std::string, std::string> existing_token_key(store::Store& store);

}  // namespace onsale::app
