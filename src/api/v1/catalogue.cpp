// What is on offer. Answered from memory, for everybody; for what is over the store may be asked.
#include <algorithm>

#include "api/etag.h"
#include "api/seat_maps.h"
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

/// Of an event, those of one page and the one that follows.
std::vector<domain::PerformanceId> page_of(const engine::Catalogue& catalogue,
                                           domain::EventId event, const ListQuery& query) {
  const auto of = catalogue.performances_of.find(event);
  if (of == catalogue.performances_of.end()) return {};
  const auto from = std::ranges::upper_bound(of->second, domain::PerformanceId{query.after});
  const auto rest = static_cast<std::size_t>(of->second.end() - from);
  return {from, from + static_cast<std::ptrdiff_t>(std::min(rest, query.page().limit))};
}

asio::awaitable<Response> performances(Services& services, const Request& request,
                                       ListQuery query) {
  const auto catalogue = services.engine.views().catalogue();
  const domain::EventId id{request.path_id("id")};
  if (!catalogue->event(id)) co_return not_found(request);
  const auto page = page_of(*catalogue, id, query);
  if (const auto done = co_await summarise_seats(services, page); !done) {
    co_return Response::problem(request, done.error());
  }
  const CatalogueWords to_body = words(services, *catalogue);
  co_return json_with_etag(
      request,
      list_of<PerformanceBody>(
          page, query, [&](auto row) { return to_body.body_of(*catalogue->performance(row)); },
          [](auto row) { return row.value; }));
}

asio::awaitable<Response> performance(Services& services, const Request& request) {
  const auto catalogue = services.engine.views().catalogue();
  const domain::PerformanceId id{request.path_id("id")};
  const auto* row = catalogue->performance(id);
  if (!row) co_return not_found(request);
  if (!row->seats->summary()) {
    const std::vector<domain::PerformanceId> one(1, id);
    const auto done = co_await summarise_seats(services, one);
    if (!done) co_return Response::problem(request, done.error());
  }
  co_return json_with_etag(request, words(services, *catalogue).body_of(*row));
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
