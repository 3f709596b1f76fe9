#include "http/target.h"

#include <algorithm>
#include <optional>

#include "http/utf8.h"

namespace onsale::http {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// UTF-8 without NUL.
bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length == 0 || bytes.front() == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  if (!is_text(out)) return std::nullopt;
  return out;
}

bool decode_query(std::string_view text, std::vector<std::pair<std::string, std::string>>& query) {
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = decode(pair.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                  : decode(pair.substr(equals + 1), true);
    if (!name || !value) return false;
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

/// "http://host:port/path" without its first part; a proxy's form that every server must take.
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

boost::container::small_vector<std::string_view, 16> split_path(std::string_view path) {
  boost::container::small_vector<std::string_view, 16> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool decode_path(std::string_view path, Segments& segments) {
  segments.views_ = split_path(path);
  const auto is_odd = [](char c) { return c == '%' || static_cast<unsigned char>(c) >= 0x80; };
  for (auto& segment : segments.views_) {
    if (std::none_of(segment.begin(), segment.end(), is_odd)) continue;
    auto decoded = decode(segment, false);
    if (!decoded) return false;
    segment = segments.decoded_.emplace_back(std::move(*decoded));
  }
  return true;
}

bool split_target(std::string_view target, std::string_view& path,
                  std::vector<std::pair<std::string, std::string>>& query) {
  query.clear();
  const std::string_view origin = origin_form(target);
  const std::size_t mark = origin.find('?');
  path = origin.substr(0, mark);
  if (path.empty() && !origin.empty()) path = "/";
  if (!path.starts_with('/')) return false;
  return mark == std::string_view::npos || decode_query(origin.substr(mark + 1), query);
}

}  // namespace onsale::http
