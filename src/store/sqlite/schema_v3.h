// Migration 3: rooms that are paused or closed, lotteries, work to be done before one enters, and
// the place in the line of who waits.
// Never edited once released. Rooms that were there before are open, and everybody in them waits
// in the order of arrival.
#pragma once

namespace onsale::store::sqlite {

// The default of order_key is for the moment of the migration only, since a guard is checked on
// the rows there are: every insert names the column.
inline constexpr const char* schema_v3 = R"sql(
alter table waiting_rooms add column order_by text constraint waiting_rooms_order
  check (order_by in ('fifo', 'lottery'));
alter table waiting_rooms add column state text not null default 'open'
  constraint waiting_rooms_state check (state in ('open', 'paused', 'closed'));
alter table waiting_rooms add column draw_seed text not null default ''
  constraint waiting_rooms_seed check (length(draw_seed) in (0, 64));
alter table waiting_rooms add column drawn_at integer
  constraint waiting_rooms_drawn check (drawn_at is null or draw_seed <> '')
  constraint waiting_rooms_draw
  check (draw_seed = '' or drawn_at is not null or opens_at is not null);
alter table waiting_rooms add column entry_work integer
  constraint waiting_rooms_work check (entry_work >= 0);
alter table visitors add column order_key integer not null default -1
  constraint visitors_order check (order_key < 0 or order_key = number);
update visitors set order_key = number;
drop index visitors_waiting;
create index visitors_waiting on visitors (room_id, order_key, number) where state = 'waiting';
)sql";

}  // namespace onsale::store::sqlite
