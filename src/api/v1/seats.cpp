// Seat maps: one document per version, shared by all who ask; or what changed since one.
#include "api/execute.h"
#include "api/seat_map_text.h"
#include "api/seat_maps.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"

namespace onsale::api::v1 {
namespace {

using http::Request;
using http::Response;

/// From here on a map is worth compressing, and too much to make on an event loop.
constexpr std::size_t large_map_seats_min = 100;

bool large(const engine::SeatMap& map) { return map.status.size() >= large_map_seats_min; }

std::string etag_of(const engine::SeatMap& map, Coding coding) {
  return "\"" + std::to_string(map.performance.value) + "-" + std::to_string(map.version) +
         (coding == Coding::gzip ? "-gzip\"" : "\"");
}

Response whole(const engine::SeatMap& map, Coding coding, http::SharedBody body) {
  Response response = Response::shared(200, "application/json", std::move(body));
  response.headers.emplace_back("ETag", etag_of(map, coding));
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (coding == Coding::gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

Response changes(const engine::SeatMap& map, http::SharedBody body) {
  return Response::shared(200, "application/json", std::move(body))
      .with("ETag", etag_of(map, Coding::plain));
}

/// Only what changed after `since`.
asio::awaitable<Response> changed_seats(Services& services, SeatMapText& text,
                                        const Request& request, const SeatMapPtr& map,
                                        std::int64_t since) {
  if (!large(*map) || text.knows_plan(*map)) co_return changes(*map, text.changes(*map, since));
  auto made = co_await services.rendering.run([&] { return text.changes(*map, since); });
  if (!made) co_return Response::problem(request, http::overloaded());
  co_return changes(*map, std::move(*made));
}

asio::awaitable<Response> seats(Services& services, SeatMapText& text, const Request& request,
                                SeatMapQuery query) {
  SeatMapPtr map = services.engine.views().seat_map({request.path_id("id")});
  if (!map) {
    auto found = co_await find_seat_map(services, {request.path_id("id")});
    if (!found) co_return Response::problem(request, found.error());
    if (!*found) co_return Response::problem(request, http::Problem(http::problems::kNotFound));
    map = **std::move(found);
  }
  if (query.since == map->version && request.matches_etag(etag_of(*map, Coding::plain))) {
    co_return Response::not_modified(etag_of(*map, Coding::plain));
  }
  if (query.since && *query.since >= map->changes_since && *query.since <= map->version) {
    co_return co_await changed_seats(services, text, request, map, *query.since);
  }
  const auto coding =
      large(*map) && request.accepts_encoding("gzip") ? Coding::gzip : Coding::plain;
  if (std::string etag = etag_of(*map, coding); request.matches_etag(etag)) {
    co_return Response::not_modified(std::move(etag)).with("Vary", "Accept-Encoding");
  }
  if (auto body = text.made(*map, coding)) co_return whole(*map, coding, std::move(body));
  if (!large(*map)) co_return whole(*map, coding, text.make(*map, coding));
  // By the time it is this request's turn there may be a newer version: make that one.
  auto made = co_await services.rendering.run([&] {
    if (auto newest = services.engine.views().seat_map(map->performance)) map = std::move(newest);
    return text.make(*map, coding);
  });
  if (!made) co_return Response::problem(request, http::overloaded());
  co_return whole(*map, coding, std::move(*made));
}

}  // namespace

void add_seat_routes(http::RouteGroup& v1, Services& services) {
  auto text = std::make_shared<SeatMapText>();
  v1.add<SeatMapQuery, SeatMapBody>(
      {.path = "/performances/{id}/seats",
       .summary = "The seat map, or with `since` only what changed after that version",
       .tag = "seats"},
      [&services, text](Request& request, SeatMapQuery query) {
        return seats(services, *text, request, query);
      });
}

}  // namespace onsale::api::v1
