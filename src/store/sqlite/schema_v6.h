// Migration 6: two times of a waiting room. From when on silence counts in it, since people could
// not be heard before; and when something of it was decided last, which of rooms that were there
// before nobody knows. Never edited once released.
#pragma once

namespace onsale::store::sqlite {

inline constexpr const char* schema_v6 = R"sql(
alter table waiting_rooms add column silence_from integer;
alter table waiting_rooms add column decided_at integer not null default 0;
)sql";

}  // namespace onsale::store::sqlite
