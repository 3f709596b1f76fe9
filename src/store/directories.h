// Names that are still there after a loss of power: the system keeps a new name in memory until the
// directory that has it is synced.
#pragma once

#include <filesystem>

#include "store/store.h"

namespace onsale::store {

/// Makes the names in a directory durable; an empty path is the working directory.
[[nodiscard]] Result<void> sync_directory(const std::filesystem::path& directory);

/// Creates what is missing of the path to a directory, for good.
[[nodiscard]] Result<void> make_directories(const std::filesystem::path& directory);

}  // namespace onsale::store
