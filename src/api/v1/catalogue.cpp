// What is on offer. Answered from memory, for everybody.
#include "api/etag.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"

namespace onsale::api::v1 {
namespace {

using http::Request;
using http::Response;

CatalogueWords words(Services& services, const engine::Catalogue& catalogue) {
  return {.catalogue = catalogue,
          .policy = services.engine.policy(),
          .currency = services.currency,
          .now = services.engine.now()};
}

Response not_found(const Request& request) {
  return Response::problem(request, http::Problem(http::problems::kNotFound));
}

Response events(Services& services, const Request& request, const ListQuery& query) {
  const auto catalogue = services.engine.views().catalogue();
  const CatalogueWords to_body = words(services, *catalogue);
  std::vector<const domain::Event*> rows;
  for (auto at = catalogue->events.upper_bound({query.after});
       at != catalogue->events.end() && rows.size() < query.page().limit; ++at) {
    rows.push_back(&at->second);
  }
  return json_with_etag(
      request, list_of<EventBody>(
                   rows, query, [&](const domain::Event* row) { return to_body.body_of(*row); },
                   [](const domain::Event* row) { return row->id.value; }));
}

Response event(Services& services, const Request& request) {
  const auto catalogue = services.engine.views().catalogue();
  const domain::Event* row = catalogue->event({request.path_id("id")});
  if (!row) return not_found(request);
  return json_with_etag(request, words(services, *catalogue).body_of(*row));
}

Response performances(Services& services, const Request& request, const ListQuery& query) {
  const auto catalogue = services.engine.views().catalogue();
  const domain::EventId id{request.path_id("id")};
  if (!catalogue->event(id)) return not_found(request);
  const CatalogueWords to_body = words(services, *catalogue);
  std::vector<const engine::Catalogue::PerformanceEntry*> rows;
  if (const auto of = catalogue->performances_of.find(id); of != catalogue->performances_of.end()) {
    for (const domain::PerformanceId performance : of->second) {
      if (performance.value <= query.after || rows.size() == query.page().limit) continue;
      rows.push_back(catalogue->performance(performance));
    }
  }
  return json_with_etag(request,
                        list_of<PerformanceBody>(
                            rows, query, [&](const auto* row) { return to_body.body_of(*row); },
                            [](const auto* row) { return row->performance.id.value; }));
}

Response performance(Services& services, const Request& request) {
  const auto catalogue = services.engine.views().catalogue();
  const auto* row = catalogue->performance({request.path_id("id")});
  if (!row) return not_found(request);
  return json_with_etag(request, words(services, *catalogue).body_of(*row));
}

}  // namespace

void add_catalogue_routes(http::RouteGroup& v1, Services& services) {
  v1.add<ListQuery, List<EventBody>>(
      {.path = "/events", .summary = "All events, by id", .tag = "catalogue"},
      [&](Request& request, ListQuery query) { return events(services, request, query); });
  v1.add<void, EventBody>({.path = "/events/{id}", .summary = "One event", .tag = "catalogue"},
                          [&](Request& request) { return event(services, request); });
  v1.add<ListQuery, List<PerformanceBody>>(
      {.path = "/events/{id}/performances",
       .summary = "The performances of an event, by id",
       .tag = "catalogue"},
      [&](Request& request, ListQuery query) { return performances(services, request, query); });
  v1.add<void, PerformanceBody>(
      {.path = "/performances/{id}", .summary = "One performance", .tag = "catalogue"},
      [&](Request& request) { return performance(services, request); });
}

}  // namespace onsale::api::v1
