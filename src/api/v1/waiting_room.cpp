// The waiting room: enter, look, leave.
#include "domain/waiting_room.h"

#include "api/entry_guard.h"
#include "api/etag.h"
#include "api/execute.h"
#include "api/problems.h"
#include "api/refusals.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"
#include "api/visits.h"

namespace onsale::api::v1 {
namespace {

using http::Access;
using http::Request;
using http::Response;
using http::verb;

constexpr const char* solution_header = "Altcha";

Response not_found(const Request& request) {
  return Response::problem(request, http::Problem(http::problems::kNotFound));
}

Response worded(const Request& request, int status, const Visit& visit) {
  const VisitorBody body = body_of(visit);
  Response response = status == 200 && request.method == verb::get ? json_with_etag(request, body)
                                                                   : Response::json(status, body);
  if (status == 201) response.headers.emplace_back("Location", "/v1/visitors/" + body.token);
  return with_retry_after(std::move(response), visit);
}

asio::awaitable<Response> answer_with(Services& services, const Request& request, int status,
                                      domain::VisitorToken token) {
  const auto visit = co_await find_visit(services, token);
  if (!visit) co_return Response::problem(request, visit.error());
  co_return *visit ? worded(request, status, **visit) : not_found(request);
}

Response challenge(Services& services, const Request& request) {
  const domain::RoomId room{request.path_id("id")};
  const auto work = entry_work(services, room);
  if (!work) return not_found(request);
  return Response::json(200, services.entry.challenge(request, room, *work, services.engine.now()))
      .with("Cache-Control", "no-store");
}

using EnterReply = engine::Reply<domain::EnterOutcome>;

asio::awaitable<EnterReply> submit_entry(Services& services, const Request& request,
                                         bool newcomer) {
  const domain::Enter command{.room = {request.path_id("id")},
                              .user = {request.who().user_id},
                              .token = fresh_token(services.engine.now()),
                              .browser_id = {},
                              .newcomer = newcomer};
  std::optional<engine::Idempotency<domain::EnterOutcome>> idempotency;
  if (auto key = request_key(request)) {
    idempotency.emplace(std::move(key->key), std::move(key->fingerprint),
                        [](const domain::EnterOutcome& outcome) {
                          return engine::StoredAnswer{200, token_text(outcome.token)};
                        });
  }
  co_return co_await submit(services.engine, command, std::move(idempotency));
}

/// A key's stored answer is the visitor's token: where that visitor stands is told anew.
asio::awaitable<Response> answer_entry(Services& services, const Request& request,
                                       const EnterReply& reply) {
  if (const auto* refusal = std::get_if<engine::Refusal>(&reply)) {
    co_return Response::problem(request, problem_of(*refusal));
  }
  if (const auto* stored = std::get_if<engine::StoredAnswer>(&reply)) {
    co_return co_await answer_with(services, request, stored->status, *parse_token(stored->body));
  }
  const auto& outcome = std::get<domain::EnterOutcome>(reply);
  switch (outcome.result) {
    case domain::EnterResult::room_not_found:
      co_return not_found(request);
    case domain::EnterResult::user_not_found:
      co_return Response::problem(request, http::Problem(http::problems::kUnauthorized));
    case domain::EnterResult::not_present:
    case domain::EnterResult::room_closed:
      co_return Response::problem(request, *refusal_of(outcome));
    case domain::EnterResult::present:
      co_return co_await answer_with(services, request, 200, outcome.token);
    case domain::EnterResult::entered:
      co_return co_await answer_with(services, request, 201, outcome.token);
  }
  std::unreachable();
}

bool is(const EnterReply& reply, domain::EnterResult result) {
  const auto* outcome = std::get_if<domain::EnterOutcome>(&reply);
  return outcome && outcome->result == result;
}

asio::awaitable<Response> enter(Services& services, const Request& request, EnterRequest body) {
  const std::string solution = body.altcha.value_or(std::string(request.header(solution_header)));
  const Newcomer newcomer{
      .room = {request.path_id("id")}, .user = {request.who().user_id}, .solution = solution};
  // A place that the guard saw may be given up before the engine looks: then the guard is asked
  // again, once. Somebody else's change of mind is not waited for.
  for (bool again = true;; again = false) {
    auto pass = admit(services, request, newcomer);
    // Who may not have a new place may still repeat a request that got one.
    const bool repeats = !pass && request.has_header("Idempotency-Key");
    if (!pass && !repeats) co_return Response::problem(request, pass.error());
    const auto reply = co_await submit_entry(services, request, pass && pass->newcomer());
    const bool lost = is(reply, domain::EnterResult::not_present);
    if (lost && repeats) co_return Response::problem(request, pass.error());
    if (lost && again) continue;
    if (pass && is(reply, domain::EnterResult::entered)) pass->entered();
    co_return co_await answer_entry(services, request, reply);
  }
}

/// What nearly every request is during a sale: answered at once for whoever is in the room.
http::Answer look(Services& services, const Request& request) {
  const auto token = parse_token(request.path_text("token"));
  if (!token) return not_found(request);
  if (const auto visit = present_visit(services, *token)) return worded(request, 200, *visit);
  return answer_with(services, request, 200, *token);
}

asio::awaitable<Response> leave(Services& services, const Request& request) {
  const auto token = parse_token(request.path_text("token"));
  if (!token) co_return not_found(request);
  const domain::Leave command{.token = *token,
                              .by = {request.who().user_id},
                              .organiser = request.who().role == http::Role::organiser};
  co_return co_await execute(
      services, request, command, [&services](const domain::LeaveOutcome& outcome) -> Worded {
        switch (outcome.result) {
          case domain::LeaveResult::not_found:
            return std::unexpected(http::Problem(http::problems::kNotFound));
          case domain::LeaveResult::not_owner:
            return std::unexpected(http::Problem(http::problems::kForbidden));
          case domain::LeaveResult::already_over:
          case domain::LeaveResult::left:
            return Response::json(200, body_of(visit_of(outcome.visitor, services.engine.now())));
        }
        std::unreachable();
      });
}

}  // namespace

void add_waiting_room_routes(http::RouteGroup& v1, Services& services) {
  v1.add<void, Challenge>(
      {.path = "/waiting-rooms/{id}/challenge",
       .summary = "Work to be done before one enters",
       .description =
           "For the ALTCHA widget, as it is. Of who is signed in, only that user may use "
           "the solution; else whoever is at the same address. A `maxnumber` of 0 says "
           "that the room asks for no work.",
       .tag = "waiting room"},
      [&](Request& request) { return challenge(services, request); });
  v1.add<EnterRequest, VisitorBody>(
      {.method = verb::post,
       .path = "/waiting-rooms/{id}/visitors",
       .summary = "Enter a waiting room",
       .description = "201 for a new place, 200 for the place the user has already. Only a new "
                      "place may ask for a proof of work, or come too soon after others from the "
                      "same address.",
       .tag = "waiting room",
       .access = Access::user,
       .status = 201,
       .status_again = 200,
       .problems = {&problems::room_closed, &problems::proof_of_work_required,
                    &http::problems::kTooManyRequests},
       .idempotent = true,
       .headers = {{.name = solution_header,
                    .description = "The same as the body's `altcha`, which counts more."}}},
      [&](Request& request, EnterRequest body) {
        return enter(services, request, std::move(body));
      });
  v1.add<void, VisitorBody>(
      {.path = "/visitors/{token}",
       .summary = "Where a visitor stands",
       .description = "`Retry-After` says when it is worth looking again. The token is the "
                      "capability to look; no sign-in is needed.",
       .tag = "waiting room"},
      [&](Request& request) { return look(services, request); });
  v1.add<void, VisitorBody>({.method = verb::delete_,
                             .path = "/visitors/{token}",
                             .summary = "Leave: give up the place or the session",
                             .tag = "waiting room",
                             .access = Access::user,
                             .problems = {&http::problems::kForbidden},
                             .idempotent = true},
                            [&](Request& request) { return leave(services, request); });
}

}  // namespace onsale::api::v1
