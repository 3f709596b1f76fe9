#include "store/postgres/writing.h"

#include <functional>

#include "store/journal_codec.h"

// Every statement takes its rows as arrays, one for each column. Updates count what they changed
// inside the database (see expect() in the schema), so that the whole batch goes in one piece.

namespace onsale::store::postgres {
namespace {

using namespace domain;
using enum RowState;

constexpr std::size_t journal_bytes_per_record = 256;

class Sender {
 public:
  explicit Sender(Connection& db) : db_(db) {}

  void send(const char* sql, const Values& values) { db_.send(sql, values); }

  /// `get` are members or functions, one for each column of the statement.
  template <class Row, class... Get>
  void all(const char* sql, const std::vector<const Row*>& rows, const Get&... get) {
    if (rows.empty()) return;
    Values values;
    (add_column(values, rows, get), ...);
    send(sql, values);
  }
  /// The same with the number of rows as the last value, for expect().
  template <class Row, class... Get>
  void counted(const char* sql, const std::vector<const Row*>& rows, const Get&... get) {
    if (rows.empty()) return;
    Values values;
    (add_column(values, rows, get), ...);
    values.add(std::ssize(rows));
    send(sql, values);
  }

  /// The same with the age of what may be replaced before that.
  template <class Row, class... Get>
  void replacing(Duration age, const char* sql, const std::vector<const Row*>& rows,
                 const Get&... get) {
    if (rows.empty()) return;
    Values values;
    (add_column(values, rows, get), ...);
    values.add(age);
    values.add(std::ssize(rows));
    send(sql, values);
  }

 private:
  template <class Row, class Get>
  static void add_column(Values& values, const std::vector<const Row*>& rows, const Get& get) {
    using Cell = std::remove_cvref_t<std::invoke_result_t<const Get&, const Row&>>;
    std::vector<Cell> column;
    column.reserve(rows.size());
    for (const Row* row : rows) column.push_back(std::invoke(get, *row));
    values.add(column);
  }

