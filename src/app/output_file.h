// Files that a command writes because somebody asked for them.
#pragma once

#include <string>
#include <string_view>

#include "app/failure.h"

namespace onsale::app {

/// Replaces what is there. Or names the file and says why it cannot be written.
[[nodiscard]] Done write_file(const std::string& path, std::string_view content);

/// The same failures, before there is anything to write: for those who work long first. Changes
/// nothing.
[[nodiscard]] Done can_write_file(const std::string& path);

}  // namespace onsale::app
