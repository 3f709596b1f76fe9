// The shapes of the native API, each described once: parsed, written and documented from here.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/altcha.h"
#include "api/visits.h"
#include "api/wire.h"
#include "domain/model.h"
#include "domain/reservation.h"
#include "engine/views/catalogue.h"
#include "http/json.h"
#include "http/rules.h"
#include "store/store.h"

namespace onsale::api::v1 {

using domain::Money;
using http::Timestamp;

// ---- lists -------------------------------------------------------------------------

/// Query of every list: `?limit=50&after=<next of the page before>`.
struct ListQuery {
  std::int64_t after = 0;
  std::int64_t limit = 50;

  [[nodiscard]] store::Page page() const {
    return {.after = after, .limit = static_cast<std::size_t>(limit) + 1};
  }
};
BOOST_DESCRIBE_STRUCT(ListQuery, (), (after, limit))
constexpr auto rules(const ListQuery*) {
  return http::rule_list(
      http::rule("after").min(0).defaulted().doc("The `next` of the page before."),
      http::rule("limit").min(1).max(200).defaulted());
}

template <class Item>
struct List {
  std::vector<Item> items;
  std::optional<std::int64_t> next;
  BOOST_DESCRIBE_CLASS(List, (), (items, next), (), ())
};

/// Words rows that were read with one more than the limit; that one says there is a next page.
template <class Item, class Row, class Word, class IdOf>
List<Item> list_of(const std::vector<Row>& rows, const ListQuery& query, Word word, IdOf id_of) {
  List<Item> list;
  for (const Row& row : rows) {
    if (list.items.size() == static_cast<std::size_t>(query.limit)) {
      list.next = id_of(rows[list.items.size() - 1]);
      break;
    }
    list.items.push_back(word(row));
  }
  return list;
}

// ---- identity ----------------------------------------------------------------------

struct SignUp {
  std::string email;
  std::string password;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(SignUp, (), (email, password, name))
constexpr auto rules(const SignUp*) {
  return http::rule_list(http::rule("email").email(),
                         http::rule("password").min_length(6).max_length(128),
                         http::rule("name").not_empty().max_length(200));
}

struct SignIn {
  std::string email;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(SignIn, (), (email, password))
constexpr auto rules(const SignIn*) {
  return http::rule_list(http::rule("email").not_empty().max_length(254),
                         http::rule("password").not_empty().max_length(128));
}

struct UserBody {
  domain::UserId id;
  std::string email;
  std::string name;
  std::string role;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(UserBody, (), (id, email, name, role, created_at))
[[nodiscard]] UserBody body_of(const domain::User& user);

struct SessionBody {
  std::string access_token;
  std::string token_type = "Bearer";
  Timestamp expires_at;
  UserBody user;
};
BOOST_DESCRIBE_STRUCT(SessionBody, (), (access_token, token_type, expires_at, user))

// ---- catalogue ---------------------------------------------------------------------

struct VenueBody {
  domain::VenueId id;
  std::string name;
  std::string location;
  std::string time_zone;
};
BOOST_DESCRIBE_STRUCT(VenueBody, (), (id, name, location, time_zone))
[[nodiscard]] VenueBody body_of(const domain::Venue& venue);

struct EventBody {
  domain::EventId id;
  std::string title;
  std::string artist;
  VenueBody venue;
  domain::RoomId waiting_room_id;
  Timestamp sales_open_at;
  std::optional<Timestamp> sales_close_at;
  bool on_sale = false;
  std::int64_t seats_per_user_max = 0;
  std::int64_t hold_seconds = 0;
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(EventBody, (),
                      (id, title, artist, venue, waiting_room_id, sales_open_at, sales_close_at,
                       on_sale, seats_per_user_max, hold_seconds, currency))

struct PriceTierBody {
  std::string name;
  Money price;
};
BOOST_DESCRIBE_STRUCT(PriceTierBody, (), (name, price))
constexpr auto rules(const PriceTierBody*) {
  return http::rule_list(http::rule("name").not_empty().max_length(100),
                         http::rule("price").min(0).max(1'000'000'000'000));
}

struct PerformanceBody {
  domain::PerformanceId id;
  domain::EventId event_id;
  std::string name;
  Timestamp starts_at;
  Timestamp sales_open_at;
  Timestamp sales_close_at;
  bool on_sale = false;
  std::int64_t seats_total = 0;
  std::int64_t seats_available = 0;
  Money price_from;
  std::string currency;
  std::vector<PriceTierBody> price_tiers;
};
BOOST_DESCRIBE_STRUCT(PerformanceBody, (),
                      (id, event_id, name, starts_at, sales_open_at, sales_close_at, on_sale,
                       seats_total, seats_available, price_from, currency, price_tiers))

/// What the catalogue's bodies need beside their own row.
struct CatalogueWords {
  const engine::Catalogue& catalogue;
  const domain::Policy& policy;
  const std::string& currency;
  Timestamp now;

