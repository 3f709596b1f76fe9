// Access tokens for very many, made beforehand: signing one takes longer than most requests.
#pragma once

#include <string>
#include <vector>

namespace onsale::bench {

/// Of users 1 … `users` of the store at `url`, valid for hours. Throws std::runtime_error.
[[nodiscard]] std::vector<std::string> access_tokens(const std::string& url, int users);

}  // namespace onsale::bench
