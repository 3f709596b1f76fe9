#include "http/router.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/container/small_vector.hpp>
#include <charconv>
#include <chrono>
#include <list>
#include <set>
#include <stdexcept>

#include "http/target.h"

namespace onsale::http {

namespace {

using boost::beast::iequals;  // of ASCII; that of Boost.StringAlgo asks the locale, slowly
using Clock = std::chrono::steady_clock;

constexpr std::size_t kIdempotencyKeyBytesMax = 255;

/// A positive decimal 64-bit number without sign or leading zero.
bool is_id_text(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0 &&
         text.front() != '0';
}

std::string_view parameter_name(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return {};
  return segment.substr(1, segment.size() - 2);
}

Response internal_error(const RouteGroup& group, const Request& request, std::string_view what) {
  const std::string id = request.id();
  spdlog::error("request {} ({} {}) failed: {}", id,
                std::string_view(boost::beast::http::to_string(request.method)), request.path,
                what);
  return group.refuse(request,
                      Problem(problems::kInternalError).with("request_id", Problem::Value(id)));
}

/// To be called in a catch block.
Response caught(const RouteGroup& group, const Request& request) {
  try {
    throw;
  } catch (const std::exception& error) {
    return internal_error(group, request, error.what());
  } catch (...) {
    return internal_error(group, request, "an exception of unknown type");
  }
}

Response record(RouteMetrics* metrics, Clock::time_point start, Response response) {
  if (metrics) metrics->record(response.status, Clock::now() - start);
  return response;
}

asio::awaitable<Response> finish(const Route& route, Request& request, Clock::time_point start,
                                 asio::awaitable<Response> pending) {
  Response response;
  try {
    response = co_await std::move(pending);
  } catch (...) {
    response = caught(*route.group, request);
  }
  co_return record(route.metrics, start, std::move(response));
}

bool may(Access access, Role role) {
  switch (access) {
    case Access::anyone:
    case Access::user:
      return true;
    case Access::staff:
      return role != Role::buyer;
    case Access::organiser:
      return role == Role::organiser;
  }
  return false;
}

/// Sets the identity, or says why the request may not go on.
std::optional<Problem> check_access(const Route& route, const Authenticator& authenticator,
                                    bool is_own, Request& request) {
  const Access access = route.spec.access;
  if (access == Access::anyone && !is_own && !request.has_header("Authorization")) return {};
  if (!authenticator) {
    if (access == Access::anyone) return {};
    return Problem(problems::kUnauthorized);
  }
  auto identity = authenticator(request);
  if (identity) {
    request.identity = *identity;
    if (!may(access, identity->role)) return Problem(problems::kForbidden);
  } else if (access != Access::anyone) {
    return std::move(identity.error());
  }
  return {};
}

std::optional<Problem> check_idempotency_key(const Route& route, const Request& request) {
  if (!route.spec.idempotent || !request.has_header("Idempotency-Key")) return {};
  const std::string_view key = request.header("Idempotency-Key");
  const bool visible = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 127; });
  if (!key.empty() && key.size() <= kIdempotencyKeyBytesMax && visible) return {};
  return invalid_field("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
}

}  // namespace

/// One segment of the table. Children by kind, in the order they are tried.
struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> id;
  std::unique_ptr<Node> text;
  std::vector<const Route*> routes;

  Node& child(std::string_view segment, bool ids_are_numbers) {
    if (const auto name = parameter_name(segment); !name.empty()) {
      auto& slot = ids_are_numbers && detail::is_id_name(name) ? id : text;
      if (!slot) slot = std::make_unique<Node>();
      return *slot;
    }
    for (auto& [literal, node] : literals) {
      if (literal == segment) return *node;
    }
    return *literals.emplace_back(segment, std::make_unique<Node>()).second;
  }

  [[nodiscard]] const Route* route(verb method) const {
    for (const Route* candidate : routes) {
      if (candidate->spec.method == method) return candidate;
    }
    return method == verb::head ? route(verb::get) : nullptr;
  }

  const Node* find(std::span<const std::string_view> segments,
                   std::vector<std::string>& values) const {
    if (segments.empty()) return routes.empty() ? nullptr : this;
    const std::string_view first = segments.front();
    const auto rest = segments.subspan(1);
    for (const auto& [literal, node] : literals) {
      if (literal != first) continue;
      if (const Node* found = node->find(rest, values)) return found;
    }
    for (const Node* node : {is_id_text(first) ? id.get() : nullptr, text.get()}) {
      if (!node || first.empty()) continue;
      values.emplace_back(first);
      if (const Node* found = node->find(rest, values)) return found;
      values.pop_back();
    }
    return nullptr;
  }
};

