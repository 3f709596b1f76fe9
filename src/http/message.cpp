#include "http/message.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <cctype>
#include <charconv>
#include <stdexcept>

#include "http/router.h"

namespace onsale::http {

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the next element off a comma-separated header.
std::string_view next_element(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view element = trim(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return element;
}

std::string_view without_weak(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  return etag;
}

/// True unless the parameters of a coding say q=0.
bool has_weight(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return true;
  return trim(parameters.substr(at + 2)).find_first_of("123456789") != std::string_view::npos;
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::size_t parameter_index(const Request& request, std::string_view name) {
  if (request.route) {
    const auto& names = request.route->parameters;
    const auto found = std::ranges::find(names, name);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  throw std::logic_error("the route has no parameter {" + std::string(name) + "}");
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::buyer:
      return "buyer";
    case Role::staff:
      return "staff";
    case Role::organiser:
      return "organiser";
  }
  return "buyer";
}

std::optional<Role> role_from_string(std::string_view name) {
  for (const Role role : {Role::buyer, Role::staff, Role::organiser}) {
    if (to_string(role) == name) return role;
  }
  return std::nullopt;
}

std::string_view Request::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value());
}

std::string_view Request::header(field name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value());
}

bool Request::has_header(std::string_view name) const {
  return headers.find(name) != headers.end();
}

const std::string& Request::path_text(std::string_view name) const {
  return path_values.at(parameter_index(*this, name));
}

std::int64_t Request::path_id(std::string_view name) const {
  const std::string& text = path_text(name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::logic_error("{" + std::string(name) + "} is not declared as an id");
  }
  return value;
}

std::optional<std::string_view> Request::query_text(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

const Identity& Request::who() const {
  if (!identity) throw std::logic_error("the route is open to anyone: nobody is signed in");
  return *identity;
}

bool Request::matches_etag(std::string_view etag) const {
  std::string_view given = header(field::if_none_match);
  while (!given.empty()) {
    const std::string_view element = next_element(given);
    if (element == "*" || (!element.empty() && without_weak(element) == without_weak(etag))) {
      return true;
    }
  }
  return false;
}

bool Request::accepts_encoding(std::string_view coding) const {
  std::string_view given = header(field::accept_encoding);
  bool any = false;
  while (!given.empty()) {
    const std::string_view element = next_element(given);
    const std::size_t semicolon = std::min(element.find(';'), element.size());
    const std::string_view name = trim(element.substr(0, semicolon));
    const bool wanted = has_weight(element.substr(semicolon));
    if (boost::beast::iequals(name, coding)) return wanted;
    if (name == "*") any = wanted;
  }
  return any;
}

std::string_view Request::traceparent() const {
  const std::string_view text = header("traceparent");
  // version "-" trace-id "-" parent-id "-" flags, all lower-case hex; version ff is forbidden.
  const bool shaped = text.size() == 55 && text[2] == '-' && text[35] == '-' && text[52] == '-' &&
                      !text.starts_with("ff") && is_hex(text.substr(0, 2)) &&
                      is_hex(text.substr(3, 32)) && is_hex(text.substr(36, 16)) &&
                      is_hex(text.substr(53, 2));
  if (!shaped || text.substr(3, 32).find_first_not_of('0') == std::string_view::npos ||
      text.substr(36, 16).find_first_not_of('0') == std::string_view::npos) {
    return {};
  }
  return text;
}

std::string Request::id() const {
  if (const auto trace = traceparent(); !trace.empty()) return std::string(trace.substr(3, 32));
  std::array<unsigned char, 16> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 33> hex;
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  return std::string(hex.data(), 32);
}

void Request::clear() {
  method = verb::get;
  target = {};
  path = {};
  headers.clear();
  body.clear();
  identity.reset();
  path_values.clear();
  query.clear();
  route = nullptr;
}

std::string_view Response::body_view() const {
  if (const auto* own = std::get_if<std::string>(&body)) return *own;
  const auto* shared_body = std::get_if<SharedBody>(&body);
  return shared_body && *shared_body ? std::string_view(**shared_body) : std::string_view();
}

Response Response::text(int status, std::string body, std::string_view content_type) {
  return {.status = status, .content_type = content_type, .body = std::move(body)};
}

Response Response::shared(int status, std::string_view content_type, SharedBody body) {
  return {.status = status, .content_type = content_type, .body = std::move(body)};
}

Response Response::events(std::unique_ptr<EventSource> source, EventStreamOptions options) {
  return {.status = 200,
          .content_type = "text/event-stream",
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
          .body = EventStream{.source = std::move(source), .options = options}};
}

Response Response::no_content() { return {.status = 204}; }

Response Response::not_modified(std::string etag) {
  return Response{.status = 304}.with("ETag", std::move(etag));
}

Response Response::problem(const Request& request, const Problem& problem) {
  return {.status = problem.status(),
          .content_type = "application/problem+json",
          .headers = problem.headers(),
          .body = problem.to_json(request.path)};
}

}  // namespace onsale::http
