// Tickets: the right of entry, one per seat of a paid reservation.
#include "api/execute.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"

namespace onsale::api::v1 {
namespace {

using http::Access;
using http::Request;
using http::Response;

asio::awaitable<Response> list(Services& services, const Request& request, ListQuery query) {
  const auto rows = co_await services.reads.run(
      [user = domain::UserId{request.who().user_id}, query](store::Reader& reader) {
        return reader.tickets_of(user, query.page());
      });
  if (!rows) co_return Response::problem(request, rows.error());
  const auto catalogue = services.engine.views().catalogue();
  co_return Response::json(
      200, list_of<TicketBody>(
               *rows, query,
               [&](const auto& row) { return body_of(row, *catalogue, services.currency); },
               [](const auto& row) { return row.ticket.id.value; }));
}

asio::awaitable<Response> get(Services& services, const Request& request) {
  const auto found = co_await services.reads.run(
      [id = request.path_id("id")](store::Reader& reader) { return reader.ticket({id}); });
  if (!found) co_return Response::problem(request, found.error());
  const auto& who = request.who();
  const bool may_see =
      *found && ((**found).ticket.user.value == who.user_id || who.role != http::Role::buyer);
  if (!may_see) {
    co_return Response::problem(request, http::Problem(http::problems::kNotFound));
  }
  co_return Response::json(
      200, body_of(**found, *services.engine.views().catalogue(), services.currency));
}

}  // namespace

void add_ticket_routes(http::RouteGroup& v1, Services& services) {
  v1.add<ListQuery, List<TicketBody>>(
      {.path = "/tickets",
       .summary = "One's own tickets, by id",
       .tag = "tickets",
       .access = Access::user},
      [&](Request& request, ListQuery query) { return list(services, request, query); });
  v1.add<void, TicketBody>({.path = "/tickets/{id}",
                            .summary = "One's own ticket",
                            .tag = "tickets",
                            .access = Access::user},
                           [&](Request& request) { return get(services, request); });
}

}  // namespace onsale::api::v1
