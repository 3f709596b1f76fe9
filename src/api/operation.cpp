// What operators and tools ask: is it alive, is it ready, how is it doing, what can it do.
#include <boost/algorithm/string/join.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/engine_metrics.h"
#include "api/problems.h"
#include "api/services.h"
#include "http/openapi.h"

namespace onsale::api {
namespace {

using http::Problem;
using http::Request;
using http::Response;

struct Health {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status))

struct Readiness {
  std::string status;
  std::optional<std::string> detail;
};
BOOST_DESCRIBE_STRUCT(Readiness, (), (status, detail))
constexpr auto rules(const Readiness*) {
  return http::rule_list(http::rule("detail").doc(
      "What an operator should look at, though requests can be answered."));
}

/// Empty if there is nothing.
std::string what_to_look_at(const Services& services) {
  std::vector<std::string> all = services.engine.warnings();
  if (std::string concern = services.store.condition().concern; !concern.empty()) {
    all.push_back(std::move(concern));
  }
  return boost::algorithm::join(all, "; ");
}

Response ready(Services& services, const Request& request) {
  const std::string trouble = services.engine.trouble();
  if (!trouble.empty()) {
    return Response::problem(
        request,
        Problem(problems::store_unavailable, trouble).with_retry_after(std::chrono::seconds{2}));
  }
  std::string detail = what_to_look_at(services);
  if (detail.empty()) return Response::json(200, Health{"ready"});
  return Response::json(200, Readiness{"ready", std::move(detail)});
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
}

std::string problem_page(const http::ProblemType& type) {
  std::string page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>";
  append_escaped(page, type.title);
  page += "</title><h1>";
  append_escaped(page, type.title);
  page += "</h1><p><code>" + std::string(type.slug) + "</code>, HTTP status " +
          std::to_string(type.status) + "</p><p>";
  append_escaped(page, type.description);
  page += "</p></html>";
  return page;
}

http::SharedBody openapi_text(const http::Router& router) {
  return std::make_shared<const std::string>(boost::json::serialize(
      http::openapi(router, {.title = "Onsale",
                             .version = ONSALE_VERSION,
                             .description = "Waiting room, seats, wallet, payment and tickets."})));
}

}  // namespace

void add_operation_routes(http::Router& router, Services& services) {
  router.add<void, Health>(
      {.path = "/livez", .summary = "Is the process alive", .tag = "operation"},
      [](Request&) { return Response::json(200, Health{"alive"}); });
  router.add<void, Readiness>({.path = "/readyz",
                               .summary = "Does it take writes",
                               .tag = "operation",
                               .problems = {&problems::store_unavailable}},
                              [&](Request& request) { return ready(services, request); });
  router.add<void, http::Raw>(
      {.path = "/metrics", .summary = "For Prometheus", .tag = "operation"}, [&](Request&) {
        return Response::text(200,
                              services.metrics.serialize() +
                                  engine_metrics(services.engine, services.store.condition()),
                              http::Metrics::kContentType);
      });
  router.add<void, http::Raw>(
      {.path = "/problems/{slug}",
       .summary = "What a problem means",
       .tag = "operation",
       .reply_content = "text/html"},
      [types = router.problem_types()](Request& request) {
        for (const http::ProblemType* type : types) {
          if (type->slug == request.path_text("slug")) {
            return Response::text(200, problem_page(*type), "text/html; charset=utf-8");
          }
        }
        return Response::problem(request, Problem(http::problems::kNotFound));
      });
  auto document = std::make_shared<http::SharedBody>();
  router.add<void, http::Raw>(
      {.path = "/openapi.json",
       .summary = "This API as an OpenAPI 3.1 document",
       .tag = "operation",
       .reply_content = "application/json"},
      [document](Request&) { return Response::shared(200, "application/json", *document); });
  *document = openapi_text(router);  // now that it is one of the routes too
}

}  // namespace onsale::api
