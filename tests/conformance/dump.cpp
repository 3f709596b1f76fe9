#include "tests/conformance/dump.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <type_traits>

#include "store/journal_codec.h"
#include "tests/conformance/backend.h"

namespace onsale::testing {

namespace {

std::string word(std::int64_t v) { return std::to_string(v); }
std::string word(bool v) { return v ? "yes" : "no"; }
std::string word(double v) { return fmt::format("{}", v); }
std::string word(const std::string& v) { return "'" + v + "'"; }
std::string word(domain::Money v) { return std::to_string(v.minor); }
std::string word(domain::Timestamp v) { return std::to_string(domain::to_millis(v)); }
std::string word(domain::Duration v) { return std::to_string(v.count()); }
std::string word(const domain::VisitorToken& v) {
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

}  // namespace

std::string text(const domain::User& r) {
  return line("user", r.id, r.email, r.name, r.password_hash, r.role, r.created_at);
}

std::string text(const domain::Venue& r) {
  return line("venue", r.id, r.name, r.location, r.time_zone);
}

std::string text(const domain::WaitingRoom& r) {
  const auto& p = r.policy;
  return line("room", r.id, r.name, p.active_sessions_max, p.admission_rate_per_minute,
              p.session_duration, p.claim_timeout, p.idle_timeout, p.entry_work, p.session_ends_on,
              p.order, r.state, r.opens_at, r.draw_seed, r.drawn_at, r.next_number, r.waiting_count,
              r.active_count, r.next_admission_us, r.silence_from, r.decided_at);
}

std::string text(const domain::Event& r) {
  return line("event", r.id, r.title, r.artist, r.venue, r.room, r.sales_open_at, r.sales_close_at,
              r.policy.hold_duration, r.policy.seats_per_user_max,
              r.policy.require_balance_at_hold);
}

std::string text(const domain::Performance& r) {
  return line("performance", r.id, r.event, r.name, r.starts_at, r.sales_open_at, r.sales_close_at,
              r.seat_count);
}

std::string text(const domain::PriceTier& r) {
  return line("tier", r.id, r.performance, r.name, r.price);
}

std::string text(const domain::Seat& r) {
  return line("seat", r.id, r.performance, r.label, r.price, r.status, r.reservation, r.held_until);
}

std::string text(const store::SeatOnMap& r) {
  const auto& p = r.place;
  return text(r.seat) + line(" place", p.guid, p.section, p.row, p.number, p.tier, p.x, p.y);
}

std::string text(const domain::Visitor& r) {
  return line("visitor", r.token, r.room, r.user, r.number, r.order_key, r.state, r.issued_at,
              r.activated_at, r.expires_at, r.ended_at, r.claimed, r.deadline, r.browser_id);
}

std::string text(const domain::Reservation& r) {
  return line("reservation", r.id, r.user, r.event, r.state, r.total, r.seat_count, r.created_at,
              r.expires_at, r.paid_at, r.ended_at, r.attendee_name);
}

std::string text(const domain::ReservationLine& r) {
  return line("line", r.reservation, r.seat, r.performance, r.price, r.ticket);
}

std::string text(const domain::Ticket& r) {
  return line("ticket", r.id, r.reservation, r.seat, r.performance, r.user, r.state, r.issued_at);
}

std::string text(const domain::Account& r) {
  return line("account", r.id, r.kind, r.owner, r.balance);
}

std::string text(const domain::Transfer& r) {
  return line("transfer", r.id, r.debit, r.credit, r.amount, r.cause, r.wallet,
              r.wallet_balance_after, r.reservation, r.seat, r.created_at);
}

std::string text(const store::JournalEntry& r) {
  std::string records;
  store::write_records(r.records, records);
  return line("journal", r.id, r.batch, r.at, records);
}

std::string text(const store::ReservationRow& r) {
  std::string all = text(r.reservation);
  for (const auto& line : r.lines) all += "\n  " + text(line.line) + " " + line.label;
  return all;
}

std::string text(const store::TicketRow& r) {
  return text(r.ticket) +
         line("", r.label, r.section, r.row, r.number, r.price, r.event, r.attendee_name);
}

std::vector<std::string> dump(store::Reader& reader) {
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
