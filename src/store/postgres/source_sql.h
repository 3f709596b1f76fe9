// The statements of PostgresSource.
#pragma once

#include "store/columns.h"

namespace onsale::store::postgres {

// The shapes of these statements follow the order and the reasons in source.h. What a list of keys
// leads to is found inside the statement (the room of an event, the seats of a reservation), so
// that nothing has to be asked first.

inline constexpr auto rooms_sql =
    Sql("select ") + room_columns + " from waiting_rooms where id = any($1) order by id for update";
inline constexpr auto rooms_led_to_sql =
    Sql("select ") + room_columns +
    " from waiting_rooms where id = any($1) "
    "or id in (select room_id from events where id = any($2)) "
    "or id in (select e.room_id from performances p join events e on e.id = p.event_id "
    "where p.id = any($3)) "
    "or id in (select room_id from visitors where token = any($4)) "
    "or id in (select e.room_id from reservations r join events e on e.id = r.event_id "
    "where r.id = any($5)) "
    "or id in (select e.room_id from reservations r join events e on e.id = r.event_id "
    "where r.user_id = any($6) and r.state = 'held') "
    "or ($7 and (waiting_count > 0 or active_count > 0 "
    "or (draw_seed <> '' and drawn_at is null and opens_at <= $8) "
    "or id in (select e.room_id from reservations r join events e on e.id = r.event_id "
    "where r.state = 'held' and r.expires_at <= $8))) "
    "order by id for update";

inline constexpr auto idempotency_sql =
    Sql("select ") + idempotency_columns +
    " from idempotency where (user_id, route, key) in "
    "(select * from unnest($1::bigint[], $2::text[], $3::text[])) order by id for update";

inline constexpr auto visitors_sql =
    Sql("select ") + visitor_columns +
    " from visitors where token = any($1) order by room_id, number for update";
inline constexpr auto present_sql =
    Sql("select ") + visitor_columns +
    " from visitors where (room_id, user_id) in (select * from unnest($1::bigint[], $2::bigint[])) "
    "and state in ('waiting', 'active') order by room_id, number for update";
inline constexpr auto present_led_to_sql =
    Sql("select ") + visitor_columns +
    " from visitors where (room_id, user_id) in ("
    "select e.room_id, h.u from unnest($1::bigint[], $2::bigint[]) as h (u, e_id) "
    "join events e on e.id = h.e_id "
    "union select e.room_id, r.user_id from reservations r join events e on e.id = r.event_id "
    "where r.id = any($3) "
    "union select e.room_id, r.user_id from reservations r join events e on e.id = r.event_id "
    "where r.user_id = any($4) and r.state = 'held') "
    "and state in ('waiting', 'active') order by room_id, number for update";
inline constexpr auto due_visitors_sql =
    Sql("select ") + visitor_columns +
    " from visitors where deadline is not null and deadline <= $1 "
    "order by deadline, room_id, number limit $2 for update";

inline constexpr auto seats_sql =
    Sql("select ") + seat_columns + " from seats s where s.id = any($1) order by s.id for update";
inline constexpr auto seats_led_to_sql =
    Sql("select ") + seat_columns +
    " from seats s where s.id in (select unnest($1::bigint[]) "
    "union select seat_id from reservation_lines where reservation_id = any($2) "
    "union select l.seat_id from reservations r "
    "join reservation_lines l on l.reservation_id = r.id "
    "where r.user_id = any($3) and r.state = 'held' "
    "union select l.seat_id from (select id from reservations "
    "where state = 'held' and expires_at <= $4 order by expires_at, id limit $5) d "
    "join reservation_lines l on l.reservation_id = d.id) order by s.id for update";

inline constexpr auto reservations_sql =
    Sql("select ") + reservation_columns +
    " from reservations where id = any($1) order by id for update";
inline constexpr auto reservations_led_to_sql =
    Sql("select ") + reservation_columns +
    " from reservations where id in (select unnest($1::bigint[]) "
    "union select r.id from unnest($2::bigint[], $3::bigint[]) as h (u, e) "
    "join reservations r on r.user_id = h.u and r.event_id = h.e and r.state in ('held', 'paid') "
    "union select id from reservations where user_id = any($4) and state = 'held') "
    "order by id for update";
inline constexpr auto due_reservations_sql =
    Sql("select ") + reservation_columns +
    " from reservations where state = 'held' and expires_at <= $1 "
    "order by expires_at, id limit $2 for update";

inline constexpr auto wallets_sql =
    Sql("select ") + account_columns +
    " from accounts where kind = 'wallet' and owner in (select unnest($1::bigint[]) "
    "union select user_id from reservations where id = any($2) "
    "union select h.u from unnest($3::bigint[], $4::bigint[]) as h (u, e_id) "
    "join events e on e.id = h.e_id where coalesce(e.require_balance_at_hold, $5)) "
    "order by id for update";
inline constexpr auto house_accounts_sql =
    Sql("select ") + account_columns +
    " from accounts where (kind = 'funding' and owner = 0) or (kind = 'revenue' and owner in "
    "(select event_id from reservations where id = any($1) "
    "union select event_id from reservations where user_id = any($2) and state = 'held'))";
inline constexpr auto account_sql =
    Sql("select ") + account_columns + " from accounts where kind = $1 and owner = $2";

inline constexpr const char* users_sql = "select id from users where id = any($1)";
inline constexpr auto emails_sql =
    Sql("select ") + user_columns +
    " from users where email = any($1) order by id for no key update";
inline constexpr auto venues_sql =
    Sql("select ") + venue_columns + " from venues where id = any($1)";
inline constexpr auto events_sql =
    Sql("select ") + event_columns +
    " from events where id = any($1) "
    "or id in (select event_id from performances where id = any($2)) "
    "or id in (select event_id from reservations where id = any($3)) "
    "or id in (select event_id from reservations where user_id = any($4) and state = 'held')";
inline constexpr auto performances_sql =
    Sql("select ") + performance_columns + " from performances where id = any($1)";
inline constexpr auto tiers_sql = Sql("select ") + price_tier_columns +
                                  " from price_tiers where performance_id = any($1) order by id";
inline constexpr auto lines_sql =
    Sql("select ") + line_columns +
    " from reservation_lines l where l.reservation_id in (select unnest($1::bigint[]) "
    "union select id from reservations where user_id = any($2) and state = 'held' "
    "union select id from (select id from reservations "
    "where state = 'held' and expires_at <= $3 order by expires_at, id limit $4) d) "
    "order by l.reservation_id, l.seat_id";

inline constexpr auto waiting_sql =
    Sql("select ") + visitor_columns +
    " from visitors where room_id = $1 and state = 'waiting' and (order_key, number) > ($2, $3) "
    "order by order_key, number limit $4 for update";

}  // namespace onsale::store::postgres
