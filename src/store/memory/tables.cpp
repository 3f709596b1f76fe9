#include "store/memory/tables.h"

namespace onsale::store::memory {
namespace {

using namespace domain;

template <class Set, class Key>
void keep(Set& set, const Key& key, bool present) {
  if (present) {
    set.insert(key);
  } else {
    set.erase(key);
  }
}

template <class Map, class Key, class Value>
void keep(Map& map, const Key& key, const Value& value, bool present) {
  if (present) {
    map.insert_or_assign(key, value);
  } else {
    map.erase(key);
  }
}

}  // namespace

Tables::Tables() {
  rooms.emplace(RoomId{1}, WaitingRoom{.id = {1}, .name = "default"});
  const Account funding{.id = {1}, .kind = AccountKind::funding, .owner = 0, .balance = {}};
  accounts.emplace(funding.id, funding);
  note(*this, funding, true);
}

const Account* Tables::account_of(AccountKind kind, std::int64_t owner) const {
  const auto at = accounts_by_owner.find({kind, owner});
  return at == accounts_by_owner.end() ? nullptr : &accounts.at(at->second);
}

void note(Tables& tables, const User& row, bool present) {
  keep(tables.users_by_email, row.email, row.id, present);
}

void note(Tables& tables, const PriceTier& row, bool present) {
  keep(tables.tiers_by_performance, std::pair{row.performance, row.id}, present);
  keep(tables.tier_names, std::pair{row.performance, row.name}, present);
}

void note(Tables& tables, const SeatOnMap& row, bool present) {
  keep(tables.seat_labels, std::pair{row.seat.performance, row.seat.label}, present);
  keep(tables.seat_guids, std::pair{row.seat.performance, row.place.guid}, present);
}

void note(Tables& tables, const Visitor& row, bool present) {
  keep(tables.visitors_by_token, row.token, place_of(row), present);
  if (row.live()) {
    keep(tables.live_visitors, PresenceKey{row.user, row.room}, place_of(row), present);
  }
  if (row.state == VisitorState::waiting) keep(tables.waiting, line_place_of(row), present);
  if (row.deadline) keep(tables.deadlines, std::pair{*row.deadline, place_of(row)}, present);
}

void note(Tables& tables, const Reservation& row, bool present) {
  keep(tables.reservations_by_user, std::pair{row.user, row.id}, present);
  if (row.state == ReservationState::held || row.state == ReservationState::paid) {
    keep(tables.held_or_paid_by_user, std::pair{row.user, row.id}, present);
    keep(tables.held_or_paid, std::tuple{row.user, row.event, row.id}, present);
  }
  if (row.state == ReservationState::held) {
    keep(tables.holds_by_expiry, std::pair{row.expires_at, row.id}, present);
  }
}

void note(Tables& tables, const Ticket& row, bool present) {
  keep(tables.tickets_by_user, std::pair{row.user, row.id}, present);
  keep(tables.ticket_seats, LineKey{row.reservation, row.seat}, present);
}

void note(Tables& tables, const Account& row, bool present) {
  keep(tables.accounts_by_owner, std::pair{row.kind, row.owner}, row.id, present);
}

void note(Tables& tables, const Transfer& row, bool present) {
  keep(tables.transfers_by_wallet, std::pair{row.wallet, row.id}, present);
}

void note(Tables& tables, const JournalEntry& row, bool present) {
  keep(tables.batches, row.batch, row.id, present);
}

}  // namespace onsale::store::memory
