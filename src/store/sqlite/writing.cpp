#include "store/sqlite/writing.h"

#include <cstddef>

#include "store/journal_codec.h"
#include "store/sqlite/writing_each.h"

// What a sale writes again and again. The fewer columns an update names, the fewer indexes
// and references SQLite has to look at: what never changes is left out.

namespace onsale::store::sqlite {

using namespace domain;

/// A good guess, to grow the text of a batch once and not ten times.
constexpr std::size_t journal_bytes_per_record = 256;

JournalId Writing::write(const Rows& rows, BatchId batch) {
  all_rows(rows);
  return journal({}, batch, now_, rows.records);
}

void Writing::write(const Part& part) {
  all_rows(part.rows);
  for (const auto& [name, value] : part.secrets) {
    db_.statement("insert into secrets (name, value) values (?1, ?2)").bind(name, value).run();
  }
  for (const JournalEntry& entry : part.journal) {
    journal(entry.id, entry.batch, entry.at, entry.records);
  }
}

void Writing::all_rows(const Rows& rows) {
  people_and_catalogue(rows);
  accounts(rows);
  reservations(rows);
  seats(rows);
  new_seats(rows);
  visitors(rows);
  tickets(rows);
  lines(rows);
  transfers(rows);
  idempotency(rows);
}

void Writing::accounts(const Rows& rows) {
  each_in(rows.accounts, RowState::changed, [&](const AccountRow& r) {
    Statement& add = db_.statement("update accounts set balance = balance + ?2 where id = ?1");
    run_on_one(add.bind(r.account.id, r.difference()), "accounts_exist");
  });
  each_in(rows.accounts, RowState::added, [&](const AccountRow& r) {
    const Account& a = r.account;
    Statement& insert =
        db_.statement("insert into accounts (id, kind, owner, balance) values (?1, ?2, ?3, ?4)");
    insert.bind(a.id, a.kind, a.owner, a.balance).run();
  });
}

void Writing::reservations(const Rows& rows) {
  each_in(rows.reservations, RowState::changed, [&](const Reservation& r) {
    Statement& update = db_.statement(
        "update reservations set state = ?2, total = ?3, seat_count = ?4, expires_at = ?5, "
        "paid_at = ?6, ended_at = ?7 where id = ?1");
    update.bind(r.id, r.state, r.total, r.seat_count, r.expires_at, r.paid_at, r.ended_at);
    run_on_one(update, "reservations_exist");
  });
  each_in(rows.reservations, RowState::added, [&](const Reservation& r) {
    Statement& insert = db_.statement(
        "insert into reservations (id, user_id, event_id, state, total, seat_count, created_at, "
        "expires_at, paid_at, ended_at, attendee_name) "
        "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    insert.bind(r.id, r.user, r.event, r.state, r.total, r.seat_count, r.created_at, r.expires_at,
                r.paid_at, r.ended_at, r.attendee_name);
    insert.run();
  });
}

void Writing::seats(const Rows& rows) {
  each_in(rows.seats, RowState::changed, [&](const Seat& r) {
    if (!r.reservation) {
      Statement& release = db_.statement(
          "update seats set status = ?2, reservation_id = null, held_until = ?3 where id = ?1");
      return run_on_one(release.bind(r.id, r.status, r.held_until), "seats_one_owner");
    }
    // The last condition is for a seat that changes hands within one batch: its owner's
    // reservation, written just before, is over by now.
    Statement& take = db_.statement(
        "update seats set status = ?2, reservation_id = ?3, held_until = ?4 where id = ?1 and "
        "(status = 'available' or reservation_id = ?3 or (status = 'held' and held_until <= ?5) "
        "or (select state not in ('held', 'paid') from reservations where id = reservation_id))");
    run_on_one(take.bind(r.id, r.status, r.reservation, r.held_until, now_), "seats_one_owner");
  });
}

void Writing::visitors(const Rows& rows) {
  each_in(rows.visitors, RowState::changed, [&](const Visitor& r) {
    Statement& update = db_.statement(
        "update visitors set state = ?3, activated_at = ?4, expires_at = ?5, ended_at = ?6, "
        "claimed = ?7, deadline = ?8 where room_id = ?1 and number = ?2");
    update.bind(r.room, r.number, r.state, r.activated_at, r.expires_at, r.ended_at, r.claimed,
                r.deadline);
    run_on_one(update, "visitors_exist");
  });
  each_in(rows.visitors, RowState::added, [&](const Visitor& r) {
    Statement& insert = db_.statement(
        "insert into visitors (room_id, number, token, user_id, order_key, state, issued_at, "
        "activated_at, expires_at, ended_at, claimed, deadline, browser_id) "
        "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    insert.bind(r.room, r.number, r.token, r.user, r.order_key, r.state, r.issued_at,
                r.activated_at, r.expires_at, r.ended_at, r.claimed, r.deadline, r.browser_id);
    insert.run();
  });
}

void Writing::tickets(const Rows& rows) {
  for (const Ticket& r : rows.new_tickets) {
    Statement& insert = db_.statement(
        "insert into tickets (id, reservation_id, seat_id, performance_id, user_id, state, "
        "issued_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    insert.bind(r.id, r.reservation, r.seat, r.performance, r.user, r.state, r.issued_at).run();
  }
}

void Writing::lines(const Rows& rows) {
  each_in(rows.lines, RowState::changed, [&](const ReservationLine& r) {
    Statement& update = db_.statement(
        "update reservation_lines set price = ?3, ticket_id = ?4 "
        "where reservation_id = ?1 and seat_id = ?2");
    run_on_one(update.bind(r.reservation, r.seat, r.price, r.ticket), "reservation_lines_exist");
  });
  each_in(rows.lines, RowState::added, [&](const ReservationLine& r) {
    Statement& insert = db_.statement(
        "insert into reservation_lines (reservation_id, seat_id, performance_id, price, "
        "ticket_id) values (?1, ?2, ?3, ?4, ?5)");
    insert.bind(r.reservation, r.seat, r.performance, r.price, r.ticket).run();
  });
}

void Writing::transfers(const Rows& rows) {
  for (const Transfer& r : rows.new_transfers) {
    Statement& insert = db_.statement(
        "insert into transfers (id, debit_id, credit_id, amount, cause, wallet_id, "
        "wallet_balance_after, reservation_id, seat_id, created_at) "
        "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    insert.bind(r.id, r.debit, r.credit, r.amount, r.cause, r.wallet, r.wallet_balance_after,
                r.reservation, r.seat, r.created_at);
    insert.run();
  }
}

void Writing::idempotency(const Rows& rows) {
  for (const IdempotencyRecord& r : rows.new_idempotency) {
    Statement& insert = db_.statement(
        "insert into idempotency (user_id, route, key, fingerprint, status, body, created_at) "
        "values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (user_id, route, key) do update set "
        "fingerprint = ?4, status = ?5, body = ?6, created_at = ?7 where created_at <= ?8");
    insert.bind(r.key.user.value, r.key.route, r.key.key, r.fingerprint, r.status, r.body,
                r.created_at, r.created_at - idempotency_kept);
    if (insert.run() == 0) throw broken_guard("idempotency_key_unique");
  }
}

JournalId Writing::journal(JournalId id, BatchId batch, Timestamp at,
                           const std::vector<Record>& records) {
  std::string text;
  text.reserve(records.size() * journal_bytes_per_record);
  write_records(records, text);
  Statement& insert =
      db_.statement("insert into journal (id, batch_id, at, records) values (?1, ?2, ?3, ?4)");
  insert.bind(id ? std::optional(id) : std::nullopt, batch, at, text).run();
  return {db_.last_id()};
}

}  // namespace onsale::store::sqlite
