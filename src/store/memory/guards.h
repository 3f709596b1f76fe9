// The guards of the memory store: the same invariants, under the same names, as the CHECK,
// UNIQUE and FOREIGN KEY constraints of the SQL stores.
#pragma once

#include <string>

#include "store/memory/tables.h"

namespace onsale::store::memory {

/// Thrown inside this folder only, when a row would break the guard of this name.
struct Violation {
  std::string constraint;
};

/// Throws if `row`, new or in place of the one with its key, would break a guard.
void check(const Tables& tables, const domain::User& row);
void check(const Tables& tables, const domain::Venue& row);
void check(const Tables& tables, const domain::WaitingRoom& row);
void check(const Tables& tables, const domain::Event& row);
void check(const Tables& tables, const domain::Performance& row);
void check(const Tables& tables, const domain::PriceTier& row);
void check(const Tables& tables, const SeatOnMap& row);
void check(const Tables& tables, const domain::Visitor& row);
void check(const Tables& tables, const domain::Reservation& row);
void check(const Tables& tables, const domain::ReservationLine& row);
void check(const Tables& tables, const domain::Ticket& row);
void check(const Tables& tables, const domain::Account& row);
void check(const Tables& tables, const domain::Transfer& row);
void check(const Tables& tables, const domain::IdempotencyRecord& row);
void check(const Tables& tables, const JournalEntry& row);

/// Throws if `before` belongs to somebody else than the owner in `after`: a seat goes to
/// `held` or `sold` only when it is free, has the same owner already, or its owner's
/// reservation is over.
void check_owner(const Tables& tables, const domain::Seat& before, const domain::Seat& after,
                 domain::Timestamp now);

}  // namespace onsale::store::memory
