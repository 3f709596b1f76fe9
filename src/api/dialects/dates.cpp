// The dialect of document 004: tokens, dates and their seats, one default event. The user's number
// is all the proof it has.
#include <algorithm>
#include <array>
#include <boost/describe.hpp>

#include "api/dialects/routes.h"
#include "api/dialects/words.h"
#include "api/problems.h"
#include "api/refusals.h"
#include "api/seat_maps.h"

namespace onsale::api::dialects {
namespace {

using domain::Money;
using http::Problem;
using http::ProblemType;
using http::Request;
using http::Response;
using http::verb;

// ---- the words ---------------------------------------------------------------------

constexpr ProblemType no_token{"no-token", 404, "발급된 토큰이 없습니다."};
constexpr ProblemType no_date{"no-date", 404, "해당 날짜에 공연이 없습니다."};
constexpr ProblemType no_seat{"no-seat", 404, "존재하지 않는 좌석입니다."};
constexpr ProblemType nothing_held{"nothing-held", 404, "결제할 예약이 없습니다."};

constexpr std::array words{
    Wording{&problems::user_not_found, 404, "존재하지 않는 사용자입니다."},
    Wording{&problems::seat_taken, 409, "이미 예약된 좌석입니다."},
    Wording{&problems::insufficient_funds, 402, "잔액이 부족합니다."},
};

struct DateError {
  std::string message;
};
BOOST_DESCRIBE_STRUCT(DateError, (), (message))

Response word_error(const Request&, const Problem& problem) {
  const Said said = say(problem, words);
  return refusal(said.status, DateError{said.message}, problem);
}

// ---- the shapes --------------------------------------------------------------------

struct IssueRequest {
  domain::UserId userId;
};
BOOST_DESCRIBE_STRUCT(IssueRequest, (), (userId))

struct WaitingStatus {
  domain::UserId userId;
  std::string token;
  std::int64_t waitingId = 0;  ///< the position while waiting, then the visitor's number
  std::string_view status;
};
BOOST_DESCRIBE_STRUCT(WaitingStatus, (), (userId, token, waitingId, status))

struct DateSeat {
  domain::SeatId seatId;
  SeatNumber seatNumber;
  std::string_view status;
  Money price;
};
BOOST_DESCRIBE_STRUCT(DateSeat, (), (seatId, seatNumber, status, price))

struct SeatRequest {
  domain::UserId userId;
  domain::SeatId seatId;
};
BOOST_DESCRIBE_STRUCT(SeatRequest, (), (userId, seatId))

struct ReservedSeat {
  domain::UserId userId;
  domain::SeatId seatId;
  std::string status;
  Money amount;
};
BOOST_DESCRIBE_STRUCT(ReservedSeat, (), (userId, seatId, status, amount))

struct UserBalance {
  domain::UserId userId;
  Money balance;
};
BOOST_DESCRIBE_STRUCT(UserBalance, (), (userId, balance))

struct BalanceToCharge {
  Money amount;
};
BOOST_DESCRIBE_STRUCT(BalanceToCharge, (), (amount))
constexpr auto rules(const BalanceToCharge*) {
  return http::rule_list(http::rule("amount").min(1));
}

struct ProcessRequest {
  domain::UserId userId;
  Money amount;
};
BOOST_DESCRIBE_STRUCT(ProcessRequest, (), (userId, amount))
constexpr auto rules(const ProcessRequest*) { return http::rule_list(http::rule("amount").min(1)); }

struct Processed {
  domain::UserId userId;
  Money amount;
  std::string status;
  std::string paymentTime;  ///< without milliseconds, as the document has it
};
BOOST_DESCRIBE_STRUCT(Processed, (), (userId, amount, status, paymentTime))

// ---- the waiting room --------------------------------------------------------------

Response status_answer(const Visit& visit) {
  const WaitingStatus body{.userId = visit.visitor.user,
                           .token = token_text(visit.visitor.token),
                           .waitingId = visit.active() ? visit.visitor.number : visit.rank(),
                           .status = visit.active() ? "activate" : "waiting"};
  return with_token(Response::json(200, body), visit);
}

asio::awaitable<Response> issue(Office office, const Request& request, IssueRequest body) {
  const auto visit = co_await enter(office.services, request, body.userId, waiting_room);
  if (!visit) co_return http::refuse(request, visit.error());
  co_return status_answer(*visit);
}

Response status(const Office& office, const Request& request) {
  const auto visit =
      live_visit(office.services, path_number<domain::UserId>(request, "userId"), waiting_room);
  return visit ? status_answer(*visit) : http::refuse(request, Problem(no_token));
}

// ---- looking -----------------------------------------------------------------------

Response dates(const Office& office, const Request& request) {
  const auto catalogue = office.engine().views().catalogue();
  if (!catalogue->event(office.default_event)) {
    return http::refuse(request, Problem(http::problems::kNotFound));
  }
  std::vector<std::string> dates;
  for (Staging& staging : stagings_on_offer(*catalogue, office.default_event, office.now())) {
    if (staging.map->available > 0) dates.push_back(std::move(staging.date));
  }
  std::ranges::sort(dates);
  dates.erase(std::ranges::unique(dates).begin(), dates.end());
  return Response::json(200, dates);
}

std::vector<DateSeat> free_seats_of(const std::vector<Staging>& stagings) {
  std::vector<DateSeat> seats;
  for (const Staging& staging : stagings) {
    for (std::size_t i = 0; i < staging.map->status.size(); ++i) {
      if (staging.map->status[i] != domain::SeatStatus::available) continue;
      const engine::PlacedSeat& seat = staging.map->layout->seats[i];
      seats.push_back({.seatId = seat.id,
                       .seatNumber = {seat.label},
                       .status = "available",
                       .price = seat.price});
    }
  }
  std::ranges::sort(seats, {}, &DateSeat::seatId);
  return seats;
}

asio::awaitable<Response> seats(Office office, const Request& request) {
  const std::string& date = request.path_text("date");
  if (!is_date(date)) {
    co_return http::refuse(request, http::invalid_field("date", "must be written 2024-10-01"));
  }
  const auto catalogue = office.engine().views().catalogue();
  if (performances_on(*catalogue, office.default_event, date).empty()) {
    co_return http::refuse(request, Problem(no_date));
  }
  auto stagings = stagings_on_offer(*catalogue, office.default_event, office.now());
  std::erase_if(stagings, [&](const Staging& staging) { return staging.date != date; });
  auto make = [&stagings] { return Response::json(200, free_seats_of(stagings)); };
  co_return co_await rendered(office.services, request, seats_in(stagings), make);
}

// ---- buying ------------------------------------------------------------------------

asio::awaitable<Response> reserve(Office office, const Request& request, SeatRequest body) {
  const auto performance = co_await performance_of_seat(office.services, body.seatId);
  if (!performance) co_return http::refuse(request, performance.error());
  domain::Hold command{.user = body.userId, .event = office.default_event};
  command.seats.push_back(
      {.performance = performance->value_or(domain::PerformanceId{}), .seat = body.seatId});
  const auto held = co_await hold(office.services, std::move(command));
  if (!held) {
    co_return http::refuse(request, reworded(held.error(), http::problems::kNotFound, no_seat));
  }
  co_return Response::json(200, ReservedSeat{.userId = body.userId,
                                             .seatId = body.seatId,
                                             .status = "reserved",
                                             .amount = held->reservation.total});
}

asio::awaitable<Response> process(Office office, const Request& request, ProcessRequest body) {
  const domain::PayAll command{.user = body.userId, .amount = body.amount};
  const auto outcome = co_await pay_all(office.services, command);
  if (!outcome) {
    co_return http::refuse(request,
                           reworded(outcome.error(), http::problems::kNotFound, nothing_held));
  }
  const domain::Reservation& paid = outcome->reservations.front().reservation;
  co_return Response::json(200, Processed{.userId = body.userId,
                                          .amount = outcome->total,
                                          .status = "success",
                                          .paymentTime = without_milliseconds(*paid.paid_at)});
}

// ---- the balance -------------------------------------------------------------------

asio::awaitable<Response> balance(Office office, const Request& request) {
  const auto user = path_number<domain::UserId>(request, "userId");
  const auto money = co_await balance_of(office.services, user);
  if (!money) co_return http::refuse(request, money.error());
  co_return Response::json(200, UserBalance{.userId = user, .balance = *money});
}

asio::awaitable<Response> charge_balance(Office office, const Request& request,
                                         BalanceToCharge body) {
  const auto user = path_number<domain::UserId>(request, "userId");
  const auto money = co_await charge(office.services, user, body.amount);
  if (!money) co_return http::refuse(request, money.error());
  co_return Response::json(200, UserBalance{.userId = user, .balance = *money});
}

const http::PathParameter user_id{.name = "userId", .type = "integer", .example = "123"};
constexpr const char* waiting_example =
    R"({"userId":123,"token":"0190163d-8694-4b0f-9c64-1c3d3b1e6a10","waitingId":5,"status":"waiting"})";
constexpr const char* active_example =
    R"({"userId":123,"token":"0190163d-8694-4b0f-9c64-1c3d3b1e6a10","waitingId":10,"status":"activate"})";

void add_waiting_routes(http::RouteGroup& group, const Office& office, const std::string& tag) {
  group.add<IssueRequest, WaitingStatus>(
      {.method = verb::post,
       .path = "/issue",
       .summary = "Enter the waiting room",
       .tag = tag,
       .problems = {&problems::user_not_found, &problems::proof_of_work_required,
                    &http::problems::kTooManyRequests},
       .request_example = R"({"userId":123})",
       .reply_example = active_example},
      [office](Request& request, IssueRequest body) { return issue(office, request, body); });
  group.add<void, WaitingStatus>({.path = "/status/{userId}",
                                  .summary = "Where one stands in the waiting room",
                                  .tag = tag,
                                  .problems = {&no_token},
                                  .path_parameters = {user_id},
                                  .reply_example = waiting_example},
                                 [office](Request& request) { return status(office, request); });
}

void add_selling_routes(http::RouteGroup& group, const Office& office, const std::string& tag) {
  group.add<void, std::vector<std::string>>(
      {.path = "/available-dates",
       .summary = "Dates with a free seat, of the default event",
       .tag = tag,
       .reply_example = R"(["2024-10-01","2024-10-02"])"},
      [office](Request& request) { return dates(office, request); });
  group.add<void, std::vector<DateSeat>>(
      {.path = "/available-seats/{date}",
       .summary = "The seats of a date that can be reserved",
       .tag = tag,
       .problems = {&no_date, &http::problems::kInvalidRequest},
       .path_parameters = {{.name = "date", .example = "2024-10-01"}},
       .reply_example =
           R"([{"seatId":1,"seatNumber":1,"status":"available","price":10000},{"seatId":2,"seatNumber":2,"status":"available","price":10000}])"},
      [office](Request& request) { return seats(office, request); });
  group.add<SeatRequest, ReservedSeat>(
      {.method = verb::post,
       .path = "/reserve",
       .summary = "Hold a seat",
       .tag = tag,
       .problems = {&no_seat, &problems::not_admitted, &problems::seat_taken,
                    &problems::insufficient_funds},
       .request_example = R"({"userId":123,"seatId":10})",
       .reply_example = R"({"userId":123,"seatId":10,"status":"reserved","amount":10000})"},
      [office](Request& request, SeatRequest body) { return reserve(office, request, body); });
  group.add<ProcessRequest, Processed>(
      {.method = verb::post,
       .path = "/process",
       .summary = "Pay all that is held",
       .tag = tag,
       .problems = {&nothing_held, &problems::insufficient_funds},
       .request_example = R"({"userId":123,"amount":10000})",
       .reply_example =
           R"({"userId":123,"amount":10000,"status":"success","paymentTime":"2024-10-06T12:00:00Z"})"},
      [office](Request& request, ProcessRequest body) { return process(office, request, body); });
}

}  // namespace

void add_dates_routes(http::Router& router, const Office& office) {
  const http::GroupSpec spec{.prefix = "/api",
                             .errors = word_error,
                             .error_schema = &http::schema_of<DateError>,
                             .unknown = http::Unknown::ignore,
                             .ids_are_numbers = false};
  http::RouteGroup& group = router.group(spec);
  const std::string tag = tag_of("dates");
  add_waiting_routes(group, office, tag);
  add_selling_routes(group, office, tag);

  // Where the user comes first, only a number is one: /api/v1/balance is none of these.
  http::GroupSpec of_numbers = spec;
  of_numbers.ids_are_numbers = true;
  http::RouteGroup& users = router.group(of_numbers);
  users.add<void, UserBalance>({.path = "/{userId}/balance",
                                .summary = "The balance",
                                .tag = tag,
                                .problems = {&problems::user_not_found},
                                .path_parameters = {user_id},
                                .reply_example = R"({"userId":123,"balance":10000})"},
                               [office](Request& request) { return balance(office, request); });
  users.add<BalanceToCharge, UserBalance>(
      {.method = verb::post,
       .path = "/{userId}/charge",
       .summary = "Charge",
       .tag = tag,
       .problems = {&problems::user_not_found, &problems::balance_limit},
       .path_parameters = {user_id},
       .request_example = R"({"amount":10000})",
       .reply_example = R"({"userId":123,"balance":20000})"},
      [office](Request& request, BalanceToCharge body) {
        return charge_balance(office, request, body);
      });
}

}  // namespace onsale::api::dialects
