#include "api/dialects/office.h"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <charconv>
#include <iterator>

#include "api/dialects/words.h"
#include "api/problems.h"
#include "api/refusals.h"
#include "api/seat_maps.h"
#include "api/time_zone.h"

namespace onsale::api::dialects {
namespace {

constexpr std::string_view bearer_scheme = "Bearer ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A number made of that many digits, or none.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::string_view zone_of(const engine::Catalogue& catalogue, const domain::Event& event) {
  const auto venue = catalogue.venues.find(event.venue);
  return venue == catalogue.venues.end() ? "UTC" : std::string_view(venue->second.time_zone);
}

/// None if there is no such day.
std::optional<std::chrono::sys_days> day_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last || value <= 0 || text.front() == '0') return std::nullopt;
  return value;
}

bool carries_bearer(const http::Request& request) {
  return boost::algorithm::istarts_with(request.header(http::field::authorization), bearer_scheme);
}

Found<Visit> bearer_visit(Services& services, const http::Request& request) {
  if (!carries_bearer(request)) co_return std::nullopt;
  const std::string_view header = request.header(http::field::authorization);
  const auto rest = header.substr(bearer_scheme.size());
  const auto token = parse_token(rest.substr(std::min(rest.find_first_not_of(' '), rest.size())));
  if (!token) co_return std::nullopt;
  co_return co_await find_visit(services, *token);
}

http::Response with_token(http::Response response, const Visit& visit) {
  return with_retry_after(std::move(response).with("Cache-Control", "no-store"), visit);
}

std::string tag_of(std::string_view dialect) { return "dialect: " + std::string(dialect); }

std::vector<Staging> stagings_on_offer(const engine::Catalogue& catalogue, domain::EventId id,
                                       domain::Timestamp now) {
  std::vector<Staging> stagings;
  const domain::Event* event = catalogue.event(id);
  if (!event) return stagings;
  const std::string_view zone = zone_of(catalogue, *event);
  // Whatever has begun does not sell any more.
  for (const auto& ahead : catalogue.beginning_after(id, now)) {
    const auto& entry = *catalogue.performance(ahead.performance);
    auto map = entry.seats->get();
    if (!map || now >= sales_window(*event, entry.performance).closes_at) continue;
    stagings.push_back({.event = event,
                        .performance = &entry.performance,
                        .map = std::move(map),
                        .date = local_date(zone, ahead.at)});
  }
  return stagings;
}

std::vector<domain::PerformanceId> performances_on(const engine::Catalogue& catalogue,
                                                   domain::EventId id, std::string_view date) {
  std::vector<domain::PerformanceId> found;
  const domain::Event* event = catalogue.event(id);
  const auto day = day_of(date);
  if (!event || !day) return found;
  const std::string_view zone = zone_of(catalogue, *event);
  // Wherever it is that day, it is so within a day of what it is in UTC.
  const domain::Timestamp midnight = *day;
  const domain::Timestamp last = midnight + std::chrono::days{2};
  for (const auto& [at, performance] :
       catalogue.beginning_after(id, midnight - std::chrono::days{1})) {
    if (at > last) break;
    if (local_date(zone, at) == date) found.push_back(performance);
  }
  return found;
}

asio::awaitable<std::expected<std::vector<Staging>, http::Problem>> stagings_on(
    Services& services, const engine::Catalogue& catalogue, domain::EventId id,
    std::string_view date) {
  std::vector<Staging> stagings;
  for (const domain::PerformanceId performance : performances_on(catalogue, id, date)) {
    const auto map = co_await find_seat_map(services, performance);
    if (!map) co_return std::unexpected(map.error());
    if (!*map) continue;
    stagings.push_back({.event = catalogue.event(id),
                        .performance = &catalogue.performance(performance)->performance,
                        .map = **map,
                        .date = std::string(date)});
  }
  co_return stagings;
}

std::size_t seats_in(const std::vector<Staging>& stagings) {
  std::size_t seats = 0;
  for (const Staging& staging : stagings) seats += staging.map->status.size();
  return seats;
}

bool is_date(std::string_view text) { return day_of(text).has_value(); }

std::string without_milliseconds(domain::Timestamp time) {
  std::string text = http::format_timestamp(time);
  text.replace(text.size() - 5, 5, "Z");  // of "12:00:00.000Z"
  return text;
}

asio::awaitable<std::expected<domain::Money, http::Problem>> balance_of(Services& services,
                                                                        domain::UserId user) {
  const auto found =
      co_await services.reads.run([user](store::Reader& reader) { return reader.wallet(user); });
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return std::unexpected(unknown_user());
  co_return (**found).balance;
}

asio::awaitable<std::expected<domain::User, http::Problem>> find_user(Services& services,
                                                                      domain::UserId user) {
  auto found =
      co_await services.reads.run([user](store::Reader& reader) { return reader.user(user); });
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return std::unexpected(unknown_user());
  co_return **std::move(found);
}

