// The wallet: what is in it, what was put in, what was paid.
#include "domain/wallet.h"

#include "api/execute.h"
#include "api/problems.h"
#include "api/refusals.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"

namespace onsale::api::v1 {
namespace {

using http::Access;
using http::Problem;
using http::Request;
using http::Response;
using http::verb;

asio::awaitable<Response> balance(Services& services, const Request& request) {
  const auto found = co_await services.reads.run(
      [id = request.who().user_id](store::Reader& reader) { return reader.wallet({id}); });
  if (!found) co_return Response::problem(request, found.error());
  if (!*found) co_return Response::problem(request, Problem(http::problems::kUnauthorized));
  co_return Response::json(200,
                           WalletBody{.balance = (**found).balance, .currency = services.currency});
}

Worded word_charge(const Services& services, const domain::ChargeOutcome& outcome) {
  if (outcome.result == domain::ChargeResult::user_not_found) {
    return std::unexpected(Problem(http::problems::kUnauthorized));
  }
  if (auto refused = refusal_of(outcome, services.engine.policy())) {
    return std::unexpected(*std::move(refused));
  }
  return Response::json(201, ChargeBody{.transfer_id = outcome.transfer.id,
                                        .amount = outcome.transfer.amount,
                                        .balance = outcome.transfer.wallet_balance_after,
                                        .currency = services.currency});
}

asio::awaitable<Response> charge(Services& services, const Request& request, ChargeRequest body) {
  if (body.currency && *body.currency != services.currency) {
    co_return Response::problem(request,
                                http::invalid_field("currency", "must be " + services.currency));
  }
  const domain::Charge command{.user = {request.who().user_id}, .amount = body.amount};
  co_return co_await execute(
      services, request, command,
      [&services](const domain::ChargeOutcome& outcome) { return word_charge(services, outcome); });
}

asio::awaitable<Response> transfers(Services& services, const Request& request, ListQuery query) {
  const auto rows = co_await services.reads.run(
      [user = domain::UserId{request.who().user_id}, query](store::Reader& reader) {
        return reader.transfers_of_wallet(user, query.page());
      });
  if (!rows) co_return Response::problem(request, rows.error());
  co_return Response::json(
      200, list_of<TransferBody>(
               *rows, query, [&](const auto& row) { return body_of(row, services.currency); },
               [](const auto& row) { return row.id.value; }));
}

}  // namespace

void add_wallet_routes(http::RouteGroup& v1, Services& services) {
  v1.add<void, WalletBody>(
      {.path = "/wallet", .summary = "The balance", .tag = "wallet", .access = Access::user},
      [&](Request& request) { return balance(services, request); });
  v1.add<ChargeRequest, ChargeBody>(
      {.method = verb::post,
       .path = "/wallet/charges",
       .summary = "Put money in",
       .tag = "wallet",
       .access = Access::user,
       .status = 201,
       .problems = {&problems::balance_limit, &problems::idempotency_mismatch,
                    &problems::request_in_flight, &problems::store_unavailable},
       .idempotent = true},
      [&](Request& request, ChargeRequest body) {
        return charge(services, request, std::move(body));
      });
  v1.add<ListQuery, List<TransferBody>>(
      {.path = "/wallet/transfers",
       .summary = "What moved in and out, oldest first",
       .tag = "wallet",
       .access = Access::user},
      [&](Request& request, ListQuery query) { return transfers(services, request, query); });
}

}  // namespace onsale::api::v1
