// The dialect of document 001: schedules of concerts, seats, points. The queue's token, asked for
// by the user's number, is the proof on all routes but those of points.
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
using http::Timestamp;
using http::verb;

// ---- the words ---------------------------------------------------------------------

constexpr ProblemType invalid_user{"invalid-user", 404, "유효하지 않은 사용자입니다."};
constexpr ProblemType invalid_token{"invalid-token", 401, "유효하지 않은 토큰입니다."};
constexpr ProblemType no_such_seat{"no-such-seat", 404, "유효하지 않거나 이미 선택된 좌석입니다."};
constexpr ProblemType seat_not_free{"seat-not-free", 409, no_such_seat.title};

constexpr std::array words{
    Wording{&http::problems::kUnauthorized, 401, invalid_token.title},
    Wording{&problems::not_admitted, 401, invalid_token.title},
    Wording{&problems::seat_taken, 409, no_such_seat.title},
    Wording{&problems::already_paid, 409, no_such_seat.title},
    Wording{&problems::reservation_expired, 409, no_such_seat.title},
};

struct ScheduleError {
  std::string message;
};
BOOST_DESCRIBE_STRUCT(ScheduleError, (), (message))

Response word_error(const Request&, const Problem& problem) {
  const Said said = say(problem, words);
  return refusal(said.status, ScheduleError{said.message}, problem);
}

// ---- the shapes --------------------------------------------------------------------

struct QueueToken {
  std::string token;
  std::string status;
  std::int64_t rank = 0;
};
BOOST_DESCRIBE_STRUCT(QueueToken, (), (token, status, rank))

struct Schedule {
  domain::PerformanceId id;
  domain::EventId concertId;
  std::string name;
  Timestamp date;
  std::int64_t leftSeat = 0;
};
BOOST_DESCRIBE_STRUCT(Schedule, (), (id, concertId, name, date, leftSeat))

struct ScheduleSeat {
  domain::SeatId id;
  SeatNumber number;
  Money price;
  std::string_view status;
};
BOOST_DESCRIBE_STRUCT(ScheduleSeat, (), (id, number, price, status))

struct ScheduleReservation {
  domain::ReservationId id;
  domain::UserId userId;
  std::string status;
  Timestamp expiredAt;
  domain::EventId concertId;
  std::string concertName;
  domain::PerformanceId scheduleId;
  Timestamp scheduleDate;
  domain::SeatId seatId;
  SeatNumber seatNumber;
  Money seatPrice;
};
BOOST_DESCRIBE_STRUCT(ScheduleReservation, (),
                      (id, userId, status, expiredAt, concertId, concertName, scheduleId,
                       scheduleDate, seatId, seatNumber, seatPrice))

struct SchedulePayment {
  domain::ReservationId id;  ///< a reservation is paid exactly once
  domain::ReservationId reservationId;
  domain::UserId userId;
  domain::SeatId seatId;
  Money amount;
  std::string status;
  Timestamp paidAt;
};
BOOST_DESCRIBE_STRUCT(SchedulePayment, (),
                      (id, reservationId, userId, seatId, amount, status, paidAt))

struct Point {
  domain::UserId userId;
  Money amount;
};
BOOST_DESCRIBE_STRUCT(Point, (), (userId, amount))

struct PointCharge {
  Money amount;
};
BOOST_DESCRIBE_STRUCT(PointCharge, (), (amount))
constexpr auto rules(const PointCharge*) { return http::rule_list(http::rule("amount").min(1)); }

std::string_view word_status(domain::SeatStatus status) {
  switch (status) {
    case domain::SeatStatus::available:
      return "able";
    case domain::SeatStatus::held:
      return "reserved";
    case domain::SeatStatus::sold:
      return "soldout";
    case domain::SeatStatus::blocked:
      return "closed";
  }
  std::unreachable();
}

// ---- the queue ---------------------------------------------------------------------

asio::awaitable<Response> queue(Office office, const Request& request) {
  const auto visit = co_await enter(office.services, request,
                                    path_number<domain::UserId>(request, "userId"), waiting_room);
  if (!visit) {
    co_return http::refuse(request,
                           reworded(visit.error(), problems::user_not_found, invalid_user));
  }
  const QueueToken body{.token = token_text(visit->visitor.token),
                        .status = visit->active() ? "working" : "waiting",
                        .rank = visit->rank()};
  co_return with_token(Response::json(200, body), *visit);
}

/// Whose token it is; only while the session lasts, or, where `completed` is good enough, after it
/// ended well.
asio::awaitable<std::expected<domain::UserId, Problem>> token_user(Office office,
                                                                   const Request& request,
                                                                   bool completed = false) {
  const auto visit = co_await bearer_visit(office.services, request);
  if (!visit) co_return std::unexpected(visit.error());
  const auto good = [&] {
    const domain::VisitorState state = (**visit).visitor.state;
    return state == domain::VisitorState::active ||
           (completed && state == domain::VisitorState::completed);
  };
  if (!*visit || !good()) co_return std::unexpected(Problem(invalid_token));
  co_return (**visit).visitor.user;
}