asio::awaitable<std::expected<std::vector<domain::Transfer>, http::Problem>> newest_transfers(
    Services& services, domain::UserId user) {
  co_return co_await services.reads.run(
      [user](store::Reader& reader) -> store::Result<std::vector<domain::Transfer>> {
        std::vector<domain::Transfer> all;
        store::Page page{.after = 0, .limit = page_rows, .newest_first = true};
        while (all.size() < list_rows_max) {
          auto rows = reader.transfers_of_wallet(user, page);
          if (!rows) return std::unexpected(rows.error());
          if (rows->empty()) break;
          page.after = rows->back().id.value;
          all.insert(all.end(), rows->begin(), rows->end());
        }
        std::ranges::reverse(all);
        return all;
      });
}

asio::awaitable<std::expected<domain::Money, http::Problem>> charge(Services& services,
                                                                    domain::UserId user,
                                                                    domain::Money amount) {
  const auto outcome =
      co_await decided(services.engine, domain::Charge{.user = user, .amount = amount});
  if (!outcome) co_return std::unexpected(outcome.error());
  if (auto refused = refusal_of(*outcome, services.engine.policy())) {
    co_return std::unexpected(*std::move(refused));
  }
  co_return outcome->transfer.wallet_balance_after;
}

asio::awaitable<std::expected<domain::HoldOutcome, http::Problem>> hold(Services& services,
                                                                        domain::Hold command) {
  const domain::UserId user = command.user;
  auto outcome = co_await decided(services.engine, std::move(command));
  if (!outcome) co_return std::unexpected(outcome.error());
  auto refused = refusal_of(*outcome, services.engine, user);
  if (!refused) co_return std::move(*outcome);
  if (outcome->result == domain::HoldResult::not_admitted ||
      outcome->result == domain::HoldResult::event_not_found) {
    // Nobody in particular is told more than that there is no such user.
    if (auto known = co_await find_user(services, user); !known) {
      co_return std::unexpected(std::move(known.error()));
    }
  }
  co_return std::unexpected(*std::move(refused));
}

asio::awaitable<std::expected<std::vector<store::ReservationRow>, http::Problem>> live_reservations(
    Services& services, domain::UserId user) {
  co_return co_await services.reads.run(
      [user](store::Reader& reader) -> store::Result<std::vector<store::ReservationRow>> {
        std::vector<store::ReservationRow> all;
        store::Page page{.after = 0, .limit = page_rows};
        while (all.size() < list_rows_max) {
          auto rows = reader.reservations_of(user, page, store::ReservationsWanted::held_or_paid);
          if (!rows) return std::unexpected(rows.error());
          if (rows->empty()) break;
          page.after = rows->back().reservation.id.value;
          std::ranges::move(*rows, std::back_inserter(all));
        }
        return all;
      });
}

Found<store::ReservationRow> find_reservation(Services& services,
                                              domain::ReservationId reservation) {
  co_return co_await services.reads.run(
      [reservation](store::Reader& reader) { return reader.reservation(reservation); });
}

Found<store::SeatOnMap> find_seat(Services& services, domain::SeatId seat) {
  co_return co_await services.reads.run(
      [seat](store::Reader& reader) { return reader.seat(seat); });
}

asio::awaitable<std::expected<domain::Reservation, http::Problem>> pay_with_seat(
    Services& services, domain::UserId user, const domain::Seat& seat) {
  const domain::Pay command{.reservation = seat.reservation, .user = user, .amount = {}};
  const auto outcome = co_await decided(services.engine, command);
  if (!outcome) co_return std::unexpected(outcome.error());
  if (auto refused = refusal_of(*outcome)) co_return std::unexpected(*std::move(refused));
  co_return outcome->reservation;
}

asio::awaitable<std::expected<domain::PayAllOutcome, http::Problem>> pay_all(
    Services& services, domain::PayAll command) {
  auto outcome = co_await decided(services.engine, command);
  if (!outcome) co_return std::unexpected(outcome.error());
  if (outcome->result == domain::PayAllResult::nothing_held) {
    if (auto known = co_await find_user(services, command.user); !known) {
      co_return std::unexpected(std::move(known.error()));
    }
  }
  if (outcome->result == domain::PayAllResult::amount_mismatch) {
    co_return std::unexpected(http::Problem(wrong_amount));
  }
  if (auto refused = refusal_of(*outcome)) co_return std::unexpected(*std::move(refused));
  co_return std::move(*outcome);
}

}  // namespace onsale::api::dialects

namespace onsale::http {

boost::json::value Wire<api::dialects::SeatNumber>::to(const api::dialects::SeatNumber& seat) {
  if (seat.label == "0") return 0;
  if (const auto number = api::dialects::number_of(seat.label)) return *number;
  return boost::json::string(seat.label);
}

api::dialects::SeatNumber Wire<api::dialects::SeatNumber>::from(const boost::json::value& value) {
  return {.label = value.is_string() ? std::string(value.get_string()) : serialize(value)};
}

}  // namespace onsale::http
