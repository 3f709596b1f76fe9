#include "store/sqlite/writing.h"
#include "store/sqlite/writing_each.h"

// What is written rarely: people, the catalogue, rooms (once per batch) and whole plans.

namespace onsale::store::sqlite {
namespace {

using namespace domain;

constexpr TableSql users_sql{
    .update =
        "update users set email = ?2, name = ?3, password_hash = ?4, role = ?5, "
        "created_at = ?6 where id = ?1",
    .insert =
        "insert into users (id, email, name, password_hash, role, created_at) "
        "values (?1, ?2, ?3, ?4, ?5, ?6)",
    .exists_guard = "users_exist"};

constexpr TableSql venues_sql{
    .update = "update venues set name = ?2, location = ?3, time_zone = ?4 where id = ?1",
    .insert = "insert into venues (id, name, location, time_zone) values (?1, ?2, ?3, ?4)",
    .exists_guard = "venues_exist"};

constexpr TableSql rooms_sql{
    .update =
        "update waiting_rooms set name = ?2, active_sessions_max = ?3, "
        "admission_rate_per_minute = ?4, session_duration_ms = ?5, claim_timeout_ms = ?6, "
        "idle_timeout_ms = ?7, entry_work = ?8, session_ends_on = ?9, order_by = ?10, state = ?11, "
        "opens_at = ?12, "
        "draw_seed = ?13, drawn_at = ?14, next_number = ?15, waiting_count = ?16, "
        "active_count = ?17, next_admission_us = ?18, silence_from = ?19, decided_at = ?20 "
        "where id = ?1",
    .insert =
        "insert into waiting_rooms (id, name, active_sessions_max, "
        "admission_rate_per_minute, session_duration_ms, claim_timeout_ms, "
        "idle_timeout_ms, entry_work, session_ends_on, order_by, state, opens_at, draw_seed, "
        "drawn_at, "
        "next_number, waiting_count, active_count, next_admission_us, silence_from, "
        "decided_at) "
        "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
        "?19, ?20)",
    .exists_guard = "waiting_rooms_exist"};

constexpr TableSql events_sql{
    .update =
        "update events set title = ?2, artist = ?3, venue_id = ?4, room_id = ?5, "
        "sales_open_at = ?6, sales_close_at = ?7, hold_duration_ms = ?8, "
        "seats_per_user_max = ?9, require_balance_at_hold = ?10 where id = ?1",
    .insert =
        "insert into events (id, title, artist, venue_id, room_id, sales_open_at, "
        "sales_close_at, hold_duration_ms, seats_per_user_max, require_balance_at_hold) "
        "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    .exists_guard = "events_exist"};

constexpr TableSql performances_sql{
    .update =
        "update performances set event_id = ?2, name = ?3, starts_at = ?4, "
        "sales_open_at = ?5, sales_close_at = ?6, seat_count = ?7 where id = ?1",
    .insert =
        "insert into performances (id, event_id, name, starts_at, sales_open_at, "
        "sales_close_at, seat_count) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    .exists_guard = "performances_exist"};

constexpr TableSql price_tiers_sql{
    .update = "update price_tiers set performance_id = ?2, name = ?3, price = ?4 where id = ?1",
    .insert = "insert into price_tiers (id, performance_id, name, price) values (?1, ?2, ?3, ?4)",
    .exists_guard = "price_tiers_exist"};

}  // namespace

void Writing::people_and_catalogue(const Rows& rows) {
  write_table(db_, rows.users, users_sql, [](Statement& s, const User& r) {
    s.bind(r.id, r.email, r.name, r.password_hash, r.role, r.created_at);
  });
  write_table(db_, rows.venues, venues_sql,
              [](Statement& s, const Venue& r) { s.bind(r.id, r.name, r.location, r.time_zone); });
  write_table(db_, rows.rooms, rooms_sql, [](Statement& s, const WaitingRoom& r) {
    const RoomPolicyOverrides& own = r.policy;
    s.bind(r.id, r.name, own.active_sessions_max, own.admission_rate_per_minute,
           own.session_duration, own.claim_timeout, own.idle_timeout, own.entry_work,
           own.session_ends_on, own.order, r.state, r.opens_at, r.draw_seed, r.drawn_at,
           r.next_number, r.waiting_count, r.active_count, r.next_admission_us, r.silence_from,
           r.decided_at);
  });
  write_table(db_, rows.events, events_sql, [](Statement& s, const Event& r) {
    s.bind(r.id, r.title, r.artist, r.venue, r.room, r.sales_open_at, r.sales_close_at,
           r.policy.hold_duration, r.policy.seats_per_user_max, r.policy.require_balance_at_hold);
  });
  write_table(db_, rows.performances, performances_sql, [](Statement& s, const Performance& r) {
    s.bind(r.id, r.event, r.name, r.starts_at, r.sales_open_at, r.sales_close_at, r.seat_count);
  });
  write_table(db_, rows.price_tiers, price_tiers_sql, [](Statement& s, const PriceTier& r) {
    s.bind(r.id, r.performance, r.name, r.price);
  });
}

void Writing::new_seats(const Rows& rows) {
  if (rows.new_seats.empty()) return;
  Statement& seat = db_.statement(
      "insert into seats (id, performance_id, label, price, status, reservation_id, held_until) "
      "values (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  Statement& place = db_.statement(
      "insert into seat_places (seat_id, performance_id, guid, section, row_name, number, "
      "tier_id, x, y) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  for (const auto& [s, p] : rows.new_seats) {
    seat.bind(s.id, s.performance, s.label, s.price, s.status, s.reservation, s.held_until).run();
    place.bind(s.id, s.performance, p.guid, p.section, p.row, p.number, p.tier, p.x, p.y).run();
  }
}

}  // namespace onsale::store::sqlite
