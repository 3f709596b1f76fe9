// The columns of each kind of row, by the names that all stores on SQL give them, and how they
// become the domain's structs. The order of the columns is the order of the fields. What a store
// reads them from has `into(fields...)`, from left to right.
#pragma once

#include "domain/model.h"
#include "store/sql.h"

namespace onsale::store {

inline constexpr Sql user_columns{"id, email, name, password_hash, role, created_at"};
inline constexpr auto read_user = [](auto&& c) {
  domain::User row;
  c.into(row.id, row.email, row.name, row.password_hash, row.role, row.created_at);
  return row;
};

inline constexpr Sql venue_columns{"id, name, location, time_zone"};
inline constexpr auto read_venue = [](auto&& c) {
  domain::Venue row;
  c.into(row.id, row.name, row.location, row.time_zone);
  return row;
};

inline constexpr Sql room_columns{
    "id, name, active_sessions_max, admission_rate_per_minute, session_duration_ms, "
    "claim_timeout_ms, idle_timeout_ms, entry_work, session_ends_on, order_by, state, opens_at, "
    "draw_seed, "
    "drawn_at, next_number, waiting_count, active_count, next_admission_us, silence_from, "
    "decided_at"};
inline constexpr auto read_room = [](auto&& c) {
  domain::WaitingRoom row;
  c.into(row.id, row.name, row.policy.active_sessions_max, row.policy.admission_rate_per_minute,
         row.policy.session_duration, row.policy.claim_timeout, row.policy.idle_timeout,
         row.policy.entry_work, row.policy.session_ends_on, row.policy.order, row.state,
         row.opens_at, row.draw_seed, row.drawn_at, row.next_number, row.waiting_count,
         row.active_count, row.next_admission_us, row.silence_from, row.decided_at);
  return row;
};

inline constexpr Sql event_columns{
    "id, title, artist, venue_id, room_id, sales_open_at, sales_close_at, hold_duration_ms, "
    "seats_per_user_max, require_balance_at_hold"};
inline constexpr auto read_event = [](auto&& c) {
  domain::Event row;
  c.into(row.id, row.title, row.artist, row.venue, row.room, row.sales_open_at, row.sales_close_at,
         row.policy.hold_duration, row.policy.seats_per_user_max,
         row.policy.require_balance_at_hold);
  return row;
};

inline constexpr Sql performance_columns{
    "id, event_id, name, starts_at, sales_open_at, sales_close_at, seat_count"};
inline constexpr auto read_performance = [](auto&& c) {
  domain::Performance row;
  c.into(row.id, row.event, row.name, row.starts_at, row.sales_open_at, row.sales_close_at,
         row.seat_count);
  return row;
};

inline constexpr Sql price_tier_columns{"id, performance_id, name, price"};
inline constexpr auto read_price_tier = [](auto&& c) {
  domain::PriceTier row;
  c.into(row.id, row.performance, row.name, row.price);
  return row;
};

inline constexpr Sql seat_columns{
    "s.id, s.performance_id, s.label, s.price, s.status, s.reservation_id, s.held_until"};
inline constexpr auto read_seat = [](auto&& c) {
  domain::Seat row;
  c.into(row.id, row.performance, row.label, row.price, row.status, row.reservation,
         row.held_until);
  return row;
};

inline constexpr Sql seat_place_columns{
    "p.guid, p.section, p.row_name, p.number, p.tier_id, p.x, p.y"};
inline constexpr auto read_seat_place = [](auto&& c) {
  domain::SeatPlace row;
  c.into(row.guid, row.section, row.row, row.number, row.tier, row.x, row.y);
  return row;
};

inline constexpr Sql visitor_columns{
    "token, room_id, user_id, number, order_key, state, issued_at, activated_at, expires_at, "
    "ended_at, "
    "claimed, deadline, browser_id"};
inline constexpr auto read_visitor = [](auto&& c) {
  domain::Visitor row;
  c.into(row.token, row.room, row.user, row.number, row.order_key, row.state, row.issued_at,
         row.activated_at, row.expires_at, row.ended_at, row.claimed, row.deadline, row.browser_id);
  return row;
};

inline constexpr Sql reservation_columns{
    "id, user_id, event_id, state, total, seat_count, created_at, expires_at, paid_at, ended_at, "
    "attendee_name"};
inline constexpr auto read_reservation = [](auto&& c) {
  domain::Reservation row;
  c.into(row.id, row.user, row.event, row.state, row.total, row.seat_count, row.created_at,
         row.expires_at, row.paid_at, row.ended_at, row.attendee_name);
  return row;
};

inline constexpr Sql line_columns{
    "l.reservation_id, l.seat_id, l.performance_id, l.price, l.ticket_id"};
inline constexpr auto read_line = [](auto&& c) {
  domain::ReservationLine row;
  c.into(row.reservation, row.seat, row.performance, row.price, row.ticket);
  return row;
};

inline constexpr Sql ticket_columns{
    "t.id, t.reservation_id, t.seat_id, t.performance_id, t.user_id, t.state, t.issued_at"};
inline constexpr auto read_ticket = [](auto&& c) {
  domain::Ticket row;
  c.into(row.id, row.reservation, row.seat, row.performance, row.user, row.state, row.issued_at);
  return row;
};

inline constexpr Sql account_columns{"id, kind, owner, balance"};
inline constexpr auto read_account = [](auto&& c) {
  domain::Account row;
  c.into(row.id, row.kind, row.owner, row.balance);
  return row;
};

inline constexpr Sql transfer_columns{
    "id, debit_id, credit_id, amount, cause, wallet_id, wallet_balance_after, reservation_id, "
    "seat_id, created_at"};
inline constexpr auto read_transfer = [](auto&& c) {
  domain::Transfer row;
  c.into(row.id, row.debit, row.credit, row.amount, row.cause, row.wallet, row.wallet_balance_after,
         row.reservation, row.seat, row.created_at);
  return row;
};

inline constexpr Sql idempotency_columns{
    "user_id, route, key, fingerprint, status, body, created_at"};
inline constexpr auto read_idempotency = [](auto&& c) {
  domain::IdempotencyRecord row;
  c.into(row.key.user, row.key.route, row.key.key, row.fingerprint, row.status, row.body,
         row.created_at);
  return row;
};

}  // namespace onsale::store
