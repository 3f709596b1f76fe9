#include "bench/access.h"

#include <chrono>

#include "app/token_key.h"
#include "bench/support.h"
#include "http/access_token.h"

namespace onsale::bench {

std::vector<std::string> access_tokens(const std::string& url, int users) {
  const auto store = must(store::open(url, store::Access::read_write));
  const http::AccessTokens access(must(app::token_key(*store)), std::chrono::hours{10});
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  std::vector<std::string> tokens;
  tokens.reserve(static_cast<std::size_t>(users));
  for (int user = 1; user <= users; ++user) {
    tokens.push_back(access.issue({.user_id = user}, now).token);
  }
  return tokens;
}

}  // namespace onsale::bench
