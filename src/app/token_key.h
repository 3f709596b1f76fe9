// The keys that access tokens and receipts are signed with. They are kept with the data, so that
// what they signed survives a restart and holds on every node.
#pragma once

#include <expected>
#include <string>

#include "store/store.h"

namespace onsale::app {

/// The store's key; makes a random one if it has none yet. `store` is open for writing.
[[nodiscard]] store::Result<std::string> token_key(store::Store& store);

/// The secret of the store's SigningKey; makes a random one if it has none yet.
[[nodiscard]] store::Result<std::string> receipt_key(store::Store& store);

/// A secret: 32 random bytes as 64 hex digits. Throws std::runtime_error if the system has none.
[[nodiscard]] std::string random_key();

/// The store's key; an error, in one line, if it has none yet. `store` may be open for reading
/// only.
[[nodiscard]] std::expected<std::string, std::string> existing_token_key(store::Store& store);

}  // namespace onsale::app
