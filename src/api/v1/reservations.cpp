// Holding seats, paying them, giving them back.
#include <set>

#include "api/execute.h"
#include "api/problems.h"
#include "api/refusals.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"
#include "domain/reservation.h"

namespace onsale::api::v1 {
namespace {

using domain::HoldResult;
using http::Access;
using http::Problem;
using http::Request;
using http::Response;
using http::verb;

Response not_found(const Request& request) {
  return Response::problem(request, Problem(http::problems::kNotFound));
}

std::optional<Problem> repeated_seat(const HoldRequest& body) {
  std::set<domain::SeatId> seen;
  for (std::size_t i = 0; i < body.seats.size(); ++i) {
    if (!seen.insert(body.seats[i].seat_id).second) {
      return http::invalid_field("seats[" + std::to_string(i) + "].seat_id", "is listed twice");
    }
  }
  return std::nullopt;
}

Worded word_hold(Services& services, domain::UserId user, const domain::HoldOutcome& outcome) {
  if (auto refused = refusal_of(outcome, services.engine, user)) {
    return std::unexpected(*std::move(refused));
  }
  return Response::json(201, body_of(outcome.reservation, outcome.lines, services.currency))
      .with("Location", "/v1/reservations/" + std::to_string(outcome.reservation.id.value));
}

asio::awaitable<Response> hold(Services& services, const Request& request, HoldRequest body) {
  if (const auto problem = repeated_seat(body)) co_return Response::problem(request, *problem);
  const domain::UserId user{request.who().user_id};
  domain::Hold command{.user = user,
                       .event = body.event_id,
                       .seats = {},
                       .attendee_name = body.attendee_name.value_or("")};
  for (const SeatChoice& seat : body.seats) {
    command.seats.push_back({.performance = seat.performance_id, .seat = seat.seat_id});
  }
  co_return co_await execute(services, request, std::move(command),
                             [&services, user](const domain::HoldOutcome& outcome) {
                               return word_hold(services, user, outcome);
                             });
}

Worded word_payment(const Services& services, const domain::PayOutcome& outcome) {
  if (auto refused = refusal_of(outcome)) return std::unexpected(*std::move(refused));
  return Response::json(201, body_of(outcome.reservation, outcome.lines, services.currency));
}

asio::awaitable<Response> pay(Services& services, const Request& request, PaymentRequest body) {
  const domain::Pay command{.reservation = {request.path_id("id")},
                            .user = {request.who().user_id},
                            .amount = body.amount,
                            .cancel_if_short = body.cancel_if_short};
  co_return co_await execute(
      services, request, command,
      [&services](const domain::PayOutcome& outcome) { return word_payment(services, outcome); });
}

Worded word_payment_of_all(const Services& services, const domain::PayAllOutcome& outcome) {
  if (auto refused = refusal_of(outcome)) return std::unexpected(*std::move(refused));
  PaymentBody body{.total = outcome.total,
                   .currency = services.currency,
                   .balance = outcome.balance,
                   .reservations = {}};
  for (const auto& [reservation, lines] : outcome.reservations) {
    body.reservations.push_back(body_of(reservation, lines, services.currency));
  }
  return Response::json(201, body);
}

asio::awaitable<Response> pay_all(Services& services, const Request& request, PaymentRequest body) {
  const domain::PayAll command{.user = {request.who().user_id},
                               .amount = body.amount,
                               .cancel_if_short = body.cancel_if_short};
  co_return co_await execute(services, request, command,
                             [&services](const domain::PayAllOutcome& outcome) {
                               return word_payment_of_all(services, outcome);
                             });
}

Worded word_cancel(const Services& services, const domain::CancelOutcome& outcome) {
  switch (outcome.result) {
    case domain::CancelResult::not_found:
      return std::unexpected(Problem(http::problems::kNotFound));
    case domain::CancelResult::already_paid:
      return std::unexpected(Problem(problems::already_paid));
    case domain::CancelResult::already_over:
    case domain::CancelResult::canceled:
      return Response::json(200, body_of(outcome.reservation, outcome.lines, services.currency));
  }
  std::unreachable();
}

asio::awaitable<Response> cancel(Services& services, const Request& request) {
  const domain::Cancel command{.reservation = {request.path_id("id")},
                               .user = {request.who().user_id}};
  co_return co_await execute(
      services, request, command,
      [&services](const domain::CancelOutcome& outcome) { return word_cancel(services, outcome); });
}

asio::awaitable<Response> get(Services& services, const Request& request) {
  const auto found = co_await services.reads.run(
      [id = request.path_id("id")](store::Reader& reader) { return reader.reservation({id}); });
  if (!found) co_return Response::problem(request, found.error());
  const bool theirs = *found && (**found).reservation.user.value == request.who().user_id;
  const bool may_see = *found && (theirs || request.who().role == http::Role::organiser);
  if (!may_see) co_return not_found(request);
  co_return Response::json(200, body_of(**found, services.engine.now(), services.currency));
}

asio::awaitable<Response> list(Services& services, const Request& request, ListQuery query) {
  const auto rows = co_await services.reads.run(
      [user = domain::UserId{request.who().user_id}, query](store::Reader& reader) {
        return reader.reservations_of(user, query.page());
      });
  if (!rows) co_return Response::problem(request, rows.error());
  const auto now = services.engine.now();
  co_return Response::json(
      200, list_of<ReservationBody>(
               *rows, query, [&](const auto& row) { return body_of(row, now, services.currency); },
               [](const auto& row) { return row.reservation.id.value; }));
}

}  // namespace

void add_reservation_routes(http::RouteGroup& v1, Services& services) {
  v1.add<HoldRequest, ReservationBody>(
      {.method = verb::post,
       .path = "/reservations",
       .summary = "Hold seats of one event, all or nothing",
       .tag = "reservations",
       .access = Access::user,
       .status = 201,
       .problems = {&problems::insufficient_funds, &problems::not_admitted,
                    &problems::sale_not_open, &problems::sale_closed, &problems::seat_limit,
                    &problems::seat_taken, &problems::idempotency_mismatch,
                    &problems::request_in_flight, &problems::store_unavailable,
                    &problems::draining},
       .idempotent = true},
      [&](Request& request, HoldRequest body) { return hold(services, request, std::move(body)); });
  v1.add<ListQuery, List<ReservationBody>>(
      {.path = "/reservations",
       .summary = "One's own reservations, by id",
       .tag = "reservations",
       .access = Access::user},
      [&](Request& request, ListQuery query) { return list(services, request, query); });
  v1.add<void, ReservationBody>({.path = "/reservations/{id}",
                                 .summary = "One's own reservation",
                                 .tag = "reservations",
                                 .access = Access::user},
                                [&](Request& request) { return get(services, request); });
  v1.add<void, ReservationBody>({.method = verb::delete_,
                                 .path = "/reservations/{id}",
                                 .summary = "Cancel a held reservation",
                                 .tag = "reservations",
                                 .access = Access::user,
                                 .problems = {&problems::already_paid},
                                 .idempotent = true},
                                [&](Request& request) { return cancel(services, request); });
  v1.add<PaymentRequest, ReservationBody>(
      {.method = verb::post,
       .path = "/reservations/{id}/payment",
       .summary = "Pay a held reservation from the wallet",
       .tag = "payment",
       .access = Access::user,
       .status = 201,
       .problems = {&problems::insufficient_funds, &problems::already_paid,
                    &problems::reservation_expired, &problems::idempotency_mismatch,
                    &problems::request_in_flight, &problems::store_unavailable},
       .idempotent = true},
      [&](Request& request, PaymentRequest body) { return pay(services, request, body); });
  v1.add<PaymentRequest, PaymentBody>(
      {.method = verb::post,
       .path = "/payments",
       .summary = "Pay all that one holds from the wallet, all or nothing",
       .tag = "payment",
       .access = Access::user,
       .status = 201,
       .problems = {&http::problems::kNotFound, &problems::insufficient_funds,
                    &problems::idempotency_mismatch, &problems::request_in_flight,
                    &problems::store_unavailable},
       .idempotent = true},
      [&](Request& request, PaymentRequest body) { return pay_all(services, request, body); });
}

}  // namespace onsale::api::v1