RouteGroup::RouteGroup(Router& router, GroupSpec spec) : router_(&router), spec_(std::move(spec)) {}

Response RouteGroup::refuse(const Request& request, const Problem& problem) const {
  return spec_.errors ? spec_.errors(request, problem) : Response::problem(request, problem);
}

Router::Router(RouterConfig config)
    : config_(std::move(config)), tree_(std::make_unique<Node>()), root_(&group({})) {
  if (config_.metrics) unmatched_metrics_ = &config_.metrics->route("unmatched", "any");
}

Router::~Router() = default;

RouteGroup& Router::group(GroupSpec spec) {
  return *groups_.emplace_back(std::make_unique<RouteGroup>(*this, std::move(spec)));
}

const Route& Router::insert(std::unique_ptr<Route> route) {
  route->pattern = route->group->spec().prefix + route->spec.path;
  if (!route->pattern.starts_with('/')) {
    throw std::logic_error("a route's path must start with /: " + route->pattern);
  }
  if (route->spec.body_max == 0) route->spec.body_max = config_.body_max_bytes;
  Node* node = tree_.get();
  for (const std::string_view segment : split_path(route->pattern)) {
    if (const auto name = parameter_name(segment); !name.empty()) {
      route->parameters.emplace_back(name);
    } else if (segment.find_first_of("{}%?") != std::string_view::npos) {
      throw std::logic_error("bad segment in the route " + route->pattern);
    }
    node = &node->child(segment, route->group->spec().ids_are_numbers);
  }
  const verb method = route->spec.method;
  if (std::ranges::any_of(node->routes, [&](const Route* r) { return r->spec.method == method; })) {
    throw std::logic_error("the route exists already: " + route->pattern);
  }
  if (config_.metrics) {
    route->metrics = &config_.metrics->route(
        route->pattern, std::string_view(boost::beast::http::to_string(method)));
  }
  node->routes.push_back(route.get());
  return *routes_.emplace_back(std::move(route));
}

std::vector<const ProblemType*> Router::problem_types() const {
  const auto order = [](const ProblemType* a, const ProblemType* b) {
    return std::pair(a->status, a->slug) < std::pair(b->status, b->slug);
  };
  std::set<const ProblemType*, decltype(order)> all(order);
  all.insert(problems::generic().begin(), problems::generic().end());
  for (const auto& route : routes_) {
    if (route->group->spec().errors) continue;  // has no pages: it says it in its own words
    all.insert(route->spec.problems.begin(), route->spec.problems.end());
  }
  return {all.begin(), all.end()};
}

const Router::Node* Router::find(Request& request) const {
  request.path_values.clear();
  Segments segments;
  if (!decode_path(request.path, segments)) return nullptr;
  return tree_->find(segments.views(), request.path_values);
}

std::size_t Router::accept(Request& request) const {
  request.route = nullptr;
  const bool readable = split_target(request.target, request.path, request.query);
  if (!readable) return config_.body_max_bytes;
  if (const Node* node = find(request)) request.route = node->route(request.method);
  if (!request.route) return config_.body_max_bytes;
  const RouteSpec& spec = request.route->spec;
  if (spec.body_max <= config_.body_max_bytes) return spec.body_max;
  // A body larger than usual is not read for somebody who may not send it.
  const Authenticator& own = request.route->group->spec().authenticator;
  const bool is_own = static_cast<bool>(own);
  const auto refused =
      check_access(*request.route, is_own ? own : config_.authenticator, is_own, request);
  return refused ? config_.body_max_bytes : spec.body_max;
}

