// Migration 2: whom a ticket is for, and which browser a visitor came with. Never edited once
// released. Rows that were there before say neither.
#pragma once

namespace onsale::store::sqlite {

inline constexpr const char* schema_v2 = R"sql(
alter table reservations add column attendee_name text not null default '';
alter table visitors add column browser_id text not null default '';
)sql";

}  // namespace onsale::store::sqlite
