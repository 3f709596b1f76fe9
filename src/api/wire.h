// How the domain's own types travel: ids and money as integers, tokens as UUID text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/model.h"
#include "http/json.h"

namespace onsale::http {

template <class Tag>
struct Wire<domain::Id<Tag>> {
  using type = std::int64_t;
  static std::int64_t to(domain::Id<Tag> id) { return id.value; }
  static domain::Id<Tag> from(std::int64_t value) { return {value}; }
  static constexpr Rule rule = {.min_value = 1};
};

template <>
struct Wire<domain::Money> {
  using type = std::int64_t;
  static std::int64_t to(domain::Money money) { return money.minor; }
  static domain::Money from(std::int64_t minor) { return {minor}; }
};

}  // namespace onsale::http

namespace onsale::api {

/// A UUID in its usual form of 36 characters, in small letters.
[[nodiscard]] std::string token_text(const domain::VisitorToken& token);

/// None unless the text is a UUID in its usual form of 36 characters.
[[nodiscard]] std::optional<domain::VisitorToken> parse_token(std::string_view text);

}  // namespace onsale::api
