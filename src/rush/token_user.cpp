#include "rush/token_user.h"

#include <sodium.h>

#include <boost/describe.hpp>
#include <charconv>
#include <string>

#include "http/json.h"

namespace onsale::rush {
namespace {

struct Claims {
  std::string sub;
};
BOOST_DESCRIBE_STRUCT(Claims, (), (sub))

std::optional<std::string> decoded(std::string_view base64) {
  std::string text(base64.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), base64.data(),
                        base64.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
    return std::nullopt;
  }
  text.resize(size);
  return text;
}

std::optional<std::int64_t> number_of(const std::string& text) {
  std::int64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last || number <= 0) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::int64_t> user_of(std::string_view access_token) {
  const std::size_t first = access_token.find('.');
  const std::size_t second = access_token.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  const auto payload = decoded(access_token.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  const auto claims = onsale::http::parse<Claims>(*payload, onsale::http::Unknown::ignore);
  return claims ? number_of(claims->sub) : std::nullopt;
}

}  // namespace onsale::rush
