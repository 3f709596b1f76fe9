// Migration 1: the tables. Never edited once released; what changes later is a new step.
//
// Every guard has a name, the same in all stores. Indexes exist for the port's look-ups
// and for nothing else, since each costs the path of a hold; parents of references are
// found by their primary key, and nothing that is referred to is ever deleted.
#pragma once

namespace onsale::store::sqlite {

inline constexpr const char* schema_v1 = R"sql(
create table users (
  id            integer primary key,
  email         text not null constraint users_email_normal check (email = lower(email)),
  name          text not null,
  password_hash text not null,
  role          text not null
                constraint users_role check (role in ('buyer', 'staff', 'organiser')),
  created_at    integer not null,
  constraint users_email_unique unique (email)
) strict;

create table venues (
  id        integer primary key,
  name      text not null,
  location  text not null,
  time_zone text not null
) strict;

create table waiting_rooms (
  id                        integer primary key,
  name                      text not null,
  active_sessions_max       integer,
  admission_rate_per_minute integer,
  session_duration_ms       integer,
  claim_timeout_ms          integer,
  idle_timeout_ms           integer,
  session_ends_on           text constraint waiting_rooms_session_end
                            check (session_ends_on in ('payment', 'hold')),
  opens_at                  integer,
  next_number               integer not null,
  waiting_count             integer not null,
  active_count              integer not null,
  next_admission_us         integer not null,
  constraint waiting_rooms_counts check (next_number >= 1 and waiting_count >= 0
    and active_count >= 0 and next_admission_us >= 0),
  constraint waiting_rooms_policy check (ifnull(active_sessions_max, 0) >= 0
    and ifnull(admission_rate_per_minute, 0) >= 0 and ifnull(session_duration_ms, 0) >= 0
    and ifnull(claim_timeout_ms, 0) >= 0 and ifnull(idle_timeout_ms, 0) >= 0)
) strict;

create table events (
  id                      integer primary key,
  title                   text not null,
  artist                  text not null,
  venue_id                integer not null references venues,
  room_id                 integer not null references waiting_rooms,
  sales_open_at           integer not null,
  sales_close_at          integer,
  hold_duration_ms        integer,
  seats_per_user_max      integer,
  require_balance_at_hold integer,
  constraint events_window check (sales_close_at is null or sales_open_at < sales_close_at),
  constraint events_policy
    check (ifnull(hold_duration_ms, 0) >= 0 and ifnull(seats_per_user_max, 0) >= 0)
) strict;

create table performances (
  id             integer primary key,
  event_id       integer not null references events,
  name           text not null,
  starts_at      integer not null,
  sales_open_at  integer,
  sales_close_at integer,
  seat_count     integer not null constraint performances_seat_count check (seat_count >= 0),
  constraint performances_window
    check (sales_open_at is null or sales_close_at is null or sales_open_at < sales_close_at)
) strict;

create table price_tiers (
  id             integer primary key,
  performance_id integer not null references performances,
  name           text not null,
  price          integer not null constraint price_tiers_price check (price >= 0),
  constraint price_tiers_name_unique unique (performance_id, name)
) strict;

create table reservations (
  id         integer primary key,
  user_id    integer not null references users,
  event_id   integer not null references events,
  state      text not null constraint reservations_state
             check (state in ('held', 'paid', 'refunded', 'expired', 'canceled')),
  total      integer not null constraint reservations_total check (total >= 0),
  seat_count integer not null constraint reservations_seat_count check (seat_count > 0),
  created_at integer not null,
  expires_at integer not null,
  paid_at    integer,
  ended_at   integer,
  constraint reservations_paid check ((state in ('paid', 'refunded')) = (paid_at is not null)),
  constraint reservations_ended check ((state not in ('held', 'paid')) = (ended_at is not null))
) strict;
create index reservations_by_user on reservations (user_id, event_id);
create index reservations_held on reservations (expires_at) where state = 'held';

-- Narrow on purpose: a batch rewrites every page that has one of its seats.
create table seats (
  id             integer primary key,
  performance_id integer not null references performances,
  label          text not null,
  price          integer not null constraint seats_price check (price >= 0),
  status         text not null constraint seats_status
                 check (status in ('available', 'held', 'sold', 'blocked')),
  reservation_id integer references reservations,
  held_until     integer,
  constraint seats_label_unique unique (performance_id, label),
  constraint seats_held_until check ((status = 'held') = (held_until is not null)),
  constraint seats_owner check ((status in ('held', 'sold')) = (reservation_id is not null))
) strict;

create table seat_places (
  seat_id        integer primary key references seats,
  performance_id integer not null references performances,
  guid           text not null,
  section        text not null,
  row_name       text not null,
  number         text not null,
  tier_id        integer not null references price_tiers,
  x              real not null,
  y              real not null,
  constraint seat_places_guid_unique unique (performance_id, guid)
) strict;

create table visitors (
  room_id      integer not null references waiting_rooms,
  number       integer not null constraint visitors_number check (number >= 1),
  token        blob not null constraint visitors_token check (length(token) = 16),
  user_id      integer not null references users,
  state        text not null constraint visitors_state
               check (state in ('waiting', 'active', 'completed', 'expired', 'left')),
  issued_at    integer not null,
  activated_at integer,
  expires_at   integer,
  ended_at     integer,
  claimed      integer not null constraint visitors_claimed check (claimed in (0, 1)),
  deadline     integer,
  constraint visitors_number_unique primary key (room_id, number),
  constraint visitors_token_unique unique (token),
  constraint visitors_deadline check (deadline is null or state in ('waiting', 'active')),
  constraint visitors_session
    check (state <> 'active' or (activated_at is not null and expires_at is not null)),
  constraint visitors_ended check ((state in ('waiting', 'active')) = (ended_at is null))
) strict, without rowid;
create unique index visitors_live on visitors (room_id, user_id)
  where state in ('waiting', 'active');
create index visitors_waiting on visitors (room_id, number) where state = 'waiting';
create index visitors_due on visitors (deadline) where deadline is not null;

create table tickets (
  id             integer primary key,
  reservation_id integer not null references reservations,
  seat_id        integer not null references seats,
  performance_id integer not null references performances,
  user_id        integer not null references users,
  state          text not null constraint tickets_state
                 check (state in ('issued', 'checked_in', 'void')),
  issued_at      integer not null,
  constraint tickets_seat_unique unique (reservation_id, seat_id)
) strict;
create index tickets_by_user on tickets (user_id);

create table reservation_lines (
  reservation_id integer not null references reservations,
  seat_id        integer not null references seats,
  performance_id integer not null references performances,
  price          integer not null constraint reservation_lines_price check (price >= 0),
  ticket_id      integer references tickets,
  constraint reservation_lines_pkey primary key (reservation_id, seat_id)
) strict, without rowid;

create table accounts (
  id       integer primary key,
  kind     text not null constraint accounts_kind check (kind in ('wallet', 'funding', 'revenue')),
  owner    integer not null,
  balance  integer not null,
  user_id  integer references users generated always as (iif(kind = 'wallet', owner, null)),
  event_id integer references events generated always as (iif(kind = 'revenue', owner, null)),
  constraint accounts_owner_unique unique (kind, owner),
  constraint accounts_balance check (kind <> 'wallet' or balance >= 0)
) strict;

create table transfers (
  id                   integer primary key,
  debit_id             integer not null references accounts,
  credit_id            integer not null references accounts,
  amount               integer not null constraint transfers_amount check (amount > 0),
  cause                text not null constraint transfers_cause
                       check (cause in ('charge', 'payment', 'refund')),
  wallet_id            integer not null,
  wallet_balance_after integer not null
                       constraint transfers_balance check (wallet_balance_after >= 0),
  reservation_id       integer references reservations,
  seat_id              integer references seats,
  created_at           integer not null,
  constraint transfers_sides check (debit_id <> credit_id),
  constraint transfers_wallet check (wallet_id in (debit_id, credit_id)),
  constraint transfers_origin check ((cause = 'charge') = (reservation_id is null)
    and (cause = 'charge') = (seat_id is null))
) strict;
create index transfers_by_wallet on transfers (wallet_id);

-- No reference to users: answers are kept for a day only, also those given to nobody yet.
create table idempotency (
  id          integer primary key,
  user_id     integer not null,
  route       text not null,
  key         text not null,
  fingerprint text not null,
  status      integer not null,
  body        text not null,
  created_at  integer not null,
  constraint idempotency_key_unique unique (user_id, route, key)
) strict;
create index idempotency_by_age on idempotency (created_at);

create table journal (
  id       integer primary key,
  batch_id blob not null constraint journal_batch check (length(batch_id) = 16),
  at       integer not null,
  records  text not null,
  constraint journal_batch_unique unique (batch_id)
) strict;

create table secrets (
  name  text primary key,
  value text not null
) strict, without rowid;

insert into waiting_rooms (id, name, next_number, waiting_count, active_count, next_admission_us)
values (1, 'default', 1, 0, 0, 0);
insert into accounts (id, kind, owner, balance) values (1, 'funding', 0, 0);
)sql";

}  // namespace onsale::store::sqlite
