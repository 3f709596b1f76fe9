// Migration 1: the tables, as the SQLite store has them after its own steps: the same names of
// tables, columns and guards. Never edited once released; what changes later is a new step.
//
// Times are integers (milliseconds since 1970 UTC) as everywhere in the domain, so that a time is
// the same number in every store. What SQLite checks by a count of changed rows, expect() checks
// here, inside the transaction: a whole batch goes over the wire in one piece.
#pragma once

namespace onsale::store::postgres {

inline constexpr const char* schema_v1 = R"sql(
create table users (
  id            bigint constraint users_pkey primary key,
  email         text not null constraint users_email_normal check (email = lower(email)),
  name          text not null,
  password_hash text not null,
  role          text not null
                constraint users_role check (role in ('buyer', 'staff', 'organiser')),
  created_at    bigint not null,
  constraint users_email_unique unique (email)
);

create table venues (
  id        bigint constraint venues_pkey primary key,
  name      text not null,
  location  text not null,
  time_zone text not null
);

create table waiting_rooms (
  id                        bigint constraint waiting_rooms_pkey primary key,
  name                      text not null,
  active_sessions_max       bigint,
  admission_rate_per_minute bigint,
  session_duration_ms       bigint,
  claim_timeout_ms          bigint,
  idle_timeout_ms           bigint,
  entry_work                bigint constraint waiting_rooms_work check (entry_work >= 0),
  session_ends_on           text constraint waiting_rooms_session_end
                            check (session_ends_on in ('payment', 'hold')),
  order_by                  text constraint waiting_rooms_order
                            check (order_by in ('fifo', 'lottery')),
  state                     text not null default 'open' constraint waiting_rooms_state
                            check (state in ('open', 'paused', 'closed')),
  opens_at                  bigint,
  draw_seed                 text not null default ''
                            constraint waiting_rooms_seed check (length(draw_seed) in (0, 64)),
  drawn_at                  bigint,
  next_number               bigint not null,
  waiting_count             bigint not null,
  active_count              bigint not null,
  next_admission_us         bigint not null,
  constraint waiting_rooms_counts check (next_number >= 1 and waiting_count >= 0
    and active_count >= 0 and next_admission_us >= 0),
  constraint waiting_rooms_drawn check (drawn_at is null or draw_seed <> ''),
  constraint waiting_rooms_draw
    check (draw_seed = '' or drawn_at is not null or opens_at is not null),
  constraint waiting_rooms_policy check (coalesce(active_sessions_max, 0) >= 0
    and coalesce(admission_rate_per_minute, 0) >= 0 and coalesce(session_duration_ms, 0) >= 0
    and coalesce(claim_timeout_ms, 0) >= 0 and coalesce(idle_timeout_ms, 0) >= 0)
);

create table events (
  id                      bigint constraint events_pkey primary key,
  title                   text not null,
  artist                  text not null,
  venue_id                bigint not null references venues,
  room_id                 bigint not null references waiting_rooms,
  sales_open_at           bigint not null,
  sales_close_at          bigint,
  hold_duration_ms        bigint,
  seats_per_user_max      bigint,
  require_balance_at_hold boolean,
  constraint events_window check (sales_close_at is null or sales_open_at < sales_close_at),
  constraint events_policy
    check (coalesce(hold_duration_ms, 0) >= 0 and coalesce(seats_per_user_max, 0) >= 0)
);

create table performances (
  id             bigint constraint performances_pkey primary key,
  event_id       bigint not null references events,
  name           text not null,
  starts_at      bigint not null,
  sales_open_at  bigint,
  sales_close_at bigint,
  seat_count     bigint not null constraint performances_seat_count check (seat_count >= 0),
  constraint performances_window
    check (sales_open_at is null or sales_close_at is null or sales_open_at < sales_close_at)
);

create table price_tiers (
  id             bigint constraint price_tiers_pkey primary key,
  performance_id bigint not null references performances,
  name           text not null,
  price          bigint not null constraint price_tiers_price check (price >= 0),
  constraint price_tiers_name_unique unique (performance_id, name)
);

create table reservations (
  id            bigint constraint reservations_pkey primary key,
  user_id       bigint not null references users,
  event_id      bigint not null references events,
  state         text not null constraint reservations_state
                check (state in ('held', 'paid', 'refunded', 'expired', 'canceled')),
  total         bigint not null constraint reservations_total check (total >= 0),
  seat_count    bigint not null constraint reservations_seat_count check (seat_count > 0),
  created_at    bigint not null,
  expires_at    bigint not null,
  paid_at       bigint,
  ended_at      bigint,
  attendee_name text not null default '',
  constraint reservations_paid check ((state in ('paid', 'refunded')) = (paid_at is not null)),
  constraint reservations_ended check ((state not in ('held', 'paid')) = (ended_at is not null))
);
create index reservations_by_user on reservations (user_id, event_id);
create index reservations_held on reservations (expires_at) where state = 'held';

-- Room on each page for the versions that holds and payments make of a seat.
create table seats (
  id             bigint constraint seats_pkey primary key,
  performance_id bigint not null references performances,
  label          text not null,
  price          bigint not null constraint seats_price check (price >= 0),
  status         text not null constraint seats_status
                 check (status in ('available', 'held', 'sold', 'blocked')),
  reservation_id bigint references reservations,
  held_until     bigint,
  constraint seats_label_unique unique (performance_id, label),
  constraint seats_held_until check ((status = 'held') = (held_until is not null)),
  constraint seats_owner check ((status in ('held', 'sold')) = (reservation_id is not null))
) with (fillfactor = 70);

create table seat_places (
  seat_id        bigint constraint seat_places_pkey primary key references seats,
  performance_id bigint not null references performances,
  guid           text not null,
  section        text not null,
  row_name       text not null,
  number         text not null,
  tier_id        bigint not null references price_tiers,
  x              double precision not null,
  y              double precision not null,
  constraint seat_places_guid_unique unique (performance_id, guid)
);

create table visitors (
  room_id      bigint not null references waiting_rooms,
  number       bigint not null constraint visitors_number check (number >= 1),
  token        uuid not null,
  user_id      bigint not null references users,
  order_key    bigint not null
               constraint visitors_order check (order_key < 0 or order_key = number),
  state        text not null constraint visitors_state
               check (state in ('waiting', 'active', 'completed', 'expired', 'left')),
  issued_at    bigint not null,
  activated_at bigint,
  expires_at   bigint,
  ended_at     bigint,
  claimed      boolean not null,
  deadline     bigint,
  browser_id   text not null default '',
  constraint visitors_number_unique primary key (room_id, number),
  constraint visitors_token_unique unique (token),
  constraint visitors_deadline check (deadline is null or state in ('waiting', 'active')),
  constraint visitors_session
    check (state <> 'active' or (activated_at is not null and expires_at is not null)),
  constraint visitors_ended check ((state in ('waiting', 'active')) = (ended_at is null))
);
create unique index visitors_live_unique on visitors (room_id, user_id)
  where state in ('waiting', 'active');
create index visitors_waiting on visitors (room_id, order_key, number) where state = 'waiting';
create index visitors_due on visitors (deadline) where deadline is not null;

create table tickets (
  id             bigint constraint tickets_pkey primary key,
  reservation_id bigint not null references reservations,
  seat_id        bigint not null references seats,
  performance_id bigint not null references performances,
  user_id        bigint not null references users,
  state          text not null constraint tickets_state
                 check (state in ('issued', 'checked_in', 'void')),
  issued_at      bigint not null,
  constraint tickets_seat_unique unique (reservation_id, seat_id)
);
create index tickets_by_user on tickets (user_id);

create table reservation_lines (
  reservation_id bigint not null references reservations,
  seat_id        bigint not null references seats,
  performance_id bigint not null references performances,
  price          bigint not null constraint reservation_lines_price check (price >= 0),
  ticket_id      bigint references tickets,
  constraint reservation_lines_pkey primary key (reservation_id, seat_id)
);

create table accounts (
  id       bigint constraint accounts_pkey primary key,
  kind     text not null constraint accounts_kind check (kind in ('wallet', 'funding', 'revenue')),
  owner    bigint not null,
  balance  bigint not null,
  user_id  bigint generated always as (case when kind = 'wallet' then owner end) stored
           references users,
  event_id bigint generated always as (case when kind = 'revenue' then owner end) stored
           references events,
  constraint accounts_owner_unique unique (kind, owner),
  constraint accounts_balance check (kind <> 'wallet' or balance >= 0)
) with (fillfactor = 70);

create table transfers (
  id                   bigint constraint transfers_pkey primary key,
  debit_id             bigint not null references accounts,
  credit_id            bigint not null references accounts,
  amount               bigint not null constraint transfers_amount check (amount > 0),
  cause                text not null constraint transfers_cause
                       check (cause in ('charge', 'payment', 'refund')),
  wallet_id            bigint not null,
  wallet_balance_after bigint not null
                       constraint transfers_balance check (wallet_balance_after >= 0),
  reservation_id       bigint references reservations,
  seat_id              bigint references seats,
  created_at           bigint not null,
  constraint transfers_sides check (debit_id <> credit_id),
  constraint transfers_wallet check (wallet_id in (debit_id, credit_id)),
  constraint transfers_origin check ((cause = 'charge') = (reservation_id is null)
    and (cause = 'charge') = (seat_id is null))
);
create index transfers_by_wallet on transfers (wallet_id);

-- No reference to users: answers are kept for a day only, also those given to nobody yet.
create table idempotency (
  id          bigint generated always as identity primary key,
  user_id     bigint not null,
  route       text not null,
  key         text not null,
  fingerprint text not null,
  status      bigint not null,
  body        text not null,
  created_at  bigint not null,
  constraint idempotency_key_unique unique (user_id, route, key)
);
create index idempotency_by_age on idempotency (created_at);

-- Ids of a sequence do not commit in order: who follows the journal asks for the transactions that
-- had ended, by xid, and not for the highest id.
create table journal (
  id       bigint generated always as identity primary key,
  batch_id uuid not null,
  at       bigint not null,
  records  text not null,
  xid      xid8 not null default pg_current_xact_id(),
  constraint journal_batch_unique unique (batch_id)
);
create index journal_by_xid on journal (xid);

create table secrets (
  name  text primary key,
  value text not null
);

-- The ids of new rows. A batch takes as many as it may need, one after the other, and gives back
-- what it did not use, if nobody else has taken any meanwhile. The lock is held for the call only.
create sequence ids_users;
create sequence ids_venues;
create sequence ids_rooms minvalue 1 start 2;
create sequence ids_events;
create sequence ids_performances;
create sequence ids_price_tiers;
create sequence ids_seats;
create sequence ids_reservations;
create sequence ids_tickets;
create sequence ids_transfers;
create sequence ids_accounts minvalue 1 start 2;

create function take_ids(kind regclass, count bigint) returns bigint language plpgsql as $$
declare
  first bigint;
begin
  perform pg_advisory_lock(hashtext('onsale ids'), kind::oid::int);
  first := nextval(kind);
  perform setval(kind, first + count - 1);
  perform pg_advisory_unlock(hashtext('onsale ids'), kind::oid::int);
  return first;
end $$;

-- From `first` on; `beyond` is the first one that was not ours.
create function give_back_ids(kind regclass, first bigint, beyond bigint) returns void
language plpgsql as $$
declare
  highest bigint;
begin
  perform pg_advisory_lock(hashtext('onsale ids'), kind::oid::int);
  execute format('select last_value - (not is_called)::int from %s', kind) into highest;
  if highest = beyond - 1 then perform setval(kind, first, false); end if;
  perform pg_advisory_unlock(hashtext('onsale ids'), kind::oid::int);
end $$;

-- Refuses the batch, naming the guard, unless a statement changed as many rows as it had to.
create function expect(changed bigint, wanted bigint, guard text) returns void
language plpgsql as $$
begin
  if changed <> wanted then
    raise exception using errcode = '23000', message = guard, constraint = guard;
  end if;
end $$;

insert into waiting_rooms (id, name, next_number, waiting_count, active_count, next_admission_us)
values (1, 'default', 1, 0, 0, 0);
insert into accounts (id, kind, owner, balance) values (1, 'funding', 0, 0);
)sql";

}  // namespace onsale::store::postgres
