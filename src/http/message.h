// What a handler reads and what it answers. Both are plain values, so that a handler can be
// tested without a socket.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "http/event_stream.h"
#include "http/json.h"
#include "http/problem.h"

namespace onsale::http {

using verb = boost::beast::http::verb;
using field = boost::beast::http::field;

struct Route;

/// A buyer buys, staff checks tickets, an organiser may do everything.
enum class Role : std::uint8_t { buyer, staff, organiser };

/// "buyer", "staff", "organiser".
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> role_from_string(std::string_view name);

/// Who asks, as proven by an access token.
struct Identity {
  std::int64_t user_id = 0;
  Role role = Role::buyer;

  bool operator==(const Identity&) const = default;
};

/// One request. Owned by its connection and valid until the handler's answer is complete; a
/// handler may move parts out of it. Used by one thread at a time.
struct Request {
  verb method = verb::get;
  std::string_view target;               // as received: "/v1/events/7?limit=2"; part of `headers`
  std::string_view path;                 // without the query, not decoded: "/v1/events/7"
  boost::beast::http::fields headers;    // names are case-insensitive
  std::string body;                      // complete, decoded from chunks
  std::string remote_address;            // "203.0.113.7"; the peer of the socket
  std::optional<Identity> identity;      // set by the router before the handler runs
  std::vector<std::string> path_values;  // decoded, in the order of the pattern's parameters
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order of appearance
  const Route* route = nullptr;                            // what the router found, null if nothing

  /// The first value of a header, empty if it is absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::string_view header(field name) const;
  [[nodiscard]] bool has_header(std::string_view name) const;

  /// The decoded text of `{name}`. Throws std::logic_error if the route's pattern lacks it.
  [[nodiscard]] const std::string& path_text(std::string_view name) const;

  /// The number at `{name}`, which must be `id` or end in `_id`: the router lets only positive
  /// decimal 64-bit numbers through there (anything else was answered 404), so this always
  /// succeeds. Throws std::logic_error if the route's pattern lacks such a parameter.
  [[nodiscard]] std::int64_t path_id(std::string_view name) const;

  /// The first value of a query parameter, nullopt if absent.
  [[nodiscard]] std::optional<std::string_view> query_text(std::string_view name) const;

  /// Who asks, on routes whose access is not `anyone`. Throws std::logic_error without identity.
  [[nodiscard]] const Identity& who() const;

  /// True if `If-None-Match` names `etag` (which includes its quotes), compared weakly, or is "*".
  [[nodiscard]] bool matches_etag(std::string_view etag) const;

  /// True if `Accept-Encoding` allows `coding` ("gzip") with a weight above zero.
  [[nodiscard]] bool accepts_encoding(std::string_view coding) const;

  /// `traceparent` if it is a valid W3C trace context, else empty.
  [[nodiscard]] std::string_view traceparent() const;

  /// The trace id if there is one, else a fresh random id. For logs and the 500 problem.
  [[nodiscard]] std::string id() const;

  /// Empties everything, keeping the memory. `remote_address` stays.
  void clear();
};

using SharedBody = std::shared_ptr<const std::string>;

/// One answer. The server adds Date, Server, Content-Length (or Transfer-Encoding), Connection and
/// traceparent.
struct Response {
  int status = 200;
  std::string_view content_type = {};  // a literal: must outlive the response; empty for none
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::variant<std::string, SharedBody, EventStream> body = std::string();

  /// Adds a header: `Response::json(...).with("ETag", etag)`. Line breaks are sent as spaces.
  Response&& with(std::string name, std::string value) && {
    constexpr std::size_t usual = 4;
    if (headers.empty()) headers.reserve(usual);
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }

  /// Empty for a stream.
  [[nodiscard]] std::string_view body_view() const;
  [[nodiscard]] bool is_stream() const { return std::holds_alternative<EventStream>(body); }

  template <class T>
  [[nodiscard]] static Response json(int status, const T& value) {
    return {.status = status, .content_type = "application/json", .body = write(value)};
  }
  [[nodiscard]] static Response text(int status, std::string body,
                                     std::string_view content_type = "text/plain; charset=utf-8");
  /// Sends `body` without copying it; it is kept alive until sent.
  [[nodiscard]] static Response shared(int status, std::string_view content_type, SharedBody body);
  /// Goes on with what `source` has to tell, until it is over or the client is gone.
  [[nodiscard]] static Response events(std::unique_ptr<EventSource> source,
                                       EventStreamOptions options = {});
  [[nodiscard]] static Response no_content();
  [[nodiscard]] static Response not_modified(std::string etag);
  /// `application/problem+json` with the request's path as `instance`.
  [[nodiscard]] static Response problem(const Request& request, const Problem& problem);
};

}  // namespace onsale::http