// ---- looking -----------------------------------------------------------------------

asio::awaitable<Response> schedules(Office office, const Request& request) {
  if (const auto user = co_await token_user(office, request); !user) {
    co_return http::refuse(request, user.error());
  }
  const auto catalogue = office.engine().views().catalogue();
  const auto now = office.now();
  std::vector<Schedule> list;
  // Whatever has begun does not sell any more.
  for (const auto& ahead : catalogue->beginning_after(now)) {
    const auto& entry = *catalogue->performance(ahead.performance);
    const domain::Event& event = *catalogue->event(entry.performance.event);
    const auto seats = entry.seats->summary();
    if (!seats || now >= sales_window(event, entry.performance).closes_at) continue;
    list.push_back({.id = ahead.performance,
                    .concertId = event.id,
                    .name = event.title,
                    .date = ahead.at,
                    .leftSeat = seats->available});
  }
  std::ranges::sort(list, {}, &Schedule::id);
  co_return Response::json(200, list);
}

std::vector<ScheduleSeat> seats_of(const engine::SeatMap& map) {
  std::vector<ScheduleSeat> list;
  list.reserve(map.status.size());
  for (std::size_t i = 0; i < map.status.size(); ++i) {
    const engine::PlacedSeat& seat = map.layout->seats[i];
    list.push_back({.id = seat.id,
                    .number = {seat.label},
                    .price = seat.price,
                    .status = word_status(map.status[i])});
  }
  return list;
}

asio::awaitable<Response> seats(Office office, const Request& request) {
  if (const auto user = co_await token_user(office, request); !user) {
    co_return http::refuse(request, user.error());
  }
  const auto id = path_number<domain::PerformanceId>(request, "scheduleId");
  const auto found = co_await find_seat_map(office.services, id);
  if (!found) co_return http::refuse(request, found.error());
  if (!*found) co_return http::refuse(request, Problem(http::problems::kNotFound));
  const engine::SeatMap& map = ***found;
  auto make = [&map] { return Response::json(200, seats_of(map)); };
  co_return co_await rendered(office.services, request, map.status.size(), make);
}

// ---- buying ------------------------------------------------------------------------

asio::awaitable<Response> reserve(Office office, const Request& request) {
  const auto user = co_await token_user(office, request);
  if (!user) co_return http::refuse(request, user.error());
  const auto catalogue = office.engine().views().catalogue();
  const auto* entry =
      catalogue->performance(path_number<domain::PerformanceId>(request, "scheduleId"));
  if (!entry) co_return http::refuse(request, Problem(no_such_seat));
  const domain::Event& event = *catalogue->event(entry->performance.event);

  domain::Hold command{.user = *user, .event = event.id};
  command.seats.push_back({.performance = entry->performance.id,
                           .seat = path_number<domain::SeatId>(request, "seatId")});
  const auto held = co_await hold(office.services, std::move(command));
  if (!held) {
    co_return http::refuse(request,
                           reworded(held.error(), http::problems::kNotFound, no_such_seat));
  }
  const auto& [line, label] = held->lines.front();
  co_return Response::json(201, ScheduleReservation{.id = held->reservation.id,
                                                    .userId = *user,
                                                    .status = "reserved",
                                                    .expiredAt = held->reservation.expires_at,
                                                    .concertId = event.id,
                                                    .concertName = event.title,
                                                    .scheduleId = line.performance,
                                                    .scheduleDate = entry->performance.starts_at,
                                                    .seatId = line.seat,
                                                    .seatNumber = {label},
                                                    .seatPrice = line.price});
}

asio::awaitable<Response> pay(Office office, const Request& request) {
  const auto user = co_await token_user(office, request, /*completed=*/true);
  if (!user) co_return http::refuse(request, user.error());
  const auto seat_id = path_number<domain::SeatId>(request, "seatId");
  const auto found = co_await find_seat(office.services, seat_id);
  if (!found) co_return http::refuse(request, found.error());
  const auto schedule = path_number<domain::PerformanceId>(request, "scheduleId");
  if (!*found || (**found).seat.performance != schedule) {
    co_return http::refuse(request, Problem(no_such_seat));
  }
  const auto paid = co_await pay_with_seat(office.services, *user, (**found).seat);
  if (!paid) {
    co_return http::refuse(request,
                           reworded(paid.error(), http::problems::kNotFound, seat_not_free));
  }
  co_return Response::json(200, SchedulePayment{.id = paid->id,
                                                .reservationId = paid->id,
                                                .userId = *user,
                                                .seatId = seat_id,
                                                .amount = paid->total,
                                                .status = "paid",
                                                .paidAt = *paid->paid_at});
}

// ---- points ------------------------------------------------------------------------

asio::awaitable<Response> point(Office office, const Request& request) {
  const auto user = path_number<domain::UserId>(request, "userId");
  const auto balance = co_await balance_of(office.services, user);
  if (!balance) co_return http::refuse(request, balance.error());
  co_return Response::json(200, Point{.userId = user, .amount = *balance});
}