  Connection& db_;
};

template <class Key, class Row>
std::vector<const Row*> in(const Table<Key, Row>& table, RowState state) {
  std::vector<const Row*> rows;
  for (const auto& entry : table.entries()) {
    if (entry.state == state) rows.push_back(&entry.row);
  }
  return rows;
}

template <class Row>
std::vector<const Row*> all_of(const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  for (const Row& row : rows) pointers.push_back(&row);
  return pointers;
}

void send_people(Sender& to, const Rows& rows) {
  to.counted(
      "with changed as (update users t set email = w.email, name = w.name, "
      "password_hash = w.password_hash, role = w.role, created_at = w.created_at "
      "from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) "
      "as w (id, email, name, password_hash, role, created_at) where t.id = w.id returning 1) "
      "select expect((select count(*) from changed), $7, 'users_exist')",
      in(rows.users, changed), &User::id, &User::email, &User::name, &User::password_hash,
      &User::role, &User::created_at);
  to.all(
      "insert into users (id, email, name, password_hash, role, created_at) "
      "select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], "
      "$6::bigint[])",
      in(rows.users, added), &User::id, &User::email, &User::name, &User::password_hash,
      &User::role, &User::created_at);
}

void send_venues(Sender& to, const Rows& rows) {
  to.counted(
      "with changed as (update venues t set name = w.name, location = w.location, "
      "time_zone = w.time_zone from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) "
      "as w (id, name, location, time_zone) where t.id = w.id returning 1) "
      "select expect((select count(*) from changed), $5, 'venues_exist')",
      in(rows.venues, changed), &Venue::id, &Venue::name, &Venue::location, &Venue::time_zone);
  to.all(
      "insert into venues (id, name, location, time_zone) "
      "select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])",
      in(rows.venues, added), &Venue::id, &Venue::name, &Venue::location, &Venue::time_zone);
}

#define ONSALE_ROOM_ARRAYS                                                                         \
  "unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], "      \
  "$7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], " \
  "$14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], "     \
  "$20::bigint[])"

void send_rooms(Sender& to, const Rows& rows) {
  const auto own = [](auto member) {
    return [member](const WaitingRoom& r) { return r.policy.*member; };
  };
  using Own = RoomPolicyOverrides;
  const auto write = [&](const auto& send, const char* sql, RowState state) {
    send(sql, in(rows.rooms, state), &WaitingRoom::id, &WaitingRoom::name,
         own(&Own::active_sessions_max), own(&Own::admission_rate_per_minute),
         own(&Own::session_duration), own(&Own::claim_timeout), own(&Own::idle_timeout),
         own(&Own::entry_work), own(&Own::session_ends_on), own(&Own::order), &WaitingRoom::state,
         &WaitingRoom::opens_at, &WaitingRoom::draw_seed, &WaitingRoom::drawn_at,
         &WaitingRoom::next_number, &WaitingRoom::waiting_count, &WaitingRoom::active_count,
         &WaitingRoom::next_admission_us, &WaitingRoom::silence_from, &WaitingRoom::decided_at);
  };
  write(
      [&](const auto&... a) { to.counted(a...); },
      "with changed as (update waiting_rooms t set name = w.a2, active_sessions_max = w.a3, "
      "admission_rate_per_minute = w.a4, session_duration_ms = w.a5, claim_timeout_ms = w.a6, "
      "idle_timeout_ms = w.a7, entry_work = w.a8, session_ends_on = w.a9, order_by = w.a10, "
      "state = w.a11, opens_at = w.a12, draw_seed = w.a13, drawn_at = w.a14, "
      "next_number = w.a15, waiting_count = w.a16, active_count = w.a17, "
      "next_admission_us = w.a18, silence_from = w.a19, decided_at = w.a20 from " ONSALE_ROOM_ARRAYS
      " as w (a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, "
      "a19, a20) where t.id = w.a1 returning 1) "
      "select expect((select count(*) from changed), $21, 'waiting_rooms_exist')",
      changed);
  write([&](const auto&... a) { to.all(a...); },
        "insert into waiting_rooms (id, name, active_sessions_max, admission_rate_per_minute, "
        "session_duration_ms, claim_timeout_ms, idle_timeout_ms, entry_work, session_ends_on, "
        "order_by, state, opens_at, draw_seed, drawn_at, next_number, waiting_count, "
        "active_count, next_admission_us, silence_from, decided_at) select * "
        "from " ONSALE_ROOM_ARRAYS,
        added);
}
#undef ONSALE_ROOM_ARRAYS

void send_events(Sender& to, const Rows& rows) {
  const auto own = [](auto member) {
    return [member](const Event& r) { return r.policy.*member; };
  };
  using Own = SalesPolicyOverrides;
  const auto write = [&](const auto& send, const char* sql, RowState state) {
    send(sql, in(rows.events, state), &Event::id, &Event::title, &Event::artist, &Event::venue,
         &Event::room, &Event::sales_open_at, &Event::sales_close_at, own(&Own::hold_duration),
         own(&Own::seats_per_user_max), own(&Own::require_balance_at_hold));
  };
  write([&](const auto&... a) { to.counted(a...); },
        "with changed as (update events t set title = w.a2, artist = w.a3, venue_id = w.a4, "
        "room_id = w.a5, sales_open_at = w.a6, sales_close_at = w.a7, hold_duration_ms = w.a8, "
        "seats_per_user_max = w.a9, require_balance_at_hold = w.a10 from unnest($1::bigint[], "
        "$2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], "
        "$8::bigint[], $9::bigint[], $10::boolean[]) "
        "as w (a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) where t.id = w.a1 returning 1) "
        "select expect((select count(*) from changed), $11, 'events_exist')",
        changed);
  write([&](const auto&... a) { to.all(a...); },
        "insert into events (id, title, artist, venue_id, room_id, sales_open_at, sales_close_at, "
        "hold_duration_ms, seats_per_user_max, require_balance_at_hold) select * from "
        "unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], "
        "$7::bigint[], $8::bigint[], $9::bigint[], $10::boolean[])",
        added);
}

void send_performances(Sender& to, const Rows& rows) {
  const auto write = [&](const auto& send, const char* sql, RowState state) {
    using P = Performance;
    send(sql, in(rows.performances, state), &P::id, &P::event, &P::name, &P::starts_at,
         &P::sales_open_at, &P::sales_close_at, &P::seat_count);
  };
  write([&](const auto&... a) { to.counted(a...); },
        "with changed as (update performances t set event_id = w.a2, name = w.a3, "
        "starts_at = w.a4, sales_open_at = w.a5, sales_close_at = w.a6, seat_count = w.a7 "
        "from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], "
        "$6::bigint[], $7::bigint[]) as w (a1, a2, a3, a4, a5, a6, a7) where t.id = w.a1 "
        "returning 1) select expect((select count(*) from changed), $8, 'performances_exist')",
        changed);
  write([&](const auto&... a) { to.all(a...); },
        "insert into performances (id, event_id, name, starts_at, sales_open_at, sales_close_at, "
        "seat_count) select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], "
        "$5::bigint[], $6::bigint[], $7::bigint[])",
        added);
  to.counted(
      "with changed as (update price_tiers t set performance_id = w.a2, name = w.a3, "
      "price = w.a4 from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) "
      "as w (a1, a2, a3, a4) where t.id = w.a1 returning 1) "
      "select expect((select count(*) from changed), $5, 'price_tiers_exist')",
      in(rows.price_tiers, changed), &PriceTier::id, &PriceTier::performance, &PriceTier::name,
      &PriceTier::price);
  to.all(
      "insert into price_tiers (id, performance_id, name, price) select * from "
      "unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[])",
      in(rows.price_tiers, added), &PriceTier::id, &PriceTier::performance, &PriceTier::name,
      &PriceTier::price);
}

void send_accounts(Sender& to, const Rows& rows) {
  const auto id = [](const AccountRow& r) { return r.account.id; };
  const auto moved = in(rows.accounts, changed);
  // House accounts are not locked by the load. Here they are, in the order of ids, since an update
  // of several rows goes in no order.
  to.all("select id from accounts where id = any($1) order by id for update", moved, id);
  to.counted(
      "with changed as (update accounts t set balance = t.balance + w.difference "
      "from unnest($1::bigint[], $2::bigint[]) as w (id, difference) where t.id = w.id "
      "returning 1) select expect((select count(*) from changed), $3, 'accounts_exist')",
      moved, id, &AccountRow::difference);
  to.all(
      "insert into accounts (id, kind, owner, balance) select * from "
      "unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])",
      in(rows.accounts, added), id, [](const AccountRow& r) { return r.account.kind; },
      [](const AccountRow& r) { return r.account.owner; },
      [](const AccountRow& r) { return r.account.balance; });
}

void send_reservations(Sender& to, const Rows& rows) {
  using R = Reservation;
  to.counted(
      "with changed as (update reservations t set state = w.a2, total = w.a3, seat_count = w.a4, "
      "expires_at = w.a5, paid_at = w.a6, ended_at = w.a7 from unnest($1::bigint[], $2::text[], "
      "$3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) "
      "as w (a1, a2, a3, a4, a5, a6, a7) where t.id = w.a1 returning 1) "
      "select expect((select count(*) from changed), $8, 'reservations_exist')",
      in(rows.reservations, changed), &R::id, &R::state, &R::total, &R::seat_count, &R::expires_at,
      &R::paid_at, &R::ended_at);
  to.all(
      "insert into reservations (id, user_id, event_id, state, total, seat_count, created_at, "
      "expires_at, paid_at, ended_at, attendee_name) select * from unnest($1::bigint[], "
      "$2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], "
      "$8::bigint[], $9::bigint[], $10::bigint[], $11::text[])",
      in(rows.reservations, added), &R::id, &R::user, &R::event, &R::state, &R::total,
      &R::seat_count, &R::created_at, &R::expires_at, &R::paid_at, &R::ended_at, &R::attendee_name);
}

void send_seats(Sender& to, const Rows& rows, Timestamp now) {
  const auto moved = in(rows.seats, changed);
  if (!moved.empty()) {
    // The last condition is for a seat that changes hands within one batch: its owner's
    // reservation, written just before, is over by now.
    std::vector<SeatId> ids;
    std::vector<SeatStatus> status;
    std::vector<ReservationId> owners;
    std::vector<std::optional<Timestamp>> until;
    for (const Seat* seat : moved) {
      ids.push_back(seat->id);
      status.push_back(seat->status);
      owners.push_back(seat->reservation);
      until.push_back(seat->held_until);
    }
    to.send(
        "with changed as (update seats t set status = w.status, reservation_id = w.owner, "
        "held_until = w.until from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) "
        "as w (id, status, owner, until) where t.id = w.id and (w.owner is null "
        "or t.status = 'available' or t.reservation_id = w.owner "
        "or (t.status = 'held' and t.held_until <= $5) "
        "or (select state not in ('held', 'paid') from reservations where id = t.reservation_id)) "
        "returning 1) select expect((select count(*) from changed), $6, 'seats_one_owner')",
        Values(ids, status, owners, until, now, std::ssize(moved)));
  }
  const auto fresh = all_of(rows.new_seats);
  const auto seat = [](auto member) {
    return [member](const NewSeat& n) { return n.seat.*member; };
  };
  const auto place = [](auto member) {
    return [member](const NewSeat& n) { return n.place.*member; };
  };
  to.all(
      "insert into seats (id, performance_id, label, price, status, reservation_id, held_until) "
      "select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], "
      "$6::bigint[], $7::bigint[])",
      fresh, seat(&Seat::id), seat(&Seat::performance), seat(&Seat::label), seat(&Seat::price),
      seat(&Seat::status), seat(&Seat::reservation), seat(&Seat::held_until));
  to.all(
      "insert into seat_places (seat_id, performance_id, guid, section, row_name, number, tier_id, "
      "x, y) select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], "
      "$6::text[], $7::bigint[], $8::float8[], $9::float8[])",
      fresh, seat(&Seat::id), seat(&Seat::performance), place(&SeatPlace::guid),
      place(&SeatPlace::section), place(&SeatPlace::row), place(&SeatPlace::number),
      place(&SeatPlace::tier), place(&SeatPlace::x), place(&SeatPlace::y));
}

void send_visitors(Sender& to, const Rows& rows) {
  using V = Visitor;
  to.counted(
      "with changed as (update visitors t set state = w.a3, activated_at = w.a4, "
      "expires_at = w.a5, ended_at = w.a6, claimed = w.a7, deadline = w.a8 "
      "from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], "
      "$6::bigint[], $7::boolean[], $8::bigint[]) as w (a1, a2, a3, a4, a5, a6, a7, a8) "
      "where t.room_id = w.a1 and t.number = w.a2 returning 1) "
      "select expect((select count(*) from changed), $9, 'visitors_exist')",
      in(rows.visitors, changed), &V::room, &V::number, &V::state, &V::activated_at, &V::expires_at,
      &V::ended_at, &V::claimed, &V::deadline);
  to.all(
      "insert into visitors (room_id, number, token, user_id, order_key, state, issued_at, "
      "activated_at, expires_at, ended_at, claimed, deadline, browser_id) select * from "
      "unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[], "
      "$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::boolean[], $12::bigint[], "
      "$13::text[])",
      in(rows.visitors, added), &V::room, &V::number, &V::token, &V::user, &V::order_key, &V::state,
      &V::issued_at, &V::activated_at, &V::expires_at, &V::ended_at, &V::claimed, &V::deadline,
      &V::browser_id);
}

void send_tickets_and_lines(Sender& to, const Rows& rows) {
  using T = Ticket;
  using L = ReservationLine;
  to.all(
      "insert into tickets (id, reservation_id, seat_id, performance_id, user_id, state, "
      "issued_at) select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], "
      "$5::bigint[], $6::text[], $7::bigint[])",
      all_of(rows.new_tickets), &T::id, &T::reservation, &T::seat, &T::performance, &T::user,
      &T::state, &T::issued_at);
  to.counted(
      "with changed as (update reservation_lines t set price = w.a3, ticket_id = w.a4 "
      "from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as w (a1, a2, a3, a4) "
      "where t.reservation_id = w.a1 and t.seat_id = w.a2 returning 1) "
      "select expect((select count(*) from changed), $5, 'reservation_lines_exist')",
      in(rows.lines, changed), &L::reservation, &L::seat, &L::price, &L::ticket);
  to.all(
      "insert into reservation_lines (reservation_id, seat_id, performance_id, price, ticket_id) "
      "select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], "
      "$5::bigint[])",
      in(rows.lines, added), &L::reservation, &L::seat, &L::performance, &L::price, &L::ticket);
}

void send_transfers(Sender& to, const Rows& rows) {
  using T = Transfer;
  to.all(
      "insert into transfers (id, debit_id, credit_id, amount, cause, wallet_id, "
      "wallet_balance_after, reservation_id, seat_id, created_at) select * from "
      "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], "
      "$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])",
      all_of(rows.new_transfers), &T::id, &T::debit, &T::credit, &T::amount, &T::cause, &T::wallet,
      &T::wallet_balance_after, &T::reservation, &T::seat, &T::created_at);
}

void send_idempotency(Sender& to, const Rows& rows) {
  using R = IdempotencyRecord;
  to.replacing(
      idempotency_kept,
      "with changed as (insert into idempotency as t (user_id, route, key, fingerprint, status, "
      "body, created_at) select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], "
      "$5::bigint[], $6::text[], $7::bigint[]) "
      "on conflict (user_id, route, key) do update set fingerprint = excluded.fingerprint, "
      "status = excluded.status, body = excluded.body, created_at = excluded.created_at "
      "where t.created_at <= excluded.created_at - $8 returning 1) "
      "select expect((select count(*) from changed), $9, 'idempotency_key_unique')",
      all_of(rows.new_idempotency), [](const R& r) { return r.key.user.value; },
      [](const R& r) { return r.key.route; }, [](const R& r) { return r.key.key; }, &R::fingerprint,
      &R::status, &R::body, &R::created_at);
}

void send_all(Sender& to, const Rows& rows, Timestamp now) {
  send_people(to, rows);
  send_venues(to, rows);
  send_rooms(to, rows);
  send_events(to, rows);
  send_performances(to, rows);
  send_accounts(to, rows);
  send_reservations(to, rows);
  send_seats(to, rows, now);
  send_visitors(to, rows);
  send_tickets_and_lines(to, rows);
  send_transfers(to, rows);
  send_idempotency(to, rows);
}

std::string text_of(const std::vector<Record>& records) {
  std::string text;
  text.reserve(records.size() * journal_bytes_per_record);
  write_records(records, text);
  return text;
}

}  // namespace

void send_rows(Connection& db, const Rows& rows, BatchId batch, Timestamp now) {
  Sender to(db);
  send_all(to, rows, now);
  to.send("insert into journal (batch_id, at, records) values ($1, $2, $3) returning id",
          Values(batch, now, text_of(rows.records)));
}

void send_part(Connection& db, const Part& part) {
  Sender to(db);
  send_all(to, part.rows, {});
  to.all("insert into secrets (name, value) select * from unnest($1::text[], $2::text[])",
         all_of(part.secrets), &Secret::name, &Secret::value);
  to.all(
      "insert into journal (id, batch_id, at, records) overriding system value "
      "select * from unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::text[])",
      all_of(part.journal), &JournalEntry::id, &JournalEntry::batch, &JournalEntry::at,
      [](const JournalEntry& entry) { return text_of(entry.records); });
}

}  // namespace onsale::store::postgres
