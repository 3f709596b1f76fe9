// Which rows a batch needs. Every command names what it will look at before anything is
// loaded, so that one round trip brings it all and the rows are locked in one global order.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "domain/model.h"

namespace onsale::domain {

/// How many new ids of each kind the decisions may take.
struct FreshIdCounts {
  std::size_t users = 0;
  std::size_t venues = 0;
  std::size_t rooms = 0;
  std::size_t events = 0;
  std::size_t performances = 0;
  std::size_t price_tiers = 0;
  std::size_t seats = 0;
  std::size_t reservations = 0;
  std::size_t tickets = 0;
  std::size_t transfers = 0;
  std::size_t accounts = 0;
};

/// Keys may repeat; a store loads each row once. A key without a row is marked absent in
/// the working set, so that a lookup can tell "does not exist" from "was not asked for".
struct Footprint {
  std::vector<IdempotencyKey> idempotency_keys;
  std::vector<UserId> users;        ///< only whether there is such a user
  std::vector<std::string> emails;  ///< each also brings the user who has it
  std::vector<UserId> wallets;      ///< the users' wallet accounts, and the funding account
  std::vector<VenueId> venues;
  std::vector<RoomId> rooms;
  std::vector<EventId> events;              ///< each also brings its room
  std::vector<PerformanceId> performances;  ///< each also brings its event, room and price tiers
  std::vector<SeatId> seats;

  std::vector<VisitorToken> visitors;  ///< each also brings its room
  /// The user's live visitor in the room, and the room.
  std::vector<std::pair<UserId, RoomId>> visitors_in_room;

  /// All that holding by this user of this event looks at: the event, its room, the
  /// user's live visitor there and the user's reservations of the event in state held or
  /// paid (without lines); the wallet too if the event, or else `balance_at_hold`, asks.
  std::vector<std::pair<UserId, EventId>> holders;
  bool balance_at_hold = false;

  /// Each brings its lines, their seats, the event and its revenue account, the event's
  /// room, and the owner's wallet and live visitor in that room.
  std::vector<ReservationId> reservations;

  /// All of the user's reservations in state held, of whatever events: each with what
  /// `reservations` brings, the user's wallet, and a ticket and a transfer id set aside for
  /// each seat, beside those of `fresh`.
  std::vector<UserId> holdings;

  /// Every room that has visitors or whose draw is due, and what else is due at `due_at`: held
  /// reservations past their time (with lines and seats) and visitors past their deadline; at
  /// most `due_max` of each, the longest overdue first.
  bool due = false;
  Timestamp due_at;
  std::size_t due_max = 1000;

  FreshIdCounts fresh;
};

}  // namespace onsale::domain
