// The dialect of document 002: availability by date, reservations, balance and payments of a
// concert. Ids are strings, amounts decimals; the token of the waiting room is the proof.
#include <array>
#include <boost/describe.hpp>
#include <map>
#include <set>

#include "api/dialects/decimal.h"
#include "api/dialects/routes.h"
#include "api/dialects/words.h"
#include "api/problems.h"
#include "api/refusals.h"

namespace onsale::api::dialects {
namespace {

using http::Problem;
using http::ProblemType;
using http::Request;
using http::Response;
using http::Timestamp;
using http::verb;

// ---- the words ---------------------------------------------------------------------

constexpr ProblemType unauthorized{"unauthorized", 401, "사용자가 인증되지 않았습니다."};
constexpr ProblemType not_yours{"not-yours", 403, "다른 사용자의 정보입니다."};
constexpr ProblemType no_concert{"no-concert", 404, "존재하지 않는 콘서트입니다."};
constexpr ProblemType no_seat{"no-seat", 404, "해당 날짜에 존재하지 않는 좌석입니다."};
constexpr ProblemType no_reservation{"no-reservation", 404, "존재하지 않는 예약입니다."};

constexpr std::array words{
    Wording{&http::problems::kUnauthorized, 401, unauthorized.title},
    Wording{&problems::user_not_found, 404, "존재하지 않는 사용자입니다."},
    Wording{&problems::seat_taken, 409, "이미 예약된 좌석입니다."},
    Wording{&problems::insufficient_funds, 402, "잔액이 부족합니다."},
};

struct AvailabilityError {
  std::string error;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(AvailabilityError, (), (error, message))

struct NotActive {
  std::string error;
  std::string message;
  std::optional<std::int64_t> queuePosition;
};
BOOST_DESCRIBE_STRUCT(NotActive, (), (error, message, queuePosition))

/// The place in line that a problem tells of, if any.
std::optional<std::int64_t> position_in(const Problem& problem) {
  for (const auto& [name, value] : problem.members()) {
    const auto* position = std::get_if<std::int64_t>(&value);
    if (name == "position" && position) return *position;
  }
  return std::nullopt;
}

Response word_error(const Request&, const Problem& problem) {
  const Said said = say(problem, words);
  const std::string reason = reason_phrase(said.status);
  if (&problem.type() == &problems::not_admitted) {
    return refusal(said.status, NotActive{reason, said.message, position_in(problem)}, problem);
  }
  return refusal(said.status, AvailabilityError{reason, said.message}, problem);
}

// ---- the shapes --------------------------------------------------------------------

struct TokenRequest {
  std::string userId;
  std::string browserId;
};
BOOST_DESCRIBE_STRUCT(TokenRequest, (), (userId, browserId))
constexpr auto rules(const TokenRequest*) {
  return http::rule_list(
      http::rule("userId").not_empty().max_length(100),
      http::rule("browserId").not_empty().max_length(domain::browser_id_length_max));
}

struct IssuedQueueToken {
  std::string token;
  std::int64_t queuePosition = 0;
};
BOOST_DESCRIBE_STRUCT(IssuedQueueToken, (), (token, queuePosition))

struct AvailabilityQuery {
  std::optional<std::string> date;
};
BOOST_DESCRIBE_STRUCT(AvailabilityQuery, (), (date))

struct AvailableSeat {
  std::string seatNo;
  std::string_view status;
};
BOOST_DESCRIBE_STRUCT(AvailableSeat, (), (seatNo, status))

struct AvailableDate {
  std::string date;
  std::vector<AvailableSeat> availableSeats;
};
BOOST_DESCRIBE_STRUCT(AvailableDate, (), (date, availableSeats))

struct Availability {
  std::vector<AvailableDate> dates;
};
BOOST_DESCRIBE_STRUCT(Availability, (), (dates))

struct ReservationRequest {
  std::string date;
  std::string seatNo;
  std::string userId;
};
BOOST_DESCRIBE_STRUCT(ReservationRequest, (), (date, seatNo, userId))
constexpr auto rules(const ReservationRequest*) {
  return http::rule_list(http::rule("seatNo").not_empty().max_length(100),
                         http::rule("userId").not_empty().max_length(100));
}

struct Reserved {
  std::string reservationId;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(Reserved, (), (reservationId, status))

struct BalanceCharge {
  Decimal amount;
};
BOOST_DESCRIBE_STRUCT(BalanceCharge, (), (amount))

struct Balance {
  std::string userId;
  double balance = 0;
};
BOOST_DESCRIBE_STRUCT(Balance, (), (userId, balance))

struct NewBalance {
  std::string userId;
  double newBalance = 0;
};
BOOST_DESCRIBE_STRUCT(NewBalance, (), (userId, newBalance))

struct ConcertPayment {
  std::string reservationId;
  std::string userId;
  Decimal paymentAmount;
};
BOOST_DESCRIBE_STRUCT(ConcertPayment, (), (reservationId, userId, paymentAmount))
constexpr auto rules(const ConcertPayment*) {
  return http::rule_list(http::rule("reservationId").not_empty().max_length(100),
                         http::rule("userId").not_empty().max_length(100));
}

struct ConcertPaid {
  std::string paymentId;  ///< the reservation's: it is paid exactly once
  std::string status;
};
BOOST_DESCRIBE_STRUCT(ConcertPaid, (), (paymentId, status))

/// An id, which is a string here; 0, which nobody has, for one that is none of ours.
template <class Id>
Id id_of(std::string_view text) {
  return Id{number_of(text).value_or(0)};
}

double amount_of(const Office& office, domain::Money money) {
  return decimal_value(money, minor_digits(office.services.currency));
}

/// A positive amount of the box office's currency.
std::expected<domain::Money, Problem> amount_in(const Office& office, std::string_view field,
                                                const Decimal& decimal) {
  const auto money = money_of(decimal, minor_digits(office.services.currency));
  if (money && *money > domain::Money{0}) return *money;
  return std::unexpected(http::invalid_field(
      std::string(field), "must be a positive amount of " + office.services.currency));
}

// ---- who asks ----------------------------------------------------------------------

/// Whose token the request carries: of a visit that lasts, or that ended well.
asio::awaitable<std::expected<Visit, Problem>> token_visit(Office office, const Request& request) {
  auto visit = co_await bearer_visit(office.services, request);
  if (!visit) co_return std::unexpected(visit.error());
  const auto good = [&] {
    const domain::Visitor& visitor = (**visit).visitor;
    return visitor.live() || visitor.state == domain::VisitorState::completed;
  };
  if (!*visit || !good()) co_return std::unexpected(Problem(unauthorized));
  co_return **std::move(visit);
}

/// The same, where the request names a user too: the token must be that user's.
asio::awaitable<std::expected<Visit, Problem>> visit_as(Office office, const Request& request,
                                                        domain::UserId user) {
  auto visit = co_await token_visit(office, request);
  if (!visit || visit->visitor.user == user) co_return visit;
  const auto other = co_await find_user(office.services, user);
  co_return std::unexpected(other ? Problem(not_yours) : other.error());
}

Problem not_active(const Visit& visit) {
  Problem problem(problems::not_admitted);
  if (!visit.waiting()) return problem;
  return std::move(problem).with("position", visit.rank());
}

asio::awaitable<Response> issue(Office office, const Request& request, TokenRequest body) {
  const auto visit = co_await enter(office.services, request, id_of<domain::UserId>(body.userId),
                                    waiting_room, std::move(body.browserId));
  if (!visit) {
    co_return http::refuse(request,
                           reworded(visit.error(), problems::user_not_found, unauthorized));
  }
  const IssuedQueueToken token{.token = token_text(visit->visitor.token),
                               .queuePosition = visit->rank()};
  co_return with_token(Response::json(200, token), *visit);
}

// ---- availability ------------------------------------------------------------------

/// Of several performances each label once.
std::vector<AvailableSeat> free_seats_of(const std::vector<const Staging*>& stagings) {
  std::vector<AvailableSeat> seats;
  std::set<std::string_view> seen;
  for (const Staging* staging : stagings) {
    const engine::SeatMap& map = *staging->map;
    for (std::size_t i = 0; i < map.status.size(); ++i) {
      if (map.status[i] != domain::SeatStatus::available) continue;
      const std::string& label = map.layout->seats[i].label;
      if (stagings.size() > 1 && !seen.insert(label).second) continue;
      seats.push_back({.seatNo = label, .status = "available"});
    }
  }
  return seats;
}

/// The seats that can be had, by date.
Availability availability_of(const std::vector<Staging>& stagings) {
  std::map<std::string, std::vector<const Staging*>> by_date;
  for (const Staging& staging : stagings) {
    if (staging.map->available > 0) by_date[staging.date].push_back(&staging);
  }
  Availability availability;
  for (const auto& [date, of_date] : by_date) {
    availability.dates.push_back({.date = date, .availableSeats = free_seats_of(of_date)});
  }
  return availability;
}

asio::awaitable<Response> availability(Office office, const Request& request,
                                       AvailabilityQuery query) {
  if (query.date && !is_date(*query.date)) {
    co_return http::refuse(request, http::invalid_field("date", "must be written 2024-10-11"));
  }
  const auto visit = co_await token_visit(office, request);
  if (!visit) co_return http::refuse(request, visit.error());
  if (!visit->active()) co_return http::refuse(request, not_active(*visit));
  const auto catalogue = office.engine().views().catalogue();
  const auto concert = path_number<domain::EventId>(request, "concertId");
  if (!catalogue->event(concert)) co_return http::refuse(request, Problem(no_concert));
  auto stagings = stagings_on_offer(*catalogue, concert, office.now());
  if (query.date) {
    std::erase_if(stagings, [&](const Staging& staging) { return staging.date != *query.date; });
  }
  auto make = [&stagings] { return Response::json(200, availability_of(stagings)); };
  co_return co_await rendered(office.services, request, seats_in(stagings), make);
}

// ---- reservations ------------------------------------------------------------------

/// The seats of that label: first those that can be had, last those that do not sell.
std::vector<domain::SeatRef> seats_labelled(const std::vector<Staging>& stagings,
                                            const ReservationRequest& body, Timestamp now) {
  std::array<std::vector<domain::SeatRef>, 3> by_hope;
  for (const Staging& staging : stagings) {
    const bool on_sale = sales_window(*staging.event, *staging.performance).open_at(now);
    const auto& seats = staging.map->layout->seats;
    for (std::size_t i = 0; i < seats.size(); ++i) {
      if (seats[i].label != body.seatNo) continue;
      const bool free = staging.map->status[i] == domain::SeatStatus::available;
      const std::size_t hope = on_sale ? (free ? 0 : 1) : 2;
      by_hope.at(hope).push_back({staging.performance->id, seats[i].id});
    }
  }
  std::vector<domain::SeatRef> seats;
  for (const auto& part : by_hope) seats.insert(seats.end(), part.begin(), part.end());
  return seats;
}

/// Holds the first of the seats that can be had; else says why not of the first.
asio::awaitable<Response> hold_one_of(Office office, const Request& request, domain::Hold command,
                                      const std::vector<domain::SeatRef>& seats) {
  std::optional<Problem> first;
  for (const domain::SeatRef& seat : seats) {
    command.seats = {seat};
    const auto held = co_await hold(office.services, command);
    if (held) {
      co_return Response::json(201,
                               Reserved{.reservationId = std::to_string(held->reservation.id.value),
                                        .status = "reserved"});
    }
    if (!first) first = held.error();
    const auto* why = &held.error().type();
    const bool another_may_do = why == &problems::seat_taken || why == &problems::sale_closed ||
                                why == &problems::sale_not_open;
    if (!another_may_do) break;
  }
  co_return http::refuse(request, first ? *first : Problem(no_seat));
}

asio::awaitable<Response> reserve(Office office, const Request& request, ReservationRequest body) {
  if (!is_date(body.date)) {
    co_return http::refuse(request, http::invalid_field("date", "must be written 2024-10-11"));
  }
  const auto user = id_of<domain::UserId>(body.userId);
  const auto visit = co_await visit_as(office, request, user);
  if (!visit) co_return http::refuse(request, visit.error());
  if (!visit->active()) co_return http::refuse(request, not_active(*visit));
  const auto catalogue = office.engine().views().catalogue();
  const auto concert = path_number<domain::EventId>(request, "concertId");
  if (!catalogue->event(concert)) co_return http::refuse(request, Problem(no_concert));
  const auto stagings = co_await stagings_on(office.services, *catalogue, concert, body.date);
  if (!stagings) co_return http::refuse(request, stagings.error());
  const auto seats = seats_labelled(*stagings, body, office.now());
  const domain::Hold command{.user = user, .event = concert, .seats = {}};
  co_return co_await hold_one_of(office, request, command, seats);
}

// ---- balance -----------------------------------------------------------------------

asio::awaitable<Response> balance(Office office, const Request& request) {
  const auto user = path_number<domain::UserId>(request, "userId");
  const auto visit = co_await visit_as(office, request, user);
  if (!visit) co_return http::refuse(request, visit.error());
  const auto money = co_await balance_of(office.services, user);
  if (!money) co_return http::refuse(request, money.error());
  co_return Response::json(
      200, Balance{.userId = std::to_string(user.value), .balance = amount_of(office, *money)});
}

asio::awaitable<Response> charge_balance(Office office, const Request& request,
                                         BalanceCharge body) {
  const auto amount = amount_in(office, "amount", body.amount);
  if (!amount) co_return http::refuse(request, amount.error());
  const auto user = path_number<domain::UserId>(request, "userId");
  const auto visit = co_await visit_as(office, request, user);
  if (!visit) co_return http::refuse(request, visit.error());
  const auto money = co_await charge(office.services, user, *amount);
  if (!money) co_return http::refuse(request, money.error());
  co_return Response::json(200, NewBalance{.userId = std::to_string(user.value),
                                           .newBalance = amount_of(office, *money)});
}

// ---- payments ----------------------------------------------------------------------

asio::awaitable<Response> pay(Office office, const Request& request, ConcertPayment body) {
  const auto amount = amount_in(office, "paymentAmount", body.paymentAmount);
  if (!amount) co_return http::refuse(request, amount.error());
  const auto user = id_of<domain::UserId>(body.userId);
  const auto visit = co_await visit_as(office, request, user);
  if (!visit) co_return http::refuse(request, visit.error());
  const auto id = id_of<domain::ReservationId>(body.reservationId);
  const auto found = co_await find_reservation(office.services, id);
  if (!found) co_return http::refuse(request, found.error());
  const auto concert = path_number<domain::EventId>(request, "concertId");
  if (!*found || (**found).reservation.event != concert) {
    co_return http::refuse(request, Problem(no_reservation));
  }
  const domain::Pay command{.reservation = id, .user = user, .amount = *amount};
  const auto outcome = co_await decided(office.engine(), command);
  if (!outcome) co_return http::refuse(request, outcome.error());
  if (outcome->result == domain::PayResult::amount_mismatch) {
    co_return http::refuse(request, Problem(wrong_amount));
  }
  if (auto refused = refusal_of(*outcome)) {
    co_return http::refuse(
        request, reworded(*std::move(refused), http::problems::kNotFound, no_reservation));
  }
  co_return Response::json(200,
                           ConcertPaid{.paymentId = std::to_string(id.value), .status = "paid"});
}

const http::PathParameter concert_id{.name = "concertId", .example = "1"};
const http::PathParameter user_id{.name = "userId", .example = "1"};
constexpr const char* token_scheme = "queueToken";

void add_concert_routes(http::RouteGroup& group, const Office& office, const std::string& tag) {
  group.add<AvailabilityQuery, Availability>(
      {.path = "/concerts/{concertId}/availability",
       .summary = "Dates and seats that can be reserved",
       .tag = tag,
       .problems = {&unauthorized, &problems::not_admitted, &no_concert},
       .bearer = token_scheme,
       .path_parameters = {concert_id},
       .reply_example =
           R"({"dates":[{"date":"2024-10-11","availableSeats":[{"seatNo":"1","status":"available"},{"seatNo":"2","status":"available"}]}]})"},
      [office](Request& request, AvailabilityQuery query) {
        return availability(office, request, std::move(query));
      });
  group.add<ReservationRequest, Reserved>(
      {.method = verb::post,
       .path = "/concerts/{concertId}/reservations",
       .summary = "Hold a seat",
       .tag = tag,
       .status = 201,
       .problems = {&unauthorized, &problems::not_admitted, &no_concert, &problems::seat_taken,
                    &problems::insufficient_funds},
       .bearer = token_scheme,
       .path_parameters = {concert_id},
       .request_example = R"({"date":"2024-10-11","seatNo":"1","userId":"1"})",
       .reply_example = R"({"reservationId":"1","status":"reserved"})"},
      [office](Request& request, ReservationRequest body) {
        return reserve(office, request, std::move(body));
      });
  group.add<ConcertPayment, ConcertPaid>(
      {.method = verb::post,
       .path = "/concerts/{concertId}/payments",
       .summary = "Pay a held reservation",
       .tag = tag,
       .problems = {&unauthorized, &not_yours, &no_reservation, &problems::insufficient_funds,
                    &problems::already_paid},
       .bearer = token_scheme,
       .path_parameters = {concert_id},
       .request_example = R"({"reservationId":"1","userId":"1","paymentAmount":70000})",
       .reply_example = R"({"paymentId":"1","status":"paid"})"},
      [office](Request& request, ConcertPayment body) {
        return pay(office, request, std::move(body));
      });
}

}  // namespace

void add_availability_routes(http::Router& router, const Office& office) {
  http::RouteGroup& group = router.group({.prefix = "/api/v1",
                                          .errors = word_error,
                                          .error_schema = &http::schema_of<NotActive>,
                                          .unknown = http::Unknown::ignore,
                                          .ids_are_numbers = false});
  const std::string tag = tag_of("availability");
  group.add<TokenRequest, IssuedQueueToken>(
      {.method = verb::post,
       .path = "/users/token",
       .summary = "Enter the waiting room; a second browser gets the same place",
       .tag = tag,
       .problems = {&unauthorized, &problems::proof_of_work_required,
                    &http::problems::kTooManyRequests},
       .request_example = R"({"userId":"1","browserId":"chrome-1"})",
       .reply_example = R"({"token":"0190163d-8694-4b0f-9c64-1c3d3b1e6a10","queuePosition":12})"},
      [office](Request& request, TokenRequest body) {
        return issue(office, request, std::move(body));
      });
  add_concert_routes(group, office, tag);
  group.add<void, Balance>({.path = "/users/{userId}/balance",
                            .summary = "The balance",
                            .tag = tag,
                            .problems = {&unauthorized, &not_yours},
                            .bearer = token_scheme,
                            .path_parameters = {user_id},
                            .reply_example = R"({"userId":"1","balance":10000})"},
                           [office](Request& request) { return balance(office, request); });
  group.add<BalanceCharge, NewBalance>(
      {.method = verb::post,
       .path = "/users/{userId}/balance",
       .summary = "Charge",
       .tag = tag,
       .problems = {&unauthorized, &not_yours, &problems::balance_limit},
       .bearer = token_scheme,
       .path_parameters = {user_id},
       .request_example = R"({"amount":10000})",
       .reply_example = R"({"userId":"1","newBalance":10000})"},
      [office](Request& request, BalanceCharge body) {
        return charge_balance(office, request, std::move(body));
      });
}

}  // namespace onsale::api::dialects
