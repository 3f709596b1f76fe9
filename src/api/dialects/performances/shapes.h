// The shapes of document 000, in and out, and its own examples of them.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/wire.h"
#include "http/json.h"

namespace onsale::api::dialects::performances {

using domain::Money;
using http::Timestamp;

struct PerformanceError {
  std::string message;
  std::string error;
  std::int64_t statusCode = 0;
};
BOOST_DESCRIBE_STRUCT(PerformanceError, (), (message, error, statusCode))

struct PerformanceSignIn {
  std::string email_address;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(PerformanceSignIn, (), (email_address, password))
constexpr auto rules(const PerformanceSignIn*) {
  return http::rule_list(http::rule("email_address").not_empty().max_length(254),
                         http::rule("password").not_empty().max_length(128));
}

struct UserAccess {
  std::string accessToken;
};
BOOST_DESCRIBE_STRUCT(UserAccess, (), (accessToken))

/// Somebody who is in: times in milliseconds since 1970.
struct QueueData {
  std::string id;
  std::int64_t issued_timestamp = 0;
  std::int64_t active_timestamp = 0;
  std::int64_t expire_timestamp = 0;
  std::int64_t rank = 0;
};
BOOST_DESCRIBE_STRUCT(QueueData, (),
                      (id, issued_timestamp, active_timestamp, expire_timestamp, rank))

struct QueuePlace {
  std::string id;
  std::int64_t issued_timestamp = 0;
  std::int64_t rank = 0;
};
BOOST_DESCRIBE_STRUCT(QueuePlace, (), (id, issued_timestamp, rank))

struct PleaseWait {
  std::string message = "Please wait for your order to arrive.";
  QueuePlace queue_data;
  std::int64_t statusCode = 202;
};
BOOST_DESCRIBE_STRUCT(PleaseWait, (), (message, queue_data, statusCode))

template <class Data>
struct WithQueue {
  Data data;
  QueueData queue_data;
  BOOST_DESCRIBE_CLASS(WithQueue, (), (data, queue_data), (), ())
};

struct Stage {
  std::string name;
  std::string location;
};
BOOST_DESCRIBE_STRUCT(Stage, (), (name, location))

struct StagingDate {
  domain::PerformanceId id;
  Timestamp staging_date;
  std::int64_t reserveable_seats_count = 0;
};
BOOST_DESCRIBE_STRUCT(StagingDate, (), (id, staging_date, reserveable_seats_count))

struct PerformanceSeat {
  domain::SeatId id;
  std::string seat_number;
  Money price;
  std::string_view reservation_status;
};
BOOST_DESCRIBE_STRUCT(PerformanceSeat, (), (id, seat_number, price, reservation_status))

/// A date with the one seat of it that is somebody's.
struct StagingSeat {
  domain::PerformanceId id;
  Timestamp staging_date;
  PerformanceSeat seat;
};
BOOST_DESCRIBE_STRUCT(StagingSeat, (), (id, staging_date, seat))

template <class Staging>
struct PerformanceOf {
  domain::EventId id;
  std::string title;
  std::string artist;
  Timestamp ticketing_start_date;
  Stage stage;
  std::vector<Staging> performance_staging_date;
  BOOST_DESCRIBE_CLASS(PerformanceOf, (),
                       (id, title, artist, ticketing_start_date, stage, performance_staging_date),
                       (), ())
};
using PerformanceList = WithQueue<std::vector<PerformanceOf<StagingDate>>>;
using SeatList = WithQueue<std::vector<PerformanceSeat>>;
using ReservedList = WithQueue<std::vector<PerformanceOf<StagingSeat>>>;

struct SeatChoice {
  domain::SeatId performance_seat_id;
};
BOOST_DESCRIBE_STRUCT(SeatChoice, (), (performance_seat_id))

struct TakenSeat {
  std::string seat_number;
  Money price;
  std::string_view reservation_status;
};
BOOST_DESCRIBE_STRUCT(TakenSeat, (), (seat_number, price, reservation_status))

struct Taken {
  std::string result = "success";
  TakenSeat data;
  QueueData queue_data;
};
BOOST_DESCRIBE_STRUCT(Taken, (), (result, data, queue_data))

struct CashBalance {
  Money balance;
};
BOOST_DESCRIBE_STRUCT(CashBalance, (), (balance))

struct CashCharge {
  Money amount;
};
BOOST_DESCRIBE_STRUCT(CashCharge, (), (amount))
constexpr auto rules(const CashCharge*) { return http::rule_list(http::rule("amount").min(1)); }

struct CashCharged {
  std::string result = "success";
  Money balance;
};
BOOST_DESCRIBE_STRUCT(CashCharged, (), (result, balance))

struct PaymentEntry {
  Timestamp date_created;
  Money amount;  ///< as the wallet sees it: negative for a payment
  std::string_view cause;
  std::optional<domain::SeatId> performance_seat_id;
};
BOOST_DESCRIBE_STRUCT(PaymentEntry, (), (date_created, amount, cause, performance_seat_id))

struct PaidSeat {
  std::string result = "success";
  domain::SeatId performance_seat_id;
};
BOOST_DESCRIBE_STRUCT(PaidSeat, (), (result, performance_seat_id))

// ---- examples ----------------------------------------------------------------------

inline constexpr const char* waiting_example =
    R"({"message":"Please wait for your order to arrive.","queue_data":{"id":"{UUID}","issued_timestamp":1570543163783,"rank":10},"statusCode":202})";
inline constexpr const char* list_example =
    R"({"data":[{"id":1,"title":"공연 제목","artist":"출연자","ticketing_start_date":"2024-04-15T00:00:00.000Z","stage":{"name":"공연장 이름","location":"공연장 위치"},"performance_staging_date":[{"id":1,"staging_date":"2024-05-01T00:00:00.000Z","reserveable_seats_count":10}]}],"queue_data":{"id":"{UUID}","issued_timestamp":1570543163783,"active_timestamp":1570543213783,"expire_timestamp":1570543263783,"rank":0}})";
inline constexpr const char* seats_example =
    R"({"data":[{"id":1,"seat_number":"1","price":70000,"reservation_status":"AVAILABLE"}],"queue_data":{"id":"{UUID}","issued_timestamp":1570543163783,"active_timestamp":1570543213783,"expire_timestamp":1570543263783,"rank":0}})";
inline constexpr const char* taken_example =
    R"({"result":"success","data":{"seat_number":"1","price":70000,"reservation_status":"TEMPORARY_RESERVED"},"queue_data":{"id":"{UUID}","issued_timestamp":1570543163783,"active_timestamp":1570543213783,"expire_timestamp":1570543263783,"rank":0}})";
inline constexpr const char* reserved_example =
    R"({"data":[{"id":1,"title":"공연 제목","artist":"출연자","ticketing_start_date":"2024-04-15T00:00:00.000Z","stage":{"name":"공연장 이름","location":"공연장 위치"},"performance_staging_date":[{"id":1,"staging_date":"2024-05-01T00:00:00.000Z","seat":{"id":1,"seat_number":"1","price":70000,"reservation_status":"TEMPORARY_RESERVED"}}]}],"queue_data":{"id":"{UUID}","issued_timestamp":1570543163783,"active_timestamp":1570543213783,"expire_timestamp":1570543263783,"rank":0}})";
inline constexpr const char* history_example =
    R"([{"date_created":"2024-04-08T00:00:00.000Z","amount":20000,"cause":"CHARGED_BY_USER","performance_seat_id":null},{"date_created":"2024-04-08T00:00:00.000Z","amount":-100000,"cause":"PEYMENT_PERFORMANCE_SEAT","performance_seat_id":1}])";

}  // namespace onsale::api::dialects::performances
