#include "store/memory/writing.h"

#include "store/journal_codec.h"
#include "store/memory/source.h"

namespace onsale::store::memory {

using namespace domain;

namespace {

template <class Key, class Row, class Write>
void each(const Table<Key, Row>& from, RowState state, const Write& write) {
  for (const auto& entry : from.entries()) {
    if (entry.state == state) write(entry.row);
  }
}

}  // namespace

JournalId Writing::write(const Rows& rows, BatchId batch) {
  people_and_catalogue(rows);
  sales(rows);
  const JournalId id = MemorySource(t_).next_id(JournalId{});
  JournalEntry entry{id, batch, now_, rows.records};
  for (Record& record : entry.records) withhold_secrets(record);
  batch_.insert(t_.journal, id, entry, "journal_pkey");
  batch_.keep();
  return id;
}

void Writing::write(const Part& part) {
  people_and_catalogue(part.rows);
  sales(part.rows);
  for (const JournalEntry& entry : part.journal) {
    batch_.insert(t_.journal, entry.id, entry, "journal_pkey");
  }
  for (const auto& [name, value] : part.secrets) t_.secrets.insert_or_assign(name, value);
  batch_.keep();
}

void Writing::people_and_catalogue(const Rows& rows) {
  table(rows.users, t_.users, "users_pkey", "users_exist");
  table(rows.venues, t_.venues, "venues_pkey", "venues_exist");
  table(rows.rooms, t_.rooms, "waiting_rooms_pkey", "waiting_rooms_exist");
  table(rows.events, t_.events, "events_pkey", "events_exist");
  table(rows.performances, t_.performances, "performances_pkey", "performances_exist");
  table(rows.price_tiers, t_.price_tiers, "price_tiers_pkey", "price_tiers_exist");
}

void Writing::sales(const Rows& rows) {
  accounts(rows);
  table(rows.reservations, t_.reservations, "reservations_pkey", "reservations_exist");
  seats(rows);
  visitors(rows);
  for (const Ticket& row : rows.new_tickets) {
    batch_.insert(t_.tickets, row.id, row, "tickets_pkey");
  }
  lines(rows);
  for (const Transfer& row : rows.new_transfers) {
    batch_.insert(t_.transfers, row.id, row, "transfers_pkey");
  }
  idempotency(rows);
}

template <class Key, class Row>
void Writing::table(const Table<Key, Row>& from, std::map<Key, Row>& to, const char* key_guard,
                    const char* exists_guard) {
  each(from, RowState::changed,
       [&](const Row& row) { batch_.replace(to, row.id, row, exists_guard); });
  each(from, RowState::added, [&](const Row& row) { batch_.insert(to, row.id, row, key_guard); });
}

void Writing::accounts(const Rows& rows) {
  each(rows.accounts, RowState::changed, [&](const AccountRow& row) {
    const auto at = t_.accounts.find(row.account.id);
    if (at == t_.accounts.end()) throw Violation{"accounts_exist"};
    Account moved = at->second;
    moved.balance += row.difference();
    batch_.replace(t_.accounts, moved.id, moved, "accounts_exist");
  });
  each(rows.accounts, RowState::added, [&](const AccountRow& row) {
    batch_.insert(t_.accounts, row.account.id, row.account, "accounts_pkey");
  });
}

void Writing::seats(const Rows& rows) {
  each(rows.seats, RowState::changed, [&](const Seat& seat) {
    const auto at = t_.seats.find(seat.id);
    if (at == t_.seats.end()) throw Violation{"seats_one_owner"};
    check_owner(t_, at->second.seat, seat, now_);
    SeatOnMap moved = at->second;
    moved.seat.status = seat.status;
    moved.seat.reservation = seat.reservation;
    moved.seat.held_until = seat.held_until;
    batch_.replace(t_.seats, seat.id, moved, "seats_exist");
  });
  for (const NewSeat& row : rows.new_seats) {
    batch_.insert(t_.seats, row.seat.id, SeatOnMap{row.seat, row.place}, "seats_pkey");
  }
}

void Writing::visitors(const Rows& rows) {
  each(rows.visitors, RowState::changed, [&](const Visitor& row) {
    batch_.replace(t_.visitors, place_of(row), row, "visitors_exist");
  });
  each(rows.visitors, RowState::added, [&](const Visitor& row) {
    batch_.insert(t_.visitors, place_of(row), row, "visitors_number_unique");
  });
}

void Writing::lines(const Rows& rows) {
  each(rows.lines, RowState::changed, [&](const ReservationLine& row) {
    batch_.replace(t_.lines, {row.reservation, row.seat}, row, "reservation_lines_exist");
  });
  each(rows.lines, RowState::added, [&](const ReservationLine& row) {
    batch_.insert(t_.lines, {row.reservation, row.seat}, row, "reservation_lines_pkey");
  });
}

void Writing::idempotency(const Rows& rows) {
  for (const IdempotencyRecord& row : rows.new_idempotency) {
    const auto old = t_.idempotency.find(row.key);
    if (old != t_.idempotency.end() &&
        old->second.created_at + idempotency_kept <= row.created_at) {
      batch_.replace(t_.idempotency, row.key, row, "idempotency_exist");
    } else {
      batch_.insert(t_.idempotency, row.key, row, "idempotency_key_unique");
    }
  }
}

}  // namespace onsale::store::memory
