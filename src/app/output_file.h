// Files that a command writes because somebody asked for them.
#pragma once

#include <string>
#include <string_view>

#include "app/failure.h"

namespace onsale::app {

/// Replaces what is there. Or names the file and says why it cannot be written.
[[nodiscard]] Done write_file(const std::string& path, std::string_view content);

}  // namespace onsale::app