asio::awaitable<Response> charge_point(Office office, const Request& request, PointCharge body) {
  const auto user = path_number<domain::UserId>(request, "userId");
  const auto balance = co_await charge(office.services, user, body.amount);
  if (!balance) co_return http::refuse(request, balance.error());
  co_return Response::json(200, Point{.userId = user, .amount = *balance});
}

const http::PathParameter user_id{.name = "userId", .type = "integer", .example = "1"};
const http::PathParameter schedule_id{.name = "scheduleId", .type = "integer", .example = "1"};
const http::PathParameter seat_id{.name = "seatId", .type = "integer", .example = "1"};
constexpr const char* token_scheme = "queueToken";

}  // namespace

void add_schedules_routes(http::Router& router, const Office& office) {
  http::RouteGroup& group =
      router.group({.below = {"/api/queue", "/api/concerts", "/api/concert", "/api/point"},
                    .errors = word_error,
                    .error_schema = &http::schema_of<ScheduleError>,
                    .unknown = http::Unknown::ignore,
                    .ids_are_numbers = false});
  const std::string tag = tag_of("schedules");
  group.add<void, QueueToken>(
      {.path = "/api/queue/{userId}",
       .summary = "Enter the waiting room, or see where one stands: poll until `working`",
       .tag = tag,
       .problems = {&invalid_user, &problems::proof_of_work_required,
                    &http::problems::kTooManyRequests},
       .path_parameters = {user_id},
       .reply_example =
           R"({"token":"0190163d-8694-4b0f-9c64-1c3d3b1e6a10","status":"waiting","rank":12})"},
      [office](Request& request) { return queue(office, request); });
  group.add<void, std::vector<Schedule>>(
      {.path = "/api/concerts/schedule",
       .summary = "The schedules that can be reserved, with the seats that are left",
       .tag = tag,
       .problems = {&invalid_token},
       .bearer = token_scheme,
       .reply_example =
           R"([{"id":1,"concertId":1,"name":"콘서트","date":"2024-05-01T10:00:00.000Z","leftSeat":50}])"},
      [office](Request& request) { return schedules(office, request); });
  group.add<void, std::vector<ScheduleSeat>>(
      {.path = "/api/concert/schedule/{scheduleId}",
       .summary = "The seats of a schedule: able, reserved, soldout or closed",
       .tag = tag,
       .problems = {&invalid_token},
       .bearer = token_scheme,
       .path_parameters = {schedule_id},
       .reply_example = R"([{"id":1,"number":1,"price":70000,"status":"able"}])"},
      [office](Request& request) { return seats(office, request); });
  group.add<void, ScheduleReservation>(
      {.method = verb::post,
       .path = "/api/concert/schedule/{scheduleId}/seat/{seatId}/reservation",
       .summary = "Hold a seat",
       .tag = tag,
       .status = 201,
       .problems = {&invalid_token, &no_such_seat, &seat_not_free, &problems::sale_not_open,
                    &problems::insufficient_funds},
       .bearer = token_scheme,
       .path_parameters = {schedule_id, seat_id},
       .reply_example =
           R"({"id":1,"userId":1,"status":"reserved","expiredAt":"2024-04-15T00:05:00.000Z","concertId":1,"concertName":"콘서트","scheduleId":1,"scheduleDate":"2024-05-01T10:00:00.000Z","seatId":1,"seatNumber":1,"seatPrice":70000})"},
      [office](Request& request) { return reserve(office, request); });
  group.add<void, SchedulePayment>(
      {.method = verb::post,
       .path = "/api/concert/schedule/{scheduleId}/seat/{seatId}/pay",
       .summary = "Pay the held seat with points",
       .tag = tag,
       .problems = {&invalid_token, &no_such_seat, &seat_not_free, &problems::insufficient_funds},
       .bearer = token_scheme,
       .path_parameters = {schedule_id, seat_id},
       .reply_example =
           R"({"id":1,"reservationId":1,"userId":1,"seatId":1,"amount":70000,"status":"paid","paidAt":"2024-04-15T00:01:00.000Z"})"},
      [office](Request& request) { return pay(office, request); });
  group.add<void, Point>({.path = "/api/point/{userId}",
                          .summary = "The points of a user",
                          .tag = tag,
                          .problems = {&problems::user_not_found},
                          .path_parameters = {user_id},
                          .reply_example = R"({"userId":1,"amount":10000})"},
                         [office](Request& request) { return point(office, request); });
  group.add<PointCharge, Point>(
      {.method = verb::patch,
       .path = "/api/point/{userId}",
       .summary = "Charge points",
       .tag = tag,
       .problems = {&problems::user_not_found, &problems::balance_limit},
       .path_parameters = {user_id},
       .request_example = R"({"amount":10000})",
       .reply_example = R"({"userId":1,"amount":10000})"},
      [office](Request& request, PointCharge body) { return charge_point(office, request, body); });
}

}  // namespace onsale::api::dialects
