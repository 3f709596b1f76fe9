// Files of data/ that are part of the program, so that it needs none of them beside it.
#pragma once

#include <string_view>

namespace onsale::app::embedded {

/// data/plans/hall.json and data/plans/arena.json, byte for byte. They live as long as the
/// program; any thread.
[[nodiscard]] std::string_view hall_plan();
[[nodiscard]] std::string_view arena_plan();

}  // namespace onsale::app::embedded