Answer Router::handle(Request& request) const {
  const auto start = config_.metrics ? Clock::now() : Clock::time_point();
  if (!request.route) return record(unmatched_metrics_, start, unmatched(request));
  const Route& route = *request.route;
  try {
    Answer answer = this->answer(route, request);
    if (auto* ready = std::get_if<Response>(&answer)) {
      return record(route.metrics, start, std::move(*ready));
    }
    return finish(route, request, start, std::move(std::get<asio::awaitable<Response>>(answer)));
  } catch (...) {
    return record(route.metrics, start, caught(*route.group, request));
  }
}

Answer Router::answer(const Route& route, Request& request) const {
  const Authenticator& own = route.group->spec().authenticator;
  const Authenticator& authenticator = own ? own : config_.authenticator;
  if (const auto problem = check_access(route, authenticator, static_cast<bool>(own), request)) {
    return route.group->refuse(request, *problem);
  }
  if (const auto problem = check_idempotency_key(route, request)) {
    return route.group->refuse(request, *problem);
  }
  return route.invoke(route, request);
}

Response Router::unmatched(const Request& request) const {
  // Off the fast path: looks again, to tell apart what `accept` did not have to.
  Request again;
  again.target = request.target;
  Segments segments;
  if (!split_target(again.target, again.path, again.query) || !decode_path(again.path, segments)) {
    return refuse(request, Problem(problems::kBadRequest,
                                   "The path or the query is not encoded "
                                   "correctly."));
  }
  const Node* node = find(again);
  if (!node) return refuse(request, Problem(problems::kNotFound));
  std::string allow;
  for (const Route* route : node->routes) {
    if (!allow.empty()) allow += ", ";
    allow += std::string_view(boost::beast::http::to_string(route->spec.method));
    if (route->spec.method == verb::get) allow += ", HEAD";
  }
  return node->routes.front()->group->refuse(
      request, Problem(problems::kMethodNotAllowed).with_header("Allow", std::move(allow)));
}

const RouteGroup& Router::group_of(std::string_view path) const {
  const RouteGroup* best = root_;
  std::size_t best_size = 0;
  const auto consider = [&](const RouteGroup& group, std::string_view prefix) {
    const bool below =
        path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
    if (!below || prefix.size() <= best_size) return;
    best = &group;
    best_size = prefix.size();
  };
  for (const auto& group : groups_) {
    consider(*group, group->spec().prefix);
    for (const std::string& prefix : group->spec().below) consider(*group, prefix);
  }
  return *best;
}

Response Router::refuse(const Request& request, const Problem& problem) const {
  return (request.route ? *request.route->group : group_of(request.path)).refuse(request, problem);
}

Response refuse(const Request& request, const Problem& problem) {
  return request.route->group->refuse(request, problem);
}

namespace detail {

bool is_id_name(std::string_view name) {
  return name == "id" || name.ends_with("_id") || name.ends_with("Id");
}

std::optional<Problem> check_json_content(const Request& request) {
  std::string_view type = request.header(field::content_type);
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  constexpr std::string_view suffix = "+json";
  const auto is_suffixed = [&] {
    return type.size() > suffix.size() && iequals(type.substr(type.size() - suffix.size()), suffix);
  };
  const bool fine = type.empty() || iequals(type, "application/json") || is_suffixed();
  if (fine) return {};
  return Problem(problems::kUnsupportedMediaType).with_header("Accept", "application/json");
}

bool binds_query(verb method) {
  return method == verb::get || method == verb::head || method == verb::delete_;
}

}  // namespace detail
}  // namespace onsale::http
