// Seat maps: one document per version, shared by all who ask; or what changed since one.
#include "api/execute.h"
#include "api/seat_map_text.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"

namespace onsale::api::v1 {
namespace {

using http::Request;
using http::Response;

/// Below this a map is not worth compressing.
constexpr std::size_t gzip_seats_min = 100;

Response changes(SeatMapText& text, const engine::SeatMap& map, std::int64_t since) {
  return {.status = 200, .content_type = "application/json", .body = text.changes(map, since)};
}

asio::awaitable<Response> seats(Services& services, SeatMapText& text, const Request& request,
                                SeatMapQuery query) {
  const auto map = services.engine.views().seat_map({request.path_id("id")});
  if (!map) co_return Response::problem(request, http::Problem(http::problems::kNotFound));
  if (query.since && *query.since >= map->changes_since && *query.since <= map->version) {
    co_return changes(text, *map, *query.since);
  }
  const bool gzipped = map->status.size() >= gzip_seats_min && request.accepts_encoding("gzip");
  std::string etag = "\"" + std::to_string(map->performance.value) + "-" +
                     std::to_string(map->version) + (gzipped ? "-gzip\"" : "\"");
  if (request.matches_etag(etag)) {
    co_return Response::not_modified(std::move(etag)).with("Vary", "Accept-Encoding");
  }
  http::SharedBody body;
  if (gzipped) {
    // Compressing a large map takes milliseconds, which an event loop does not have.
    auto done = co_await services.hashing.run([&] { return text.whole_gzipped(*map); });
    if (!done) co_return Response::problem(request, http::overloaded());
    body = std::move(*done);
  } else {
    body = text.whole(*map);
  }
  Response response = Response::shared(200, "application/json", std::move(body))
                          .with("ETag", std::move(etag))
                          .with("Vary", "Accept-Encoding");
  if (gzipped) co_return std::move(response).with("Content-Encoding", "gzip");
  co_return response;
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
