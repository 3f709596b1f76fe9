// The shapes of document 003, in and out, and examples of them.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/dialects/office.h"
#include "api/wire.h"
#include "http/json.h"

namespace onsale::api::dialects::customers {

using domain::Money;
using http::Timestamp;

struct CustomerError {
  std::string code;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(CustomerError, (), (code, message))

// ---- customers ---------------------------------------------------------------------

struct CustomerRequest {
  domain::UserId customerId;
};
BOOST_DESCRIBE_STRUCT(CustomerRequest, (), (customerId))

struct WaitingPlace {
  domain::UserId customerId;
  std::int64_t watingNumber = 0;
  std::string_view status;
  std::int64_t remainingTime = 0;  ///< seconds
  std::string token;
};
BOOST_DESCRIBE_STRUCT(WaitingPlace, (), (customerId, watingNumber, status, remainingTime, token))

struct PointBalance {
  domain::UserId customerId;
  Money balance;
};
BOOST_DESCRIBE_STRUCT(PointBalance, (), (customerId, balance))

/// The least the document lets one charge; it has its own message for less.
inline constexpr Money charge_min{10};

struct ChargeRequest {
  domain::UserId customerId;
  Money amount;
};
BOOST_DESCRIBE_STRUCT(ChargeRequest, (), (customerId, amount))

// ---- concerts ----------------------------------------------------------------------

struct Option {
  domain::PerformanceId optionId;
  std::string optionName;
  Timestamp performAt;
  Money price;  ///< the lowest
  std::int64_t capacityLimit = 0;
  std::int64_t totalSeats = 0;
};
BOOST_DESCRIBE_STRUCT(Option, (),
                      (optionId, optionName, performAt, price, capacityLimit, totalSeats))

struct OptionList {
  domain::EventId concertId;
  std::string title;
  std::string artist;
  std::vector<Option> performances;
};
BOOST_DESCRIBE_STRUCT(OptionList, (), (concertId, title, artist, performances))

struct OptionSeats {
  domain::EventId concertId;
  domain::PerformanceId optionId;
  std::string title;
  std::string artist;
  Timestamp performAt;
  std::int64_t totalSeats = 0;
  std::vector<domain::SeatId> seats;
};
BOOST_DESCRIBE_STRUCT(OptionSeats, (),
                      (concertId, optionId, title, artist, performAt, totalSeats, seats))

// ---- reservations ------------------------------------------------------------------

struct Reserver {
  domain::UserId customerId;
  std::string reserverName;
};
BOOST_DESCRIBE_STRUCT(Reserver, (), (customerId, reserverName))
constexpr auto rules(const Reserver*) {
  return http::rule_list(
      http::rule("reserverName").not_empty().max_length(domain::attendee_name_length_max));
}

struct OptionSeat {
  domain::PerformanceId optionId;
  domain::SeatId seatId;
};
BOOST_DESCRIBE_STRUCT(OptionSeat, (), (optionId, seatId))

struct ReserveRequest {
  Reserver reserver;
  domain::EventId concertId;
  std::vector<OptionSeat> performances;
};
BOOST_DESCRIBE_STRUCT(ReserveRequest, (), (reserver, concertId, performances))
constexpr auto rules(const ReserveRequest*) {
  return http::rule_list(
      http::rule("performances").min_items(1).max_items(domain::seats_per_reservation_max));
}

struct OptionTicket {
  std::string reserverName;
  domain::EventId concertId;
  std::string concertName;
  domain::PerformanceId optionId;
  std::string optionName;
  Timestamp performAt;
  Money optionPrice;
  std::string_view status;
  domain::SeatId seatId;
  SeatNumber seatNumber;
  domain::ReservationId reservationId;
  Timestamp reservedAt;
};
BOOST_DESCRIBE_STRUCT(OptionTicket, (),
                      (reserverName, concertId, concertName, optionId, optionName, performAt,
                       optionPrice, status, seatId, seatNumber, reservationId, reservedAt))

struct ReservedTickets {
  std::vector<OptionTicket> tickets;
};
BOOST_DESCRIBE_STRUCT(ReservedTickets, (), (tickets))

/// The one way to pay that there is.
enum class PayMethod { POINT };
BOOST_DESCRIBE_ENUM(PayMethod, POINT)

struct PayEntry {
  PayMethod payMethod = PayMethod::POINT;
  Money payAmount;
};
BOOST_DESCRIBE_STRUCT(PayEntry, (), (payMethod, payAmount))
constexpr auto rules(const PayEntry*) {
  return http::rule_list(http::rule("payAmount").min(1).max(domain::wallet_balance_max.minor));
}

struct PayRequest {
  domain::UserId customerId;
  std::vector<PayEntry> pay;
};
BOOST_DESCRIBE_STRUCT(PayRequest, (), (customerId, pay))
constexpr auto rules(const PayRequest*) {
  return http::rule_list(http::rule("pay").min_items(1).max_items(100));
}

struct PaidTickets {
  domain::UserId customerId;
  std::vector<OptionTicket> tickets;
  std::vector<PayEntry> pay;
};
BOOST_DESCRIBE_STRUCT(PaidTickets, (), (customerId, tickets, pay))

// ---- examples ----------------------------------------------------------------------

inline constexpr const char* customer_example = R"({"customerId":1})";
inline constexpr const char* waiting_example =
    R"({"customerId":1,"watingNumber":12,"status":"WAITING","remainingTime":180,"token":"0190163d-8694-4b0f-9c64-1c3d3b1e6a10"})";
inline constexpr const char* options_example =
    R"({"concertId":1,"title":"콘서트","artist":"출연자","performances":[{"optionId":1,"optionName":"1회차","performAt":"2024-08-01T10:00:00.000Z","price":70000,"capacityLimit":50,"totalSeats":50}]})";
inline constexpr const char* option_seats_example =
    R"({"concertId":1,"optionId":1,"title":"콘서트","artist":"출연자","performAt":"2024-08-01T10:00:00.000Z","totalSeats":50,"seats":[1,2,3]})";
inline constexpr const char* reserve_example =
    R"({"reserver":{"customerId":1,"reserverName":"김하늘"},"concertId":1,"performances":[{"optionId":1,"seatId":1}]})";
inline constexpr const char* reserved_example =
    R"({"tickets":[{"reserverName":"김하늘","concertId":1,"concertName":"콘서트","optionId":1,"optionName":"1회차","performAt":"2024-08-01T10:00:00.000Z","optionPrice":70000,"status":"RESERVED","seatId":1,"seatNumber":1,"reservationId":1,"reservedAt":"2024-07-01T10:00:00.000Z"}]})";
inline constexpr const char* paid_example =
    R"({"customerId":1,"tickets":[{"reserverName":"김하늘","concertId":1,"concertName":"콘서트","optionId":1,"optionName":"1회차","performAt":"2024-08-01T10:00:00.000Z","optionPrice":70000,"status":"PAID","seatId":1,"seatNumber":1,"reservationId":1,"reservedAt":"2024-07-01T10:00:00.000Z"}],"pay":[{"payMethod":"POINT","payAmount":70000}]})";

}  // namespace onsale::api::dialects::customers
