// The dialect of document 000: performances and their staging dates, seats that are taken, cash.
// Whoever signs in is known by an access token; the routes that sell go through the waiting room.
#include "api/dialects/routes.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "api/dialects/performances/list_text.h"
#include "api/dialects/performances/shapes.h"
#include "api/dialects/words.h"
#include "api/problems.h"
#include "api/refusals.h"
#include "api/seat_maps.h"
#include "api/sign_in.h"

namespace onsale::api::dialects {
namespace {

using namespace performances;

using domain::Money;
using http::Access;
using http::Problem;
using http::ProblemType;
using http::Request;
using http::Response;
using http::Timestamp;
using http::verb;

// ---- the words ---------------------------------------------------------------------

constexpr ProblemType wrong_password{"wrong-password", 400,
                                     "이메일 또는 비밀번호가 올바르지 않습니다."};
constexpr ProblemType no_such_staging{"no-such-staging", 400, "존재하지 않는 공연 일정입니다."};
constexpr ProblemType no_such_seat{"no-such-seat", 400, "존재하지 않는 좌석입니다."};
constexpr ProblemType not_held{"not-held", 400, "선점한 좌석이 아닙니다."};

constexpr std::array words{
    Wording{&problems::not_admitted, 400},       Wording{&problems::sale_not_open, 400},
    Wording{&problems::sale_closed, 400},        Wording{&problems::seat_limit, 400},
    Wording{&problems::seat_taken, 400},         Wording{&problems::already_paid, 400},
    Wording{&problems::insufficient_funds, 400}, Wording{&problems::reservation_expired, 400},
    Wording{&problems::user_not_found, 400},     Wording{&problems::proof_of_work_required, 400},
};

Response word_error(const Request& request, const Problem& problem) {
  Said said = say(problem, words);
  // Where a route was found, what is not there is a bad request; a path that is none stays 404.
  if (said.status == 404 && request.route) said.status = 400;
  return refusal(said.status,
                 PerformanceError{said.message, reason_phrase(said.status), said.status}, problem);
}

std::string_view word_status(domain::SeatStatus status) {
  switch (status) {
    case domain::SeatStatus::available:
      return "AVAILABLE";
    case domain::SeatStatus::held:
      return "TEMPORARY_RESERVED";
    case domain::SeatStatus::sold:
    case domain::SeatStatus::blocked:
      return "RESERVED";
  }
  std::unreachable();
}

std::string_view word_cause(domain::TransferCause cause) {
  switch (cause) {
    case domain::TransferCause::charge:
      return "CHARGED_BY_USER";
    case domain::TransferCause::payment:
      return "PEYMENT_PERFORMANCE_SEAT";
    case domain::TransferCause::refund:
      return "REFUND_PERFORMANCE_SEAT";
  }
  std::unreachable();
}

domain::UserId user_of(const Request& request) { return {request.who().user_id}; }

// ---- signing in --------------------------------------------------------------------

asio::awaitable<Response> sign_in(Office office, const Request& request, PerformanceSignIn body) {
  const auto user = co_await genuine_user(office.services, std::move(body.email_address),
                                          std::move(body.password));
  if (!user) co_return http::refuse(request, user.error());
  if (!*user) co_return http::refuse(request, Problem(wrong_password));
  co_return Response::json(200, UserAccess{issue_token(office.services, **user).token})
      .with("Cache-Control", "no-store");
}

// ---- through the waiting room --------------------------------------------------------

QueueData queue_data(const domain::Visitor& visitor) {
  return {.id = token_text(visitor.token),
          .issued_timestamp = domain::to_millis(visitor.issued_at),
          .active_timestamp = domain::to_millis(*visitor.activated_at),
          .expire_timestamp = domain::to_millis(*visitor.expires_at),
          .rank = 0};
}

Response please_wait(const Visit& visit) {
  const QueuePlace place{.id = token_text(visit.visitor.token),
                         .issued_timestamp = domain::to_millis(visit.visitor.issued_at),
                         .rank = visit.rank()};
  return with_retry_after(Response::json(202, PleaseWait{.queue_data = place}), visit);
}

/// The session of whoever is in; else the answer that there is: a place in the queue, or an error.
asio::awaitable<std::expected<QueueData, Response>> pass(Office office, const Request& request) {
  const auto visit = co_await enter(office.services, request, user_of(request), waiting_room);
  if (!visit) {
    co_return std::unexpected(http::refuse(
        request, reworded(visit.error(), problems::user_not_found, http::problems::kUnauthorized)));
  }
  if (!visit->active()) co_return std::unexpected(please_wait(*visit));
  co_return queue_data(visit->visitor);
}

// ---- looking -----------------------------------------------------------------------

asio::awaitable<Response> list(Office office, const Request& request,
                               std::shared_ptr<PerformanceListText> text) {
  auto session = co_await pass(office, request);
  if (!session) co_return std::move(session.error());
  const auto catalogue = office.engine().views().catalogue();
  const auto now = office.now();
  auto make = [&] {
    return Response{.status = 200,
                    .content_type = "application/json",
                    .body = text->body(*catalogue, now, *session)};
  };
  if (text->is_worded(*catalogue, now)) co_return make();
  co_return co_await rendered(office.services, request, catalogue->performances.size(), make);
}

SeatList seats_of(const engine::SeatMap& map, const QueueData& session) {
  SeatList list{.data = {}, .queue_data = session};
  list.data.reserve(map.status.size());
  for (std::size_t i = 0; i < map.status.size(); ++i) {
    const engine::PlacedSeat& seat = map.layout->seats[i];
    list.data.push_back({.id = seat.id,
                         .seat_number = seat.label,
                         .price = seat.price,
                         .reservation_status = word_status(map.status[i])});
  }
  return list;
}

asio::awaitable<Response> seats(Office office, const Request& request) {
  auto session = co_await pass(office, request);
  if (!session) co_return std::move(session.error());
  const auto id = path_number<domain::PerformanceId>(request, "performance_staging_date_id");
  const auto found = co_await find_seat_map(office.services, id);
  if (!found) co_return http::refuse(request, found.error());
  if (!*found) co_return http::refuse(request, Problem(no_such_staging));
  const engine::SeatMap& map = ***found;
  auto make = [&] { return Response::json(200, seats_of(map, *session)); };
  co_return co_await rendered(office.services, request, map.status.size(), make);
}

/// What is held or paid, by performance, each seat beside its date.
std::vector<PerformanceOf<StagingSeat>> reserved_of(const engine::Catalogue& catalogue,
                                                    const std::vector<store::ReservationRow>& rows,
                                                    Timestamp now) {
  std::map<domain::EventId, PerformanceOf<StagingSeat>> by_event;
  for (const auto& [reservation, lines] : rows) {
    const domain::Event* event = catalogue.event(reservation.event);
    if (!event || !reservation.counts_at(now)) continue;
    auto& performance =
        by_event.try_emplace(event->id, performance_of<StagingSeat>(catalogue, *event))
            .first->second;
    const auto status = reservation.state == domain::ReservationState::paid
                            ? domain::SeatStatus::sold
                            : domain::SeatStatus::held;
    for (const auto& [line, label] : lines) {
      const auto* entry = catalogue.performance(line.performance);
      if (!entry) continue;  // newer than this catalogue
      performance.performance_staging_date.push_back(
          {.id = line.performance,
           .staging_date = entry->performance.starts_at,
           .seat = {.id = line.seat,
                    .seat_number = label,
                    .price = line.price,
                    .reservation_status = word_status(status)}});
    }
  }
  std::vector<PerformanceOf<StagingSeat>> list;
  for (auto& [id, performance] : by_event) {
    std::ranges::sort(performance.performance_staging_date, {}, [](const StagingSeat& staging) {
      return std::pair(staging.id, staging.seat.id);
    });
    list.push_back(std::move(performance));
  }
  return list;
}

asio::awaitable<Response> reserved(Office office, const Request& request) {
  auto session = co_await pass(office, request);
  if (!session) co_return std::move(session.error());
  const auto rows = co_await live_reservations(office.services, user_of(request));
  if (!rows) co_return http::refuse(request, rows.error());
  const auto catalogue = office.engine().views().catalogue();
  co_return Response::json(200, ReservedList{.data = reserved_of(*catalogue, *rows, office.now()),
                                             .queue_data = *session});
}

// ---- buying ------------------------------------------------------------------------

Response taken(const domain::HoldOutcome& held, const QueueData& session) {
  const auto& [line, label] = held.lines.front();
  return Response::json(200,
                        Taken{.data = {.seat_number = label,
                                       .price = line.price,
                                       .reservation_status = word_status(domain::SeatStatus::held)},
                              .queue_data = session});
}

/// A session may end between the look at it and the hold: then one is in line again, or in again.
constexpr int take_tries_max = 3;

/// For whoever was in each time they looked, and out again each time they asked: a user whose other
/// requests end the sessions.
Response ask_again(const QueueData& session) {
  const QueuePlace place{.id = session.id, .issued_timestamp = session.issued_timestamp, .rank = 0};
  return Response::json(202, PleaseWait{.queue_data = place}).with("Retry-After", "1");
}

asio::awaitable<Response> take(Office office, const Request& request, SeatChoice body) {
  QueueData last;
  for (int tries = 0; tries < take_tries_max; ++tries) {
    auto session = co_await pass(office, request);
    if (!session) co_return std::move(session.error());
    const auto performance =
        co_await performance_of_seat(office.services, body.performance_seat_id);
    if (!performance) co_return http::refuse(request, performance.error());
    const auto catalogue = office.engine().views().catalogue();
    const auto* entry = *performance ? catalogue->performance(**performance) : nullptr;
    if (!entry) co_return http::refuse(request, Problem(no_such_seat));
    const domain::Event* event = catalogue->event(entry->performance.event);
    domain::Hold command{.user = user_of(request), .event = entry->performance.event};
    command.seats.push_back({.performance = **performance, .seat = body.performance_seat_id});
    const auto held = co_await hold(office.services, std::move(command));
    if (held) co_return taken(*held, *session);
    const bool out_again =
        &held.error().type() == &problems::not_admitted && event && event->room == waiting_room;
    if (!out_again) co_return http::refuse(request, held.error());
    last = *session;
  }
  co_return ask_again(last);
}

asio::awaitable<Response> pay(Office office, const Request& request, SeatChoice body) {
  const auto seat = co_await find_seat(office.services, body.performance_seat_id);
  if (!seat) co_return http::refuse(request, seat.error());
  if (!*seat) co_return http::refuse(request, Problem(no_such_seat));
  const auto paid = co_await pay_with_seat(office.services, user_of(request), (**seat).seat);
  if (!paid) {
    co_return http::refuse(request, reworded(paid.error(), http::problems::kNotFound, not_held));
  }
  co_return Response::json(200, PaidSeat{.performance_seat_id = body.performance_seat_id});
}

// ---- cash --------------------------------------------------------------------------

asio::awaitable<Response> balance(Office office, const Request& request) {
  const auto found = co_await balance_of(office.services, user_of(request));
  if (!found) co_return http::refuse(request, found.error());
  co_return Response::json(200, CashBalance{*found});
}

asio::awaitable<Response> charge_cash(Office office, const Request& request, CashCharge body) {
  const auto now_there = co_await charge(office.services, user_of(request), body.amount);
  if (!now_there) co_return http::refuse(request, now_there.error());
  co_return Response::json(200, CashCharged{.balance = *now_there});
}

asio::awaitable<Response> history(Office office, const Request& request) {
  const auto transfers = co_await newest_transfers(office.services, user_of(request));
  if (!transfers) co_return http::refuse(request, transfers.error());
  std::vector<PaymentEntry> entries;
  for (const domain::Transfer& transfer : *transfers) {
    const bool out = transfer.debit == transfer.wallet;
    entries.push_back(
        {.date_created = transfer.created_at,
         .amount = out ? -transfer.amount : transfer.amount,
         .cause = word_cause(transfer.cause),
         .performance_seat_id = transfer.seat ? std::optional(transfer.seat) : std::nullopt});
  }
  co_return Response::json(200, entries);
}

http::OtherReply waiting_reply() {
  return {.status = 202,
          .description = "Not admitted yet: the place in the waiting room, new or found",
          .schema = &http::schema_of<PleaseWait>,
          .example = waiting_example};
}

void add_selling_routes(http::RouteGroup& group, const Office& office, const std::string& tag) {
  auto text = std::make_shared<PerformanceListText>();
  for (const char* path : {"/performaces", "/performances"}) {
    group.add<void, PerformanceList>({.path = path,
                                      .summary = "All performances with their staging dates",
                                      .tag = tag,
                                      .access = Access::user,
                                      .problems = {&http::problems::kTooManyRequests},
                                      .other_replies = {waiting_reply()},
                                      .reply_example = list_example},
                                     [office, text](Request& r) { return list(office, r, text); });
  }
  group.add<void, SeatList>({.path = "/performance_seats/{performance_staging_date_id}",
                             .summary = "The seats of a staging date",
                             .tag = tag,
                             .access = Access::user,
                             .problems = {&no_such_staging, &http::problems::kTooManyRequests},
                             .other_replies = {waiting_reply()},
                             .reply_example = seats_example},
                            [office](Request& request) { return seats(office, request); });
  group.add<SeatChoice, Taken>(
      {.method = verb::patch,
       .path = "/take_performance_seat",
       .summary = "Hold a seat",
       .tag = tag,
       .access = Access::user,
       .problems = {&problems::seat_taken, &no_such_seat, &problems::sale_not_open,
                    &http::problems::kTooManyRequests},
       .other_replies = {waiting_reply()},
       .request_example = R"({"performance_seat_id":1})",
       .reply_example = taken_example},
      [office](Request& request, SeatChoice body) { return take(office, request, body); });
  group.add<void, ReservedList>({.path = "/reserved_performance_seats",
                                 .summary = "The seats one holds or has paid",
                                 .tag = tag,
                                 .access = Access::user,
                                 .problems = {&http::problems::kTooManyRequests},
                                 .other_replies = {waiting_reply()},
                                 .reply_example = reserved_example},
                                [office](Request& request) { return reserved(office, request); });
}

void add_cash_routes(http::RouteGroup& group, const Office& office, const std::string& tag) {
  group.add<void, CashBalance>({.path = "/cash_balance",
                                .summary = "The balance",
                                .tag = tag,
                                .access = Access::user,
                                .reply_example = R"({"balance":100000})"},
                               [office](Request& request) { return balance(office, request); });
  group.add<CashCharge, CashCharged>(
      {.method = verb::patch,
       .path = "/cash_charge",
       .summary = "Charge",
       .tag = tag,
       .access = Access::user,
       .problems = {&problems::balance_limit},
       .request_example = R"({"amount":20000})",
       .reply_example = R"({"result":"success","balance":120000})"},
      [office](Request& request, CashCharge body) { return charge_cash(office, request, body); });
  group.add<void, std::vector<PaymentEntry>>(
      {.path = "/payment_history",
       .summary = "What moved in and out, newest last",
       .tag = tag,
       .access = Access::user,
       .reply_example = history_example},
      [office](Request& request) { return history(office, request); });
  group.add<SeatChoice, PaidSeat>(
      {.method = verb::patch,
       .path = "/payment_performance_seat",
       .summary = "Pay a held seat",
       .tag = tag,
       .access = Access::user,
       .problems = {&not_held, &no_such_seat, &problems::insufficient_funds,
                    &problems::reservation_expired, &problems::already_paid},
       .request_example = R"({"performance_seat_id":1})",
       .reply_example = R"({"result":"success","performance_seat_id":1})"},
      [office](Request& request, SeatChoice body) { return pay(office, request, body); });
}

}  // namespace

void add_performances_routes(http::Router& router, const Office& office) {
  http::RouteGroup& group = router.group(
      {.below = {"/signIn", "/performaces", "/performances", "/performance_seats",
                 "/take_performance_seat", "/reserved_performance_seats", "/cash_balance",
                 "/cash_charge", "/payment_history", "/payment_performance_seat"},
       .errors = word_error,
       .error_schema = &http::schema_of<PerformanceError>,
       .unknown = http::Unknown::ignore,
       .ids_are_numbers = false});
  const std::string tag = tag_of("performances");
  group.add<PerformanceSignIn, UserAccess>(
      {.method = verb::post,
       .path = "/signIn",
       .summary = "Sign in and get an access token",
       .tag = tag,
       .problems = {&wrong_password},
       .request_example = R"({"email_address":"fan1@example.com","password":"onsale"})",
       .reply_example = R"({"accessToken":"{USER_ACCESS_TOKEN}"})"},
      [office](Request& request, PerformanceSignIn body) {
        return sign_in(office, request, std::move(body));
      });
  add_selling_routes(group, office, tag);
  add_cash_routes(group, office, tag);
}

}  // namespace onsale::api::dialects
