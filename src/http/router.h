// The route table: it reads like the documentation and is where the documentation comes from.
//
//   router.add<HoldRequest, ReservationBody>(
//       {.method = verb::post, .path = "/v1/reservations", .summary = "Hold seats",
//        .tag = "reservations", .access = Access::user, .status = 201,
//        .problems = {&kSeatTaken, &kNotAdmitted}, .idempotent = true},
//       [&](Request& request, HoldRequest body) -> asio::awaitable<Response> { ... });
//
// Patterns: literal segments and `{name}`, which takes one non-empty segment. A parameter named
// `id` or ending in `_id` or `Id` takes only positive decimal 64-bit numbers, everything else there
// is 404 (unless the group says that its parameters are all texts). Literals win over parameters,
// segment by segment. A trailing slash is another path.
#pragma once

#include <concepts>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "http/dispatcher.h"
#include "http/json.h"
#include "http/message.h"
#include "http/metrics.h"
#include "http/openapi.h"
#include "http/problem.h"

namespace onsale::http {

/// Who may call a route. `user` is anybody signed in; an organiser may do what staff may.
enum class Access : std::uint8_t { anyone, user, staff, organiser };

/// Proves who sent a request, usually from its Authorization header. Called on the connection's
/// thread before the handler. On routes open to anyone a failure just leaves the request without
/// identity, and the router's own authenticator is not even called without an Authorization header
/// (a group's always is, since it may read something else). Must be cheap and must not throw.
using Authenticator = std::function<std::expected<Identity, Problem>(const Request&)>;

/// Words a problem. The default writes RFC 9457; an API with another error form brings its own.
using ErrorWriter = std::function<Response(const Request&, const Problem&)>;

/// As the body type of a route: the handler reads `request.body` itself, of any content type. As
/// the reply type: the answer is no JSON of ours; see RouteSpec::reply_content.
struct Raw {};

/// A request header that a route documents.
struct HeaderParameter {
  std::string name;
  std::string description = {};
  bool required = false;  // for documentation; the handler checks it
};

/// What a route's path parameter is, for the documentation; see Request::path_text.
struct PathParameter {
  std::string name;
  std::string type = "string";  // of JSON Schema
  std::string example = {};
};

/// A further success of a route.
struct OtherReply {
  int status = 0;
  std::string description = {};
  SchemaOf schema = nullptr;  // null: it has no body
  std::string example = {};   // JSON
};

struct RouteSpec {
  verb method = verb::get;
  std::string path = {};         // within the group's prefix
  std::string summary = {};      // one line
  std::string description = {};  // Markdown
  std::string tag = {};
  std::string operation_id = {};  // empty: made of method and path
  Access access = Access::anyone;
  int status = 200;      // of the documented success
  int status_again = 0;  // of the same reply to who asks again, if it is another one
  std::vector<const ProblemType*> problems = {};  // beyond those every route has
  bool idempotent = false;   // documents Idempotency-Key and refuses a bad one with 422
  std::size_t body_max = 0;  // bytes; 0: the router's default
  std::vector<HeaderParameter> headers = {};
  /// Documents that the handler checks a token of its own kind, as a security scheme (http bearer)
  /// of this name; for routes that are open to anyone as far as access tokens go.
  std::string bearer = {};
  std::vector<PathParameter> path_parameters = {};  // of those that are not named as ids
  std::vector<OtherReply> other_replies = {};
  std::string request_example = {};                          // JSON
  std::string reply_example = {};                            // JSON
  std::string request_content = "application/octet-stream";  // of a Raw body
  std::string reply_content = "text/plain";                  // of a Raw reply
  bool documented = true;
};

struct GroupSpec {
  std::string prefix = {};  // of all its paths, e.g. "/v1"; no trailing slash
  std::vector<std::string> below =
      {};                            // further paths whose unknown parts are this group's to word
  ErrorWriter errors = {};           // empty: RFC 9457
  SchemaOf error_schema = nullptr;   // of what `errors` writes, as application/json
  Authenticator authenticator = {};  // empty: the router's
  Unknown unknown = Unknown::refuse;
  bool ids_are_numbers = true;  // false: parameters named as ids take any text
  bool documented = true;
};

struct RouterConfig {
  Authenticator authenticator = {};                      // empty: nobody is ever signed in
  Metrics* metrics = nullptr;                            // must outlive the router; may be null
  std::size_t body_max_bytes = std::size_t{256} * 1024;  // of routes that set none
};

class RouteGroup;

/// A route as registered. Owned by the router; its address is stable.
struct Route {
  using Invoke = std::function<Answer(const Route&, Request&)>;

  RouteSpec spec;
  std::string pattern;                  // prefix and path
  std::vector<std::string> parameters;  // names in the pattern, in order
  const RouteGroup* group = nullptr;
  Invoke invoke;
  RouteMetrics* metrics = nullptr;
  SchemaOf request_schema = nullptr;  // null: no JSON body or query
  SchemaOf reply_schema = nullptr;    // null: no JSON reply
  bool raw_request = false;
  bool raw_reply = false;
};

class Router;

/// Routes that share a prefix, an error form and a way to sign in. Made by Router::group.
class RouteGroup {
 public:
  RouteGroup(Router& router, GroupSpec spec);

