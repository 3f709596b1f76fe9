// Migration 3: locks that nothing can leave behind, an address in the form of the domain and of no
// locale, and dumps of any size that are restored elsewhere. Never edited once released.
#pragma once

namespace onsale::store::postgres {

inline constexpr const char* schema_v3 = R"sql(
-- A lock that a function takes must be gone whichever way the function is left, by an error or a
-- cancel at any point too: so it belongs to a transaction and not to the session. It must not be
-- kept until the whole batch is committed either. So it belongs to an inner transaction that is
-- always rolled back: that gives the lock away, and a sequence is never rolled back.
create or replace function take_ids(kind regclass, count bigint) returns bigint
language plpgsql as $$
declare
  first bigint;
begin
  begin
    perform pg_advisory_xact_lock(hashtext('onsale ids'), kind::oid::int);
    first := nextval(kind);
    perform setval(kind, first + count - 1);
    raise exception using errcode = 'ONIDS';
  exception when sqlstate 'ONIDS' then null;
  end;
  return first;
end $$;

create or replace function give_back_ids(kind regclass, first bigint, beyond bigint) returns void
language plpgsql as $$
declare
  highest bigint;
begin
  begin
    perform pg_advisory_xact_lock(hashtext('onsale ids'), kind::oid::int);
    execute format('select last_value - (not is_called)::int from %s', kind) into highest;
    if highest = beyond - 1 then perform setval(kind, first, false); end if;
    raise exception using errcode = 'ONIDS';
  exception when sqlstate 'ONIDS' then null;
  end;
end $$;

-- Lower case as the domain has it: the letters of ASCII, whatever the locale calls a letter.
alter table users drop constraint users_email_normal,
  add constraint users_email_normal check (email = lower(email collate "C"));

-- Entries up to this one were written on another server, from which a dump was restored here, and
-- hold transaction ids of that server. Who follows the journal begins beyond.
create table journal_adopted (
  here          boolean constraint journal_adopted_pkey primary key default true
                constraint journal_adopted_once check (here),
  until_id      bigint not null
);
insert into journal_adopted (until_id) values (0);
)sql";

}  // namespace onsale::store::postgres
