// Migration 2: what is over costs a user nothing. Never edited once released.
//
// The same as schema_v5.h of SQLite, where each index has the ids of the table by itself. Lists of
// one user's rows are pages by id, so that is what comes behind the user.
#pragma once

namespace onsale::store::postgres {

inline constexpr const char* schema_v2 = R"sql(
drop index reservations_by_user;
create index reservations_by_user on reservations (user_id, state, id);
create index reservations_live on reservations (user_id, event_id) where state in ('held', 'paid');
drop index tickets_by_user;
create index tickets_by_user on tickets (user_id, id);
drop index transfers_by_wallet;
create index transfers_by_wallet on transfers (wallet_id, id);
)sql";

}  // namespace onsale::store::postgres