  /// Registers a route. In: `void` (no body), `Raw`, or a described struct, bound from the JSON
  /// body or, for GET, HEAD and DELETE, from the query string. Out: `void` (no content), `Raw` or
  /// what `write` can write; for documentation only. The handler takes `(Request&)` or, with a
  /// bound In, `(Request&, In)` and returns Response or asio::awaitable<Response>; it is called
  /// from all I/O threads at once and kept as long as the router. If it throws, the client gets a
  /// 500 problem. Throws std::logic_error for a bad pattern, or a method and path that exist
  /// already.
  template <class In, class Out, class Handler>
  const Route& add(RouteSpec spec, Handler handler);

  [[nodiscard]] const GroupSpec& spec() const { return spec_; }
  [[nodiscard]] Response refuse(const Request& request, const Problem& problem) const;

 private:
  Router* router_;
  GroupSpec spec_;
};

/// Finds the route of a request, checks access, binds the body and calls the handler. Registration
/// is for one thread and must be over before requests are handled; after that it never changes.
class Router final : public Dispatcher {
 public:
  explicit Router(RouterConfig config = {});
  ~Router() override;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Registers in the group without prefix; see RouteGroup::add.
  template <class In, class Out, class Handler>
  const Route& add(RouteSpec spec, Handler handler) {
    return root_->add<In, Out>(std::move(spec), std::move(handler));
  }

  /// The group lives as long as the router. Its error form also words the 404 of every path below
  /// its prefix, or in and below one of GroupSpec::below; of two such groups that with the longer
  /// one. A 405 is worded by the group of the path's first route.
  RouteGroup& group(GroupSpec spec);

  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

  /// The generic problems and all that routes with the default error form name, each once, ordered
  /// by status and slug.
  [[nodiscard]] std::vector<const ProblemType*> problem_types() const;

  std::size_t accept(Request& request) const override;
  Answer handle(Request& request) const override;
  Response refuse(const Request& request, const Problem& problem) const override;

 private:
  friend class RouteGroup;
  struct Node;

  const Route& insert(std::unique_ptr<Route> route);
  Answer answer(const Route& route, Request& request) const;
  Response unmatched(const Request& request) const;
  [[nodiscard]] const RouteGroup& group_of(std::string_view path) const;
  [[nodiscard]] const Node* find(Request& request) const;

  RouterConfig config_;
  std::unique_ptr<Node> tree_;
  std::vector<std::unique_ptr<RouteGroup>> groups_;
  RouteGroup* root_;
  std::vector<std::unique_ptr<Route>> routes_;
  RouteMetrics* unmatched_metrics_ = nullptr;
};

/// The problem in the form of the group whose route the request found.
[[nodiscard]] Response refuse(const Request& request, const Problem& problem);

namespace detail {

/// Is a path parameter of that name an id?
[[nodiscard]] bool is_id_name(std::string_view name);

/// The problem of a body whose content type is not JSON, or nothing.
[[nodiscard]] std::optional<Problem> check_json_content(const Request& request);

[[nodiscard]] bool binds_query(verb method);

template <class In>
std::expected<In, Problem> bind(const Route& route, Request& request) {
  const Unknown unknown = route.group->spec().unknown;
  std::expected<In, ParseError> bound;
  if (binds_query(route.spec.method)) {
    bound = parse_pairs<In>(request.query, unknown);
  } else {
    // No body at all says as little as an empty object, where nothing is required.
    const bool nothing = request.body.empty();
    if (auto problem = nothing ? std::nullopt : check_json_content(request)) {
      return std::unexpected(std::move(*problem));
    }
    bound = parse<In>(nothing ? "{}" : std::string_view(request.body), unknown);
    if (nothing && !bound) bound = parse<In>(request.body, unknown);
  }
  if (!bound) return std::unexpected(std::move(bound.error()).to_problem());
  return std::move(*bound);
}

template <class In>
inline constexpr bool kBound = !std::is_void_v<In> && !std::same_as<In, Raw>;

}  // namespace detail

template <class In, class Out, class Handler>
const Route& RouteGroup::add(RouteSpec spec, Handler handler) {
  auto route = std::make_unique<Route>();
  route->spec = std::move(spec);
  route->group = this;
  route->raw_request = std::same_as<In, Raw>;
  route->raw_reply = std::same_as<Out, Raw>;
  if constexpr (detail::kBound<In>) {
    route->request_schema = &schema_of<In>;
    route->invoke = [handler = std::move(handler)](const Route& self, Request& request) -> Answer {
      auto bound = detail::bind<In>(self, request);
      if (!bound) return self.group->refuse(request, bound.error());
      return handler(request, std::move(*bound));
    };
  } else {
    route->invoke = [handler = std::move(handler)](const Route&, Request& request) -> Answer {
      return handler(request);
    };
  }
  if constexpr (detail::kBound<Out>) route->reply_schema = &schema_of<Out>;
  return router_->insert(std::move(route));
}

}  // namespace onsale::http
