// The dialect of document 003: customers, a concert's options, reservations of several seats, and
// tickets. The customer's number is the proof; a token that is sent all the same must be theirs.
#include "api/dialects/routes.h"

#include <algorithm>
#include <array>
#include <boost/describe.hpp>
#include <set>

#include "api/dialects/customers/shapes.h"
#include "api/dialects/words.h"
#include "api/problems.h"
#include "api/refusals.h"

namespace onsale::api::dialects {
namespace {

using namespace customers;

using http::Problem;
using http::ProblemType;
using http::Request;
using http::Response;
using http::verb;

// ---- the words ---------------------------------------------------------------------

constexpr ProblemType not_waiting{"not-waiting", 404, "대기열에 없는 고객입니다."};
constexpr ProblemType charge_too_small{"charge-too-small", 400,
                                       "충전 금액은 10원 이상이어야 합니다."};
constexpr ProblemType no_concert{"no-concert", 404, "존재하지 않는 콘서트입니다."};
constexpr ProblemType nothing_held{"nothing-held", 404, "결제할 예약이 없습니다."};

constexpr std::array words{
    Wording{&problems::user_not_found, 404, "존재하지 않는 고객입니다."},
    Wording{&problems::seat_taken, 409, "이미 선점된 좌석입니다.", "ALREADY_TAKEN"},
    Wording{&problems::insufficient_funds, 402, "포인트 잔액이 부족합니다.", "OUT_OF_BUDGET"},
    Wording{&problems::not_admitted, 403, {}, "NOT_ADMITTED"},
    Wording{&problems::proof_of_work_required, 403, {}, "NOT_ADMITTED"},
    Wording{&problems::sale_not_open, 409, {}, "SALE_NOT_OPEN"},
    Wording{&problems::sale_closed, 409, {}, "SALE_CLOSED"},
    Wording{&problems::seat_limit, 409, {}, "SEAT_LIMIT"},
};

/// Of what has no code of its own.
std::string_view code_of(int status) {
  switch (status) {
    case 400:
      return "ILLEGAL_ARGUMENTS";
    case 401:
      return "UNAUTHORIZED";
    case 404:
      return "NOT_FOUND";
    case 405:
      return "METHOD_NOT_ALLOWED";
    case 413:
      return "PAYLOAD_TOO_LARGE";
    case 429:
      return "TOO_MANY_REQUESTS";
    case 503:
      return "UNAVAILABLE";
    default:
      return status < 500 ? "REFUSED" : "INTERNAL_ERROR";
  }
}

Response word_error(const Request&, const Problem& problem) {
  const Said said = say(problem, words);
  const std::string_view code = said.code.empty() ? code_of(said.status) : said.code;
  return refusal(said.status, CustomerError{std::string(code), said.message}, problem);
}

// ---- who asks ----------------------------------------------------------------------

/// Nothing, unless the request carries a bearer token that is not this customer's. Other schemes
/// are between the client and whatever stands in front.
asio::awaitable<std::optional<Problem>> foreign_token(Office office, const Request& request,
                                                      domain::UserId customer) {
  if (!carries_bearer(request)) co_return std::nullopt;
  if (request.identity && request.identity->user_id == customer.value) co_return std::nullopt;
  const auto visit = co_await bearer_visit(office.services, request);
  if (!visit) co_return visit.error();
  if (*visit && (**visit).visitor.user == customer) co_return std::nullopt;
  co_return Problem(http::problems::kUnauthorized);
}

std::int64_t seconds(domain::Duration duration) {
  return std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::seconds>(duration).count());
}

/// What is left of the session, or how long it may take until there is one; 0 if unknown.
std::int64_t remaining_seconds(const Visit& visit, domain::Timestamp now) {
  if (visit.active()) return seconds(*visit.visitor.expires_at - now);
  return visit.estimated_wait ? seconds(*visit.estimated_wait) : 0;
}

Response waiting_answer(const Office& office, const Visit& visit) {
  const WaitingPlace body{.customerId = visit.visitor.user,
                          .watingNumber = visit.rank(),
                          .status = visit.active() ? "ACTIVE" : "WAITING",
                          .remainingTime = remaining_seconds(visit, office.now()),
                          .token = token_text(visit.visitor.token)};
  return with_token(Response::json(200, body), visit);
}

asio::awaitable<Response> enter_room(Office office, const Request& request, CustomerRequest body) {
  if (const auto problem = co_await foreign_token(office, request, body.customerId)) {
    co_return http::refuse(request, *problem);
  }
  const auto visit = co_await enter(office.services, request, body.customerId, waiting_room);
  if (!visit) co_return http::refuse(request, visit.error());
  co_return waiting_answer(office, *visit);
}

asio::awaitable<Response> check(Office office, const Request& request, CustomerRequest body) {
  if (const auto problem = co_await foreign_token(office, request, body.customerId)) {
    co_return http::refuse(request, *problem);
  }
  const auto visit = live_visit(office.services, body.customerId, waiting_room);
  co_return visit ? waiting_answer(office, *visit) : http::refuse(request, Problem(not_waiting));
}

// ---- points ------------------------------------------------------------------------

asio::awaitable<Response> balance(Office office, const Request& request, CustomerRequest body) {
  if (const auto problem = co_await foreign_token(office, request, body.customerId)) {
    co_return http::refuse(request, *problem);
  }
  const auto money = co_await balance_of(office.services, body.customerId);
  if (!money) co_return http::refuse(request, money.error());
  co_return Response::json(200, PointBalance{.customerId = body.customerId, .balance = *money});
}

asio::awaitable<Response> charge_points(Office office, const Request& request, ChargeRequest body) {
  if (body.amount < charge_min) co_return http::refuse(request, Problem(charge_too_small));
  if (const auto problem = co_await foreign_token(office, request, body.customerId)) {
    co_return http::refuse(request, *problem);
  }
  const auto money = co_await charge(office.services, body.customerId, body.amount);
  if (!money) co_return http::refuse(request, money.error());
  co_return Response::json(200, PointBalance{.customerId = body.customerId, .balance = *money});
}

// ---- looking -----------------------------------------------------------------------

Response options(const Office& office, const Request& request) {
  const auto catalogue = office.engine().views().catalogue();
  const auto concert = path_number<domain::EventId>(request, "concertId");
  const domain::Event* event = catalogue->event(concert);
  if (!event) return http::refuse(request, Problem(no_concert));
  OptionList list{
      .concertId = concert, .title = event->title, .artist = event->artist, .performances = {}};
  for (const Staging& staging : stagings_on_offer(*catalogue, concert, office.now())) {
    const domain::Performance& performance = *staging.performance;
    list.performances.push_back({.optionId = performance.id,
                                 .optionName = performance.name,
                                 .performAt = performance.starts_at,
                                 .price = staging.map->layout->price_from,
                                 .capacityLimit = performance.seat_count,
                                 .totalSeats = performance.seat_count});
  }
  std::ranges::sort(list.performances, {}, &Option::optionId);
  return Response::json(200, list);
}

Response seats(const Office& office, const Request& request) {
  const auto catalogue = office.engine().views().catalogue();
  const auto concert = path_number<domain::EventId>(request, "concertId");
  const auto* entry =
      catalogue->performance(path_number<domain::PerformanceId>(request, "optionId"));
  if (!entry || entry->performance.event != concert) {
    return http::refuse(request, Problem(http::problems::kNotFound));
  }
  const domain::Event& event = *catalogue->event(concert);
  OptionSeats body{.concertId = concert,
                   .optionId = entry->performance.id,
                   .title = event.title,
                   .artist = event.artist,
                   .performAt = entry->performance.starts_at,
                   .totalSeats = entry->performance.seat_count,
                   .seats = {}};
  const auto map = entry->seats->get();
  const bool closed = office.now() >= sales_window(event, entry->performance).closes_at;
  for (std::size_t i = 0; map && !closed && i < map->status.size(); ++i) {
    if (map->status[i] != domain::SeatStatus::available) continue;
    body.seats.push_back(map->layout->seats[i].id);
  }
  return Response::json(200, body);
}

// ---- buying ------------------------------------------------------------------------

std::string_view word_state(domain::ReservationState state) {
  return state == domain::ReservationState::paid ? "PAID" : "RESERVED";
}

/// A ticket for each seat, under the name given at reserving.
void add_tickets(std::vector<OptionTicket>& tickets, const engine::Catalogue& catalogue,
                 const domain::Reservation& reservation, const std::vector<domain::LineView>& lines,
                 const std::string& reserver_name) {
  // What is sold may be newer than the catalogue at hand.
  const domain::Event* event = catalogue.event(reservation.event);
  for (const auto& [line, label] : lines) {
    const auto* entry = catalogue.performance(line.performance);
    tickets.push_back({.reserverName = reserver_name,
                       .concertId = reservation.event,
                       .concertName = event ? event->title : std::string(),
                       .optionId = line.performance,
                       .optionName = entry ? entry->performance.name : std::string(),
                       .performAt = entry ? entry->performance.starts_at : Timestamp{},
                       .optionPrice = line.price,
                       .status = word_state(reservation.state),
                       .seatId = line.seat,
                       .seatNumber = {label},
                       .reservationId = reservation.id,
                       .reservedAt = reservation.created_at});
  }
}

bool names_a_seat_twice(const ReserveRequest& body) {
  std::set<domain::SeatId> seen;
  return std::ranges::any_of(body.performances, [&](const OptionSeat& choice) {
    return !seen.insert(choice.seatId).second;
  });
}

asio::awaitable<Response> reserve(Office office, const Request& request, ReserveRequest body) {
  if (names_a_seat_twice(body)) {
    co_return http::refuse(request, http::invalid_field("performances", "names a seat twice"));
  }
  const domain::UserId customer = body.reserver.customerId;
  if (const auto problem = co_await foreign_token(office, request, customer)) {
    co_return http::refuse(request, *problem);
  }
  domain::Hold command{.user = customer,
                       .event = body.concertId,
                       .seats = {},
                       .attendee_name = body.reserver.reserverName};
  for (const OptionSeat& choice : body.performances) {
    command.seats.push_back({.performance = choice.optionId, .seat = choice.seatId});
  }
  const auto held = co_await hold(office.services, std::move(command));
  if (!held) co_return http::refuse(request, held.error());
  ReservedTickets answer;
  add_tickets(answer.tickets, *office.engine().views().catalogue(), held->reservation, held->lines,
              body.reserver.reserverName);
  co_return Response::json(200, answer);
}

/// What the entries add up to; each is at most 10^15, and there are few.
domain::Money sum_of(const std::vector<PayEntry>& entries) {
  domain::Money sum;
  for (const PayEntry& entry : entries) sum += entry.payAmount;
  return sum;
}

asio::awaitable<Response> pay(Office office, const Request& request, PayRequest body) {
  if (const auto problem = co_await foreign_token(office, request, body.customerId)) {
    co_return http::refuse(request, *problem);
  }
  const auto customer = co_await find_user(office.services, body.customerId);
  if (!customer) co_return http::refuse(request, customer.error());
  const domain::PayAll command{
      .user = body.customerId, .amount = sum_of(body.pay), .cancel_if_short = true};
  const auto outcome = co_await pay_all(office.services, command);
  if (!outcome) {
    co_return http::refuse(request,
                           reworded(outcome.error(), http::problems::kNotFound, nothing_held));
  }
  PaidTickets answer{.customerId = body.customerId, .tickets = {}, .pay = body.pay};
  const auto catalogue = office.engine().views().catalogue();
  for (const auto& [reservation, lines] : outcome->reservations) {
    const std::string& name = reservation.attendee_name;
    add_tickets(answer.tickets, *catalogue, reservation, lines,
                name.empty() ? customer->name : name);
  }
  co_return Response::json(200, answer);
}

const http::PathParameter concert_id{.name = "concertId", .type = "integer", .example = "1"};
const http::PathParameter option_id{.name = "optionId", .type = "integer", .example = "1"};

void add_customer_routes(http::RouteGroup& group, const Office& office, const std::string& tag) {
  group.add<CustomerRequest, WaitingPlace>(
      {.method = verb::post,
       .path = "/customer/waiting/enter",
       .summary = "Enter the waiting room",
       .tag = tag,
       .problems = {&problems::user_not_found, &http::problems::kUnauthorized,
                    &problems::proof_of_work_required, &http::problems::kTooManyRequests},
       .request_example = customer_example,
       .reply_example = waiting_example},
      [office](Request& request, CustomerRequest body) {
        return enter_room(office, request, body);
      });
  group.add<CustomerRequest, WaitingPlace>(
      {.method = verb::post,
       .path = "/customer/waiting/check",
       .summary = "Where one stands in the waiting room",
       .tag = tag,
       .problems = {&not_waiting, &http::problems::kUnauthorized},
       .request_example = customer_example,
       .reply_example = waiting_example},
      [office](Request& request, CustomerRequest body) { return check(office, request, body); });
  group.add<CustomerRequest, PointBalance>(
      {.method = verb::post,
       .path = "/customer/point/balance",
       .summary = "The points",
       .tag = tag,
       .problems = {&problems::user_not_found, &http::problems::kUnauthorized},
       .request_example = customer_example,
       .reply_example = R"({"customerId":1,"balance":10000})"},
      [office](Request& request, CustomerRequest body) { return balance(office, request, body); });
  group.add<ChargeRequest, PointBalance>(
      {.method = verb::post,
       .path = "/customer/point/charge",
       .summary = "Charge points, 10 at least",
       .tag = tag,
       .problems = {&charge_too_small, &problems::user_not_found, &http::problems::kUnauthorized},
       .request_example = R"({"customerId":1,"amount":10000})",
       .reply_example = R"({"customerId":1,"balance":10000})"},
      [office](Request& request, ChargeRequest body) {
        return charge_points(office, request, body);
      });
}

void add_concert_routes(http::RouteGroup& group, const Office& office, const std::string& tag) {
  group.add<void, OptionList>({.path = "/concerts/{concertId}/options",
                               .summary = "The performances of a concert that can be reserved",
                               .tag = tag,
                               .problems = {&no_concert},
                               .path_parameters = {concert_id},
                               .reply_example = options_example},
                              [office](Request& request) { return options(office, request); });
  group.add<void, OptionSeats>({.path = "/concerts/{concertId}/options/{optionId}",
                                .summary = "The seats of a performance that can be reserved",
                                .tag = tag,
                                .path_parameters = {concert_id, option_id},
                                .reply_example = option_seats_example},
                               [office](Request& request) { return seats(office, request); });
}

void add_reservation_routes(http::RouteGroup& group, const Office& office, const std::string& tag) {
  group.add<ReserveRequest, ReservedTickets>(
      {.method = verb::post,
       .path = "/reservation/reserve",
       .summary = "Hold seats, also of several performances, all or nothing",
       .tag = tag,
       .problems = {&problems::seat_taken, &problems::not_admitted, &http::problems::kNotFound,
                    &problems::insufficient_funds, &http::problems::kUnauthorized},
       .request_example = reserve_example,
       .reply_example = reserved_example},
      [office](Request& request, ReserveRequest body) {
        return reserve(office, request, std::move(body));
      });
  group.add<PayRequest, PaidTickets>(
      {.method = verb::post,
       .path = "/reservation/pay",
       .summary = "Pay all that one holds; if the points do not cover it, it is canceled",
       .tag = tag,
       .problems = {&problems::insufficient_funds, &nothing_held, &http::problems::kUnauthorized},
       .request_example = R"({"customerId":1,"pay":[{"payMethod":"POINT","payAmount":70000}]})",
       .reply_example = paid_example},
      [office](Request& request, PayRequest body) {
        return pay(office, request, std::move(body));
      });
}

}  // namespace

void add_customers_routes(http::Router& router, const Office& office) {
  http::RouteGroup& group = router.group({.below = {"/customer", "/concerts", "/reservation"},
                                          .errors = word_error,
                                          .error_schema = &http::schema_of<CustomerError>,
                                          .unknown = http::Unknown::ignore,
                                          .ids_are_numbers = false});
  const std::string tag = tag_of("customers");
  add_customer_routes(group, office, tag);
  add_concert_routes(group, office, tag);
  add_reservation_routes(group, office, tag);
}

}  // namespace onsale::api::dialects
