// Taking a request target apart: path segments and query, with percent-encoding undone (RFC 3986).
// Used by the router only.
#pragma once

#include <boost/container/small_vector.hpp>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace onsale::http {

/// The text between the slashes; "/a//b/" has the segments "a", "", "b" and "".
[[nodiscard]] boost::container::small_vector<std::string_view, 16> split_path(
    std::string_view path);

/// Decoded segments; those without escapes are views into the path, which must outlive them.
class Segments {
 public:
  [[nodiscard]] std::span<const std::string_view> views() const {
    return {views_.data(), views_.size()};
  }

 private:
  friend bool decode_path(std::string_view path, Segments& segments);
  boost::container::small_vector<std::string_view, 16> views_;
  std::list<std::string> decoded_;
};

/// False if an escape is broken or means NUL or invalid UTF-8.
[[nodiscard]] bool decode_path(std::string_view path, Segments& segments);

/// Splits an origin-form or absolute-form target into the path, still encoded, and the decoded
/// query ("+" is a space). False if it is neither or the query's encoding is broken; then `path` is
/// still set as far as possible, for error documents.
[[nodiscard]] bool split_target(std::string_view target, std::string_view& path,
                                std::vector<std::pair<std::string, std::string>>& query);

}  // namespace onsale::http
