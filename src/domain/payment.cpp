#include <utility>

#include "domain/reservation.h"
#include "domain/reservation_rows.h"
#include "domain/silence.h"
#include "domain/waiting_room.h"
#include "domain/wallet.h"

// Pay and PayAll of reservation.h.

namespace onsale::domain {
namespace {

/// Sells the seats of a live hold that the wallet covers: tickets, transfers, records.
void pay_hold(Rows& rows, ReservationId id, Timestamp now) {
  Reservation& reservation = rows.reservations.change(id);
  reservation.state = ReservationState::paid;
  reservation.paid_at = now;
  ReservationMoved moved{ReservationStep::paid, reservation, {}};
  const AccountId wallet = rows.wallets.get(reservation.user);
  for (const SeatId seat_id : rows.seats_of.at(id)) {
    Seat& seat = rows.seats.change(seat_id);
    require(seat.reservation == id, "a live hold owns its seats");
    seat.status = SeatStatus::sold;
    seat.held_until.reset();
    ReservationLine& line = rows.lines.change({id, seat_id});
    line.ticket = rows.ids.tickets.take();
    rows.new_tickets.push_back({.id = line.ticket,
                                .reservation = id,
                                .seat = seat_id,
                                .performance = seat.performance,
                                .user = reservation.user,
                                .state = TicketState::issued,
                                .issued_at = now});
    if (line.price > Money{0}) {
      post(rows, {.debit = wallet,
                  .credit = rows.revenue.get(reservation.event),
                  .amount = line.price,
                  .cause = TransferCause::payment,
                  .wallet = wallet,
                  .reservation = id,
                  .seat = seat_id,
                  .created_at = now});
    }
    moved.seats.push_back({seat.performance, seat_id});
  }
  rows.records.emplace_back(std::move(moved));
}

/// Having paid, the visitor is through with the event's room if that is what ends sessions
/// there. Harmless when there is no session (any more).
void end_session_that_paid(Rows& rows, const Reservation& paid, Timestamp now,
                           const Policy& defaults) {
  const RoomId room = rows.events.get(paid.event).room;
  const RoomPolicy policy = rows.rooms.get(room).policy.over(defaults.room);
  if (policy.session_ends_on != SessionEnd::payment) return;
  spare(rows, paid.user, room, now, defaults);
  if (const Visitor* visitor = active_visitor(rows, paid.user, room, now)) {
    end_visit(rows, visitor->token, VisitorState::completed, now);
  }
}

/// What the user holds at `now`, by id.
std::vector<ReservationId> live_holds(const Rows& rows, UserId user, Timestamp now) {
  const auto held = rows.held_of.find(user);
  require(held != rows.held_of.end(), "holdings outside the footprint");
  std::vector<ReservationId> live;
  for (const ReservationId id : held->second) {
    const Reservation& reservation = rows.reservations.get(id);
    if (seen_at(rows, reservation, now).state == ReservationState::held) live.push_back(id);
  }
  return live;
}

std::vector<PaidReservation> with_lines(const Rows& rows, const std::vector<ReservationId>& ids) {
  std::vector<PaidReservation> shown;
  shown.reserve(ids.size());
  for (const ReservationId id : ids) {
    shown.push_back({rows.reservations.get(id), lines_of(rows, id)});
  }
  return shown;
}

}  // namespace

// ---- pay ---------------------------------------------------------------------------

void footprint(const Pay& command, const Policy&, Footprint& need) {
  need.reservations.push_back(command.reservation);
  need.fresh.tickets += seats_per_reservation_max;
  need.fresh.transfers += seats_per_reservation_max;
}

PayOutcome decide(Rows& rows, const Pay& command, Timestamp now, const Policy& defaults) {
  const Reservation* found = own_reservation(rows, command.reservation, command.user);
  if (!found) return {.result = PayResult::not_found};
  const Reservation seen = seen_at(rows, *found, now);
  if (seen.state == ReservationState::paid || seen.state == ReservationState::refunded) {
    return {.result = PayResult::already_paid, .reservation = seen};
  }
  if (seen.state != ReservationState::held) {
    return {.result = PayResult::reservation_expired, .reservation = seen};
  }
  if (command.amount && *command.amount != seen.total) {
    return {.result = PayResult::amount_mismatch, .reservation = seen};
  }
  if (const Money balance = wallet_balance(rows, command.user); balance < seen.total) {
    if (command.cancel_if_short) end_hold(rows, seen.id, ReservationState::canceled, now);
    return {.result = PayResult::insufficient_funds,
            .reservation = *found,
            .balance = balance,
            .canceled = command.cancel_if_short};
  }
  pay_hold(rows, seen.id, now);
  end_session_that_paid(rows, *found, now, defaults);
  return {.result = PayResult::paid,
          .reservation = *found,
          .lines = lines_of(rows, seen.id),
          .balance = wallet_balance(rows, command.user)};
}

// ---- pay all -----------------------------------------------------------------------

void footprint(const PayAll& command, const Policy&, Footprint& need) {
  need.holdings.push_back(command.user);
}

PayAllOutcome decide(Rows& rows, const PayAll& command, Timestamp now, const Policy& defaults) {
  const std::vector<ReservationId> holds = live_holds(rows, command.user, now);
  if (holds.empty()) return {.result = PayAllResult::nothing_held};
  Money total;
  for (const ReservationId id : holds) total += rows.reservations.get(id).total;
  if (command.amount && *command.amount != total) {
    return {.result = PayAllResult::amount_mismatch, .total = total};
  }
  if (const Money balance = wallet_balance(rows, command.user); balance < total) {
    if (command.cancel_if_short) {
      for (const ReservationId id : holds) end_hold(rows, id, ReservationState::canceled, now);
    }
    return {.result = PayAllResult::insufficient_funds,
            .reservations = with_lines(rows, holds),
            .total = total,
            .balance = balance,
            .canceled = command.cancel_if_short};
  }
  for (const ReservationId id : holds) {
    pay_hold(rows, id, now);
    end_session_that_paid(rows, rows.reservations.get(id), now, defaults);
  }
  return {.result = PayAllResult::paid,
          .reservations = with_lines(rows, holds),
          .total = total,
          .balance = wallet_balance(rows, command.user)};
}

}  // namespace onsale::domain
