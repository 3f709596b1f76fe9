// Claiming seats, paying them, giving them back. Rules and the order of outcomes:
// domain.md "Selling". Pure: rows, command and time in; rows changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/footprint.h"
#include "domain/policy.h"
#include "domain/rows.h"

namespace onsale::domain {

// ---- hold --------------------------------------------------------------------------

struct SeatRef {
  PerformanceId performance;
  SeatId seat;
};

/// Claims seats of one event, also across its performances, for the event's hold duration.
/// All or nothing. `seats` holds 1 … seats_per_reservation_max different seats.
struct Hold {
  UserId user;
  EventId event;
  std::vector<SeatRef> seats;
  std::string attendee_name{};  ///< printed on the tickets; empty: the user's own
};

/// In order of precedence: the first that applies wins.
enum class HoldResult {
  event_not_found,
  not_admitted,
  seat_not_found,  ///< a performance that is not the event's, or a seat that is not its
  sale_not_open,
  sale_closed,
  seat_limit,
  seat_taken,
  insufficient_funds,  ///< only with require_balance_at_hold
  held,
};

/// A line with what an answer shows of the seat.
struct LineView {
  ReservationLine line;
  std::string label;
};

struct HoldOutcome {
  HoldResult result = HoldResult::held;
  Reservation reservation;            ///< when `held`
  std::vector<LineView> lines;        ///< when `held`, in the order asked for
  std::vector<SeatId> seats;          ///< the offending ones of `seat_not_found` and `seat_taken`
  RoomId room;                        ///< when `not_admitted`: where to queue
  std::int64_t seats_max = 0;         ///< when `seat_limit`
  std::optional<Timestamp> opens_at;  ///< when `sale_not_open`
  Money balance;                      ///< when `insufficient_funds`
  Money required;                     ///< when `insufficient_funds`

  [[nodiscard]] bool executed() const { return result == HoldResult::held; }
};

void footprint(const Hold& command, const Policy& policy, Footprint& need);
HoldOutcome decide(Rows& rows, const Hold& command, Timestamp now, const Policy& policy);

// ---- pay ---------------------------------------------------------------------------

/// Pays a held reservation from its owner's wallet. `amount`, if given, must be the total.
struct Pay {
  ReservationId reservation;
  UserId user;
  std::optional<Money> amount;
  bool cancel_if_short = false;  ///< a wallet that does not cover the total cancels the hold
};

/// In order of precedence.
enum class PayResult {
  not_found,  ///< also when it is somebody else's
  already_paid,
  reservation_expired,  ///< or canceled: there is nothing held to pay
  amount_mismatch,
  insufficient_funds,
  paid,
};

struct PayOutcome {
  PayResult result = PayResult::paid;
  Reservation reservation;      ///< as it is now, unless `not_found`
  std::vector<LineView> lines;  ///< when `paid`; each with its ticket
  Money balance;                ///< when `insufficient_funds` and `paid`: of the wallet now
  bool canceled = false;        ///< with `insufficient_funds`: the hold was given up

  /// Giving up changes something too and is committed.
  [[nodiscard]] bool executed() const { return result == PayResult::paid || canceled; }
};

void footprint(const Pay& command, const Policy& policy, Footprint& need);
PayOutcome decide(Rows& rows, const Pay& command, Timestamp now, const Policy& policy);

// ---- pay all -----------------------------------------------------------------------

/// Pays all that the user holds, of whatever events, all or nothing. What has run out does
/// not count. `amount`, if given, must be the total of it all.
struct PayAll {
  UserId user;
  std::optional<Money> amount;
  bool cancel_if_short = false;  ///< a wallet that does not cover the total cancels every hold
};

/// In order of precedence.
enum class PayAllResult {
  nothing_held,
  amount_mismatch,
  insufficient_funds,
  paid,
};

struct PaidReservation {
  Reservation reservation;
  std::vector<LineView> lines;  ///< each with its ticket once paid
};

struct PayAllOutcome {
  PayAllResult result = PayAllResult::paid;
  /// By id. When `paid`; when `insufficient_funds`: what it would have paid, or gave up.
  std::vector<PaidReservation> reservations{};
  Money total;            ///< of all that is held; zero when `nothing_held`
  Money balance;          ///< when `insufficient_funds` and `paid`: of the wallet now
  bool canceled = false;  ///< with `insufficient_funds`: every hold was given up

  /// Giving up changes something too and is committed.
  [[nodiscard]] bool executed() const { return result == PayAllResult::paid || canceled; }
};

void footprint(const PayAll& command, const Policy& policy, Footprint& need);
PayAllOutcome decide(Rows& rows, const PayAll& command, Timestamp now, const Policy& policy);

// ---- cancel ------------------------------------------------------------------------

/// Gives a held reservation up; its seats are available at once.
struct Cancel {
  ReservationId reservation;
  UserId user;
};

/// In order of precedence.
enum class CancelResult {
  not_found,  ///< also when it is somebody else's
  already_paid,
  already_over,  ///< expired or canceled before; nothing changed
  canceled,
};

struct CancelOutcome {
  CancelResult result = CancelResult::canceled;
  Reservation reservation;      ///< as it is now, unless `not_found`
  std::vector<LineView> lines;  ///< unless `not_found`

  [[nodiscard]] bool executed() const { return result == CancelResult::canceled; }
};

void footprint(const Cancel& command, const Policy& policy, Footprint& need);
CancelOutcome decide(Rows& rows, const Cancel& command, Timestamp now, const Policy& policy);

// ---- expiry ------------------------------------------------------------------------

/// Writes down every loaded hold whose time has run out and frees the seats that nobody
/// else has taken over since.
void expire_due_reservations(Rows& rows, Timestamp now);

/// From when to when a performance sells: its own times, else the event's, and in any
/// case not after it has started.
struct SalesWindow {
  Timestamp opens_at;
  Timestamp closes_at;

  [[nodiscard]] bool open_at(Timestamp now) const { return opens_at <= now && now < closes_at; }
};
[[nodiscard]] SalesWindow sales_window(const Event& event, const Performance& performance);

/// How long after its beginning a performance is over: nobody sells, holds or checks in any more.
inline constexpr Duration over_after = std::chrono::hours{24};
[[nodiscard]] inline bool is_over(const Performance& performance, Timestamp now) {
  return now >= performance.starts_at + over_after;
}

}  // namespace onsale::domain
