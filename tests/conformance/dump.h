// Everything a store holds as lines of text, to compare stores and to see that nothing
// was left behind.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "store/journal_codec.h"
#include "store/store.h"
#include "tests/conformance/backend.h"

namespace onsale::testing {

namespace detail {

inline std::string word(std::int64_t v) { return std::to_string(v); }
inline std::string word(bool v) { return v ? "yes" : "no"; }
inline std::string word(double v) { return fmt::format("{}", v); }
inline std::string word(const std::string& v) { return "'" + v + "'"; }
inline std::string word(domain::Money v) { return std::to_string(v.minor); }
inline std::string word(domain::Timestamp v) { return std::to_string(domain::to_millis(v)); }
inline std::string word(domain::Duration v) { return std::to_string(v.count()); }
inline std::string word(const domain::VisitorToken& v) {
  std::string text;
  for (const std::uint8_t byte : v) text += fmt::format("{:02x}", byte);
  return text;
}
template <class Tag>
std::string word(domain::Id<Tag> v) {
  return std::to_string(v.value);
}
template <class Enum>
  requires std::is_enum_v<Enum>
std::string word(Enum v) {
  return std::string(domain::to_text(v));
}
template <class T>
std::string word(const std::optional<T>& v) {
  return v ? word(*v) : "-";
}
template <class... T>
std::string line(const char* kind, const T&... values) {
  std::string text = kind;
  ((text += ' ', text += word(values)), ...);
  return text;
}

}  // namespace detail

inline std::string text(const domain::User& r) {
  return detail::line("user", r.id, r.email, r.name, r.password_hash, r.role, r.created_at);
}
inline std::string text(const domain::Venue& r) {
  return detail::line("venue", r.id, r.name, r.location, r.time_zone);
}
inline std::string text(const domain::WaitingRoom& r) {
  const auto& p = r.policy;
  return detail::line("room", r.id, r.name, p.active_sessions_max, p.admission_rate_per_minute,
                      p.session_duration, p.claim_timeout, p.idle_timeout, p.entry_work,
                      p.session_ends_on, p.order, r.state, r.opens_at, r.draw_seed, r.drawn_at,
                      r.next_number, r.waiting_count, r.active_count, r.next_admission_us);
}
inline std::string text(const domain::Event& r) {
  return detail::line("event", r.id, r.title, r.artist, r.venue, r.room, r.sales_open_at,
                      r.sales_close_at, r.policy.hold_duration, r.policy.seats_per_user_max,
                      r.policy.require_balance_at_hold);
}
inline std::string text(const domain::Performance& r) {
  return detail::line("performance", r.id, r.event, r.name, r.starts_at, r.sales_open_at,
                      r.sales_close_at, r.seat_count);
}
inline std::string text(const domain::PriceTier& r) {
  return detail::line("tier", r.id, r.performance, r.name, r.price);
}
inline std::string text(const domain::Seat& r) {
  return detail::line("seat", r.id, r.performance, r.label, r.price, r.status, r.reservation,
                      r.held_until);
}
inline std::string text(const store::SeatOnMap& r) {
  const auto& p = r.place;
  return text(r.seat) +
         detail::line(" place", p.guid, p.section, p.row, p.number, p.tier, p.x, p.y);
}
inline std::string text(const domain::Visitor& r) {
  return detail::line("visitor", r.token, r.room, r.user, r.number, r.order_key, r.state,
                      r.issued_at, r.activated_at, r.expires_at, r.ended_at, r.claimed, r.deadline,
                      r.browser_id);
}
inline std::string text(const domain::Reservation& r) {
  return detail::line("reservation", r.id, r.user, r.event, r.state, r.total, r.seat_count,
                      r.created_at, r.expires_at, r.paid_at, r.ended_at, r.attendee_name);
}
inline std::string text(const domain::ReservationLine& r) {
  return detail::line("line", r.reservation, r.seat, r.performance, r.price, r.ticket);
}
inline std::string text(const domain::Ticket& r) {
  return detail::line("ticket", r.id, r.reservation, r.seat, r.performance, r.user, r.state,
                      r.issued_at);
}
inline std::string text(const domain::Account& r) {
  return detail::line("account", r.id, r.kind, r.owner, r.balance);
}
inline std::string text(const domain::Transfer& r) {
  return detail::line("transfer", r.id, r.debit, r.credit, r.amount, r.cause, r.wallet,
                      r.wallet_balance_after, r.reservation, r.seat, r.created_at);
}
inline std::string text(const store::JournalEntry& r) {
  std::string records;
  store::write_records(r.records, records);
  return detail::line("journal", r.id, r.batch, r.at, records);
}
inline std::string text(const store::ReservationRow& r) {
  std::string all = text(r.reservation);
  for (const auto& line : r.lines) all += "\n  " + text(line.line) + " " + line.label;
  return all;
}
inline std::string text(const store::TicketRow& r) {
  return text(r.ticket) +
         detail::line("", r.label, r.section, r.row, r.number, r.price, r.event, r.attendee_name);
}

/// All rows of the store, table by table in the order promised.
inline std::vector<std::string> dump(store::Reader& reader) {
  std::vector<std::string> lines;
  const auto add = [&](const auto& row) { lines.push_back(text(row)); };
  must(reader.each_user(add));
  must(reader.each_venue(add));
  must(reader.each_room(add));
  must(reader.each_event(add));
  must(reader.each_performance(add));
  must(reader.each_price_tier(add));
  must(reader.each_seat({}, add));
  must(reader.each_visitor(false, add));
  must(reader.each_reservation(add));
  must(reader.each_line(add));
  must(reader.each_ticket(add));
  must(reader.each_account(add));
  must(reader.each_transfer(add));
  must(reader.each_journal_entry({}, add));
  return lines;
}

}  // namespace onsale::testing
