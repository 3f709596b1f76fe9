// What all dialects work with: the services, and the box office's rows in the forms that the
// documents share (numbers in paths, dates of the venue, seat numbers).
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/execute.h"
#include "api/services.h"
#include "api/visits.h"
#include "api/wire.h"
#include "domain/reservation.h"
#include "domain/wallet.h"
#include "http/router.h"

namespace onsale::api::dialects {

/// Copied into every handler.
struct Office {
  Services& services;
  domain::EventId default_event;

  [[nodiscard]] engine::Engine& engine() const { return services.engine; }
  [[nodiscard]] domain::Timestamp now() const { return services.engine.now(); }
};

/// The room that guards all they sell (dialects.md "Shared decisions").
inline constexpr domain::RoomId waiting_room{1};

/// Rows of one page, when all of a list is read.
inline constexpr std::size_t page_rows = 200;
/// Rows of a list that a document has whole: the newest are kept.
inline constexpr std::size_t list_rows_max = 10'000;

// ---- requests ----------------------------------------------------------------------

/// A positive decimal 64-bit number without sign or leading zero: an id. Else none.
[[nodiscard]] std::optional<std::int64_t> number_of(std::string_view text);

/// The id in a path, which names nothing if it is no number: then the id is 0, which nobody has.
template <class Id>
[[nodiscard]] Id path_number(const http::Request& request, std::string_view name) {
  return Id{number_of(request.path_text(name)).value_or(0)};
}

[[nodiscard]] bool carries_bearer(const http::Request& request);

/// The visit whose token the request carries as `Authorization: Bearer`; see find_visit.
[[nodiscard]] Found<Visit> bearer_visit(Services& services, const http::Request& request);

// ---- answers -----------------------------------------------------------------------

/// To an answer with a visitor's token: when to ask again, and that no cache may keep it.
[[nodiscard]] http::Response with_token(http::Response response, const Visit& visit);

/// "dialect: schedules".
[[nodiscard]] std::string tag_of(std::string_view dialect);

/// From here on a seat map is too much to write on an event loop.
inline constexpr std::size_t large_map_seats_min = 500;

/// `make()`, an answer that lists so many seats; a large one is made beside the event loops.
template <class Make>
[[nodiscard]] asio::awaitable<http::Response> rendered(Services& services,
                                                       const http::Request& request,
                                                       std::size_t seats, Make make) {
  if (seats < large_map_seats_min) co_return make();
  auto made = co_await services.rendering.run(make);
  if (!made) co_return http::refuse(request, http::overloaded());
  co_return std::move(*made);
}

// ---- catalogue ---------------------------------------------------------------------

/// A performance with its seats, as they are now.
struct Staging {
  const domain::Event* event = nullptr;
  const domain::Performance* performance = nullptr;
  std::shared_ptr<const engine::SeatMap> map;  ///< never null
  std::string date;                            ///< 2024-10-11, where the venue is
};

/// Those of an event that still sell or will, by time; none if there is no such event. They refer
/// to `catalogue`.
[[nodiscard]] std::vector<Staging> stagings_on_offer(const engine::Catalogue& catalogue,
                                                     domain::EventId event, domain::Timestamp now);

/// Those of an event that begin on that date, by time, whether they still sell or not.
[[nodiscard]] std::vector<domain::PerformanceId> performances_on(const engine::Catalogue& catalogue,
                                                                 domain::EventId event,
                                                                 std::string_view date);

/// The same with their seats, which may have to be read. They refer to `catalogue`, which must
/// outlive them.
[[nodiscard]] asio::awaitable<std::expected<std::vector<Staging>, http::Problem>> stagings_on(
    Services& services, const engine::Catalogue& catalogue, domain::EventId event,
    std::string_view date);

/// How many seats they have together.
[[nodiscard]] std::size_t seats_in(const std::vector<Staging>& stagings);

/// Is it a date, written 2024-10-11?
[[nodiscard]] bool is_date(std::string_view text);

/// "2024-10-06T12:00:00Z".
[[nodiscard]] std::string without_milliseconds(domain::Timestamp time);

/// A seat's label, which documents show as a number where it is one.
struct SeatNumber {
  std::string label;
};

// ---- users and money ---------------------------------------------------------------

/// Problems: user-not-found, and that the store cannot be read.
[[nodiscard]] asio::awaitable<std::expected<domain::Money, http::Problem>> balance_of(
    Services& services, domain::UserId user);
[[nodiscard]] asio::awaitable<std::expected<domain::User, http::Problem>> find_user(
    Services& services, domain::UserId user);

/// The newest transfers of a wallet, at most list_rows_max, oldest first.
[[nodiscard]] asio::awaitable<std::expected<std::vector<domain::Transfer>, http::Problem>>
newest_transfers(Services& services, domain::UserId user);

/// The balance after it. Problems: those of refusal_of(ChargeOutcome).
[[nodiscard]] asio::awaitable<std::expected<domain::Money, http::Problem>> charge(
    Services& services, domain::UserId user, domain::Money amount);

/// Holds. Problems: those of refusal_of(HoldOutcome), and user-not-found, which wins over them.
[[nodiscard]] asio::awaitable<std::expected<domain::HoldOutcome, http::Problem>> hold(
    Services& services, domain::Hold command);

/// The user's reservations that are held or paid as far as the store has written it down, by id,
/// at most list_rows_max.
[[nodiscard]] asio::awaitable<std::expected<std::vector<store::ReservationRow>, http::Problem>>
live_reservations(Services& services, domain::UserId user);

[[nodiscard]] Found<store::ReservationRow> find_reservation(Services& services,
                                                            domain::ReservationId reservation);

/// The seat with that id as the store has it, with what it belongs to; none if there is no such.
[[nodiscard]] Found<store::SeatOnMap> find_seat(Services& services, domain::SeatId seat);

/// Pays the reservation that has this seat. Problems: those of refusal_of(PayOutcome).
[[nodiscard]] asio::awaitable<std::expected<domain::Reservation, http::Problem>> pay_with_seat(
    Services& services, domain::UserId user, const domain::Seat& seat);

/// Pays all that the user holds. Problems: those of refusal_of(PayAllOutcome), wrong_amount in the
/// place of a mismatch, and user-not-found.
[[nodiscard]] asio::awaitable<std::expected<domain::PayAllOutcome, http::Problem>> pay_all(
    Services& services, domain::PayAll command);

}  // namespace onsale::api::dialects

namespace onsale::http {

template <>
struct Wire<api::dialects::SeatNumber> {
  using type = boost::json::value;
  static boost::json::value to(const api::dialects::SeatNumber& seat);
  static api::dialects::SeatNumber from(const boost::json::value& value);
  static boost::json::object schema() { return {{"type", {"integer", "string"}}}; }
};

}  // namespace onsale::http
