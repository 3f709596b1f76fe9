// The box office as plain maps: the rows, what is derived from them for looking up, and
// the guards. Copying it makes a snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "store/store.h"

namespace onsale::store::memory {

/// A visitor's place in the world: room and number.
using VisitorPlace = std::pair<domain::RoomId, std::int64_t>;
[[nodiscard]] inline VisitorPlace place_of(const domain::Visitor& v) { return {v.room, v.number}; }

/// A waiting visitor's place in the line: room, then the order of admission.
using LinePlace = std::tuple<domain::RoomId, std::int64_t, std::int64_t>;
[[nodiscard]] inline LinePlace line_place_of(const domain::Visitor& v) {
  return {v.room, v.order_key, v.number};
}

struct Tables {
  /// With what every store has from the start: waiting room 1 and the funding account.
  Tables();

  std::map<domain::UserId, domain::User> users;
  std::map<domain::VenueId, domain::Venue> venues;
  std::map<domain::RoomId, domain::WaitingRoom> rooms;
  std::map<domain::EventId, domain::Event> events;
  std::map<domain::PerformanceId, domain::Performance> performances;
  std::map<domain::PriceTierId, domain::PriceTier> price_tiers;
  std::map<domain::SeatId, SeatOnMap> seats;
  std::map<VisitorPlace, domain::Visitor> visitors;
  std::map<domain::ReservationId, domain::Reservation> reservations;
  std::map<domain::LineKey, domain::ReservationLine> lines;
  std::map<domain::TicketId, domain::Ticket> tickets;
  std::map<domain::AccountId, domain::Account> accounts;
  std::map<domain::TransferId, domain::Transfer> transfers;
  std::map<domain::IdempotencyKey, domain::IdempotencyRecord> idempotency;
  std::map<domain::JournalId, JournalEntry> journal;
  std::map<std::string, std::string, std::less<>> secrets;

  // Derived: kept in step with the rows by note().
  std::map<std::string, domain::UserId, std::less<>> users_by_email;
  std::set<std::pair<domain::PerformanceId, domain::PriceTierId>> tiers_by_performance;
  std::set<std::pair<domain::PerformanceId, std::string>> tier_names;
  std::set<std::pair<domain::PerformanceId, std::string>> seat_labels;
  std::set<std::pair<domain::PerformanceId, std::string>> seat_guids;
  std::map<domain::VisitorToken, VisitorPlace> visitors_by_token;
  std::map<domain::PresenceKey, VisitorPlace> live_visitors;
  std::set<LinePlace> waiting;
  std::set<std::pair<domain::Timestamp, VisitorPlace>> deadlines;
  std::set<std::pair<domain::Timestamp, domain::ReservationId>> holds_by_expiry;
  std::set<std::pair<domain::UserId, domain::ReservationId>> reservations_by_user;
  std::set<std::pair<domain::UserId, domain::ReservationId>> held_or_paid_by_user;
  std::set<std::tuple<domain::UserId, domain::EventId, domain::ReservationId>> held_or_paid;
  std::set<std::pair<domain::UserId, domain::TicketId>> tickets_by_user;
  std::set<domain::LineKey> ticket_seats;
  std::map<std::pair<domain::AccountKind, std::int64_t>, domain::AccountId> accounts_by_owner;
  std::set<std::pair<domain::AccountId, domain::TransferId>> transfers_by_wallet;
  std::map<BatchId, domain::JournalId> batches;

  [[nodiscard]] const domain::Account* account_of(domain::AccountKind kind,
                                                  std::int64_t owner) const;
};

/// Enters a row into what is derived from it, or takes it out again.
void note(Tables& tables, const domain::User& row, bool present);
void note(Tables& tables, const domain::PriceTier& row, bool present);
void note(Tables& tables, const SeatOnMap& row, bool present);
void note(Tables& tables, const domain::Visitor& row, bool present);
void note(Tables& tables, const domain::Reservation& row, bool present);
void note(Tables& tables, const domain::Ticket& row, bool present);
void note(Tables& tables, const domain::Account& row, bool present);
void note(Tables& tables, const domain::Transfer& row, bool present);
void note(Tables& tables, const JournalEntry& row, bool present);
template <class Row>
void note(Tables&, const Row&, bool) {}  // nothing is derived from the others

}  // namespace onsale::store::memory