  [[nodiscard]] EventBody body_of(const domain::Event& event) const;
  [[nodiscard]] PerformanceBody body_of(const engine::Catalogue::PerformanceEntry& entry) const;
};

// ---- seats -------------------------------------------------------------------------

/// For the documentation; the text itself is made by SeatMapText.
struct SeatBody {
  domain::SeatId id;
  std::string label;
  std::string section;
  std::string row;
  std::string price_tier;
  Money price;
  double x = 0;
  double y = 0;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(SeatBody, (), (id, label, section, row, price_tier, price, x, y, status))

struct SeatMapBody {
  domain::PerformanceId performance_id;
  std::int64_t version = 0;
  std::vector<SeatBody> seats;
};
BOOST_DESCRIBE_STRUCT(SeatMapBody, (), (performance_id, version, seats))

struct SeatMapQuery {
  std::optional<std::int64_t> since;
};
BOOST_DESCRIBE_STRUCT(SeatMapQuery, (), (since))
constexpr auto rules(const SeatMapQuery*) {
  return http::rule_list(http::rule("since").min(0).doc(
      "Only the seats that changed after this version; all of them if that is too long ago."));
}

// ---- waiting room ------------------------------------------------------------------

/// Says nothing, or nothing at all, unless the room asks for a proof of work.
struct EnterRequest {
  std::optional<std::string> altcha;
};
BOOST_DESCRIBE_STRUCT(EnterRequest, (), (altcha))
constexpr auto rules(const EnterRequest*) {
  return http::rule_list(
      http::rule("altcha")
          .max_length(altcha_payload_max)
          .doc(
              "The solution of a challenge, where the room asks for one: base64 of the JSON object "
              "{algorithm, challenge, number, salt, signature}. May be sent as the header "
              "`Altcha` instead."));
}

struct VisitorBody {
  std::string token;
  domain::RoomId room_id;
  std::int64_t number = 0;
  std::string state;
  std::optional<std::int64_t> position;
  std::optional<std::int64_t> people_behind;
  std::optional<std::int64_t> estimated_wait;      ///< seconds
  std::optional<std::int64_t> estimated_wait_min;  ///< seconds
  std::optional<std::int64_t> estimated_wait_max;  ///< seconds
  std::optional<std::int64_t> admissions_per_minute;
  std::optional<std::int64_t> seats_left;
  Timestamp issued_at;
  std::optional<Timestamp> activated_at;
  std::optional<Timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(VisitorBody, (),
                      (token, room_id, number, state, position, people_behind, estimated_wait,
                       estimated_wait_min, estimated_wait_max, admissions_per_minute, seats_left,
                       issued_at, activated_at, expires_at))
[[nodiscard]] VisitorBody body_of(const Visit& visit);

// ---- reservations and tickets ------------------------------------------------------

struct SeatChoice {
  domain::PerformanceId performance_id;
  domain::SeatId seat_id;
};
BOOST_DESCRIBE_STRUCT(SeatChoice, (), (performance_id, seat_id))

struct HoldRequest {
  domain::EventId event_id;
  std::vector<SeatChoice> seats;
  std::optional<std::string> attendee_name;
};
BOOST_DESCRIBE_STRUCT(HoldRequest, (), (event_id, seats, attendee_name))
constexpr auto rules(const HoldRequest*) {
  return http::rule_list(
      http::rule("seats").min_items(1).max_items(domain::seats_per_reservation_max),
      http::rule("attendee_name")
          .not_empty()
          .max_length(domain::attendee_name_length_max)
          .doc("Printed on the tickets; without one, the user's own name counts."));
}

struct LineBody {
  domain::PerformanceId performance_id;
  domain::SeatId seat_id;
  std::string label;
  Money price;
  std::optional<domain::TicketId> ticket_id;
};
BOOST_DESCRIBE_STRUCT(LineBody, (), (performance_id, seat_id, label, price, ticket_id))

struct ReservationBody {
  domain::ReservationId id;
  domain::EventId event_id;
  std::string state;
  Money total;
  std::string currency;
  Timestamp created_at;
  Timestamp expires_at;
  std::optional<Timestamp> paid_at;
  std::optional<std::string> attendee_name;
  std::vector<LineBody> lines;
};
BOOST_DESCRIBE_STRUCT(ReservationBody, (),
                      (id, event_id, state, total, currency, created_at, expires_at, paid_at,
                       attendee_name, lines))
[[nodiscard]] ReservationBody body_of(const domain::Reservation& reservation,
                                      const std::vector<domain::LineView>& lines,
                                      const std::string& currency);
[[nodiscard]] ReservationBody body_of(const store::ReservationRow& row, Timestamp now,
                                      const std::string& currency);

struct PaymentRequest {
  std::optional<Money> amount;
  bool cancel_if_short = false;
};
BOOST_DESCRIBE_STRUCT(PaymentRequest, (), (amount, cancel_if_short))
constexpr auto rules(const PaymentRequest*) {
  return http::rule_list(http::rule("amount").min(0).doc("If given, must be the total."),
                         http::rule("cancel_if_short")
                             .defaulted()
                             .doc("Whether a wallet that does not cover it gives the seats back."));
}

/// All that was held, paid at once.
struct PaymentBody {
  Money total;
  std::string currency;
  Money balance;
  std::vector<ReservationBody> reservations;
};
BOOST_DESCRIBE_STRUCT(PaymentBody, (), (total, currency, balance, reservations))

struct TicketBody {
  domain::TicketId id;
  domain::ReservationId reservation_id;
  domain::EventId event_id;
  std::string event_title;
  domain::PerformanceId performance_id;
  std::string performance_name;
  std::optional<Timestamp> starts_at;
  std::string venue;
  domain::SeatId seat_id;
  std::string label;
  std::string section;
  std::string row;
  Money price;
  std::string currency;
  std::optional<std::string> attendee_name;
  std::string state;
  Timestamp issued_at;
};
BOOST_DESCRIBE_STRUCT(TicketBody, (),
                      (id, reservation_id, event_id, event_title, performance_id, performance_name,
                       starts_at, venue, seat_id, label, section, row, price, currency,
                       attendee_name, state, issued_at))
[[nodiscard]] TicketBody body_of(const store::TicketRow& row, const engine::Catalogue& catalogue,
                                 const std::string& currency);

// ---- wallet ------------------------------------------------------------------------

struct WalletBody {
  Money balance;
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(WalletBody, (), (balance, currency))

struct ChargeRequest {
  Money amount;
  std::optional<std::string> currency;
};
BOOST_DESCRIBE_STRUCT(ChargeRequest, (), (amount, currency))
constexpr auto rules(const ChargeRequest*) {
  return http::rule_list(http::rule("amount").min(1).doc("Minor units of the currency."),
                         http::rule("currency").max_length(3));
}

struct ChargeBody {
  domain::TransferId transfer_id;
  Money amount;
  Money balance;
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(ChargeBody, (), (transfer_id, amount, balance, currency))

struct TransferBody {
  domain::TransferId id;
  Timestamp created_at;
  Money amount;  ///< as the wallet sees it: negative for a payment
  std::string cause;
  std::optional<domain::ReservationId> reservation_id;
  std::optional<domain::SeatId> seat_id;
  Money balance_after;
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(TransferBody, (),
                      (id, created_at, amount, cause, reservation_id, seat_id, balance_after,
                       currency))
[[nodiscard]] TransferBody body_of(const domain::Transfer& transfer, const std::string& currency);

// ---- organiser ---------------------------------------------------------------------

struct NewVenue {
  std::string name;
  std::string location;
  std::string time_zone;
};
BOOST_DESCRIBE_STRUCT(NewVenue, (), (name, location, time_zone))
constexpr auto rules(const NewVenue*) {
  return http::rule_list(http::rule("name").not_empty().max_length(200),
                         http::rule("location").max_length(500),
                         http::rule("time_zone").not_empty().max_length(64).example("Asia/Seoul"));
}

struct NewEvent {
  std::string title;
  std::string artist;
  domain::VenueId venue_id;
  std::optional<domain::RoomId> waiting_room_id;
  Timestamp sales_open_at;
  std::optional<Timestamp> sales_close_at;
  std::optional<std::int64_t> seats_per_user_max;
  std::optional<std::int64_t> hold_seconds;
  std::optional<bool> require_balance_at_hold;
};
BOOST_DESCRIBE_STRUCT(NewEvent, (),
                      (title, artist, venue_id, waiting_room_id, sales_open_at, sales_close_at,
                       seats_per_user_max, hold_seconds, require_balance_at_hold))
constexpr auto rules(const NewEvent*) {
  return http::rule_list(
      http::rule("title").not_empty().max_length(300), http::rule("artist").max_length(300),
      http::rule("seats_per_user_max").min(1).max(domain::seats_per_reservation_max),
      http::rule("hold_seconds").min(1).max(86'400));
}

struct NewPerformance {
  domain::EventId event_id;
  std::string name;
  Timestamp starts_at;
  std::optional<Timestamp> sales_open_at;
  std::optional<Timestamp> sales_close_at;
  std::vector<PriceTierBody> price_tiers;
};
BOOST_DESCRIBE_STRUCT(NewPerformance, (),
                      (event_id, name, starts_at, sales_open_at, sales_close_at, price_tiers))
constexpr auto rules(const NewPerformance*) {
  return http::rule_list(http::rule("name").not_empty().max_length(300),
                         http::rule("price_tiers").min_items(1).max_items(100));
}

struct ImportedPlan {
  domain::PerformanceId performance_id;
  std::int64_t seats = 0;
};
BOOST_DESCRIBE_STRUCT(ImportedPlan, (), (performance_id, seats))

}  // namespace onsale::api::v1
