// Whose an access token is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace onsale::rush {

/// The number of the user that it names, as it says itself: only the server can tell whether it is
/// genuine. None if it is no access token of Onsale's. Never throws but std::bad_alloc.
[[nodiscard]] std::optional<std::int64_t> user_of(std::string_view access_token);

}  // namespace onsale::rush
