// Migration 5: what is over costs a user nothing. Never edited once released.
//
// A user's reservations are asked for by state, and listed by id in pages: each state by its own
// stretch of the index, in which the ids of the table are in order. What counts against the limit
// of an event is a stretch of another, which has nothing that has ended.
#pragma once

namespace onsale::store::sqlite {

inline constexpr const char* schema_v5 = R"sql(
drop index reservations_by_user;
create index reservations_by_user on reservations (user_id, state);
create index reservations_live on reservations (user_id, event_id) where state in ('held', 'paid');
)sql";

}  // namespace onsale::store::sqlite
