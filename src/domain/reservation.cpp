#include "domain/reservation.h"

#include <algorithm>

#include "domain/reservation_rows.h"
#include "domain/silence.h"
#include "domain/text.h"
#include "domain/waiting_room.h"
#include "domain/wallet.h"

namespace onsale::domain {
namespace {

std::int64_t seats_held_or_paid(const Rows& rows, const Hold& command, Timestamp now) {
  std::int64_t seats = 0;
  const auto mine = rows.held_or_paid.find({command.user, command.event});
  require(mine != rows.held_or_paid.end(), "holder outside the footprint");
  for (const ReservationId id : mine->second) {
    const Reservation& reservation = rows.reservations.get(id);
    if (reservation.counts_at(now)) seats += reservation.seat_count;
  }
  return seats;
}

std::vector<SeatId> unknown_seats(const Rows& rows, const Hold& command) {
  std::vector<SeatId> unknown;
  for (const auto& [performance_id, seat_id] : command.seats) {
    const Performance* performance = rows.performances.find(performance_id);
    const Seat* seat = rows.seats.find(seat_id);
    const bool known = performance && performance->event == command.event && seat &&
                       seat->performance == performance_id;
    if (!known) unknown.push_back(seat_id);
  }
  return unknown;
}

std::vector<SeatId> taken_seats(const Rows& rows, const Hold& command, Timestamp now) {
  std::vector<SeatId> taken;
  for (const SeatRef& ref : command.seats) {
    if (!rows.seats.get(ref.seat).free_at(now)) taken.push_back(ref.seat);
  }
  return taken;
}

Money price_of(const Rows& rows, const std::vector<SeatRef>& seats) {
  Money total;
  for (const SeatRef& ref : seats) total += rows.seats.get(ref.seat).price;
  return total;
}

/// The first rule against selling at `now`, over all performances asked for.
std::optional<HoldOutcome> sale_refusal(const Rows& rows, const Event& event, const Hold& command,
                                        Timestamp now) {
  std::optional<HoldOutcome> closed;
  for (const SeatRef& ref : command.seats) {
    const SalesWindow window = sales_window(event, rows.performances.get(ref.performance));
    if (now < window.opens_at) {
      return HoldOutcome{.result = HoldResult::sale_not_open, .opens_at = window.opens_at};
    }
    if (now >= window.closes_at) closed = HoldOutcome{.result = HoldResult::sale_closed};
  }
  return closed;
}

std::optional<HoldOutcome> refusal(const Rows& rows, const Event& event, const Hold& command,
                                   Timestamp now, const SalesPolicy& policy) {
  if (!active_visitor(rows, command.user, event.room, now)) {
    return HoldOutcome{.result = HoldResult::not_admitted, .room = event.room};
  }
  if (auto unknown = unknown_seats(rows, command); !unknown.empty()) {
    return HoldOutcome{.result = HoldResult::seat_not_found, .seats = std::move(unknown)};
  }
  if (auto refused = sale_refusal(rows, event, command, now)) return refused;
  const auto asked = static_cast<std::int64_t>(command.seats.size());
  if (seats_held_or_paid(rows, command, now) + asked > policy.seats_per_user_max) {
    return HoldOutcome{.result = HoldResult::seat_limit, .seats_max = policy.seats_per_user_max};
  }
  if (auto taken = taken_seats(rows, command, now); !taken.empty()) {
    return HoldOutcome{.result = HoldResult::seat_taken, .seats = std::move(taken)};
  }
  if (policy.require_balance_at_hold) {
    const Money balance = wallet_balance(rows, command.user);
    const Money required = price_of(rows, command.seats);
    if (balance < required) {
      return HoldOutcome{
          .result = HoldResult::insufficient_funds, .balance = balance, .required = required};
    }
  }
  return std::nullopt;
}

}  // namespace

SalesWindow sales_window(const Event& event, const Performance& performance) {
  const Timestamp opens = performance.sales_open_at.value_or(event.sales_open_at);
  const Timestamp closes =
      performance.sales_close_at.value_or(event.sales_close_at.value_or(performance.starts_at));
  return {opens, std::min(closes, performance.starts_at)};
}

// ---- hold --------------------------------------------------------------------------

void footprint(const Hold& command, const Policy& policy, Footprint& need) {
  need.holders.emplace_back(command.user, command.event);
  need.balance_at_hold |= policy.sales.require_balance_at_hold;
  for (const SeatRef& ref : command.seats) {
    need.performances.push_back(ref.performance);
    need.seats.push_back(ref.seat);
  }
  ++need.fresh.reservations;
}

HoldOutcome decide(Rows& rows, const Hold& command, Timestamp now, const Policy& defaults) {
  require(is_text(command.attendee_name), "a name on a ticket is a text");
  // An event of this very batch is not there yet: nobody can have been told its number, and
  // what belongs to it was not loaded.
  const Event* event = rows.events.find(command.event);
  if (!event || rows.events.is_new(command.event)) return {.result = HoldResult::event_not_found};
  const SalesPolicy policy = event->policy.over(defaults.sales);
  spare(rows, command.user, event->room, now, defaults);
  if (const Visitor* visitor = active_visitor(rows, command.user, event->room, now)) {
    claim(rows, visitor->token);  // a guarded request is a sign of life, whatever its outcome
  }
  if (auto refused = refusal(rows, *event, command, now, policy)) return *std::move(refused);

  const Reservation reservation{.id = rows.ids.reservations.take(),
                                .user = command.user,
                                .event = command.event,
                                .state = ReservationState::held,
                                .total = price_of(rows, command.seats),
                                .seat_count = static_cast<std::int64_t>(command.seats.size()),
                                .created_at = now,
                                .expires_at = now + policy.hold_duration,
                                .attendee_name = command.attendee_name};
  ReservationMoved moved{ReservationStep::held, reservation, {}};
  auto& seats_of = rows.seats_of[reservation.id];
  for (const SeatRef& ref : command.seats) {
    Seat& seat = rows.seats.change(ref.seat);
    seat.status = SeatStatus::held;
    seat.reservation = reservation.id;
    seat.held_until = reservation.expires_at;
    rows.lines.add({reservation.id, seat.id}, {.reservation = reservation.id,
                                               .seat = seat.id,
                                               .performance = seat.performance,
                                               .price = seat.price});
    seats_of.push_back(seat.id);
    moved.seats.push_back({seat.performance, seat.id});
  }
  rows.reservations.add(reservation.id, reservation);
  rows.held_or_paid[{command.user, command.event}].push_back(reservation.id);
  rows.records.emplace_back(std::move(moved));
  if (rows.rooms.get(event->room).policy.over(defaults.room).session_ends_on == SessionEnd::hold) {
    end_visit(rows, active_visitor(rows, command.user, event->room, now)->token,
              VisitorState::completed, now);
  }
  return {.result = HoldResult::held,
          .reservation = reservation,
          .lines = lines_of(rows, reservation.id)};
}

// ---- cancel ------------------------------------------------------------------------

void footprint(const Cancel& command, const Policy&, Footprint& need) {
  need.reservations.push_back(command.reservation);
}

CancelOutcome decide(Rows& rows, const Cancel& command, Timestamp now, const Policy&) {
  const Reservation* found = own_reservation(rows, command.reservation, command.user);
  if (!found) return {.result = CancelResult::not_found};
  const Reservation seen = seen_at(rows, *found, now);
  auto lines = lines_of(rows, command.reservation);
  if (seen.state == ReservationState::paid || seen.state == ReservationState::refunded) {
    return {CancelResult::already_paid, seen, std::move(lines)};
  }
  if (seen.state != ReservationState::held) {
    return {CancelResult::already_over, seen, std::move(lines)};
  }
  end_hold(rows, command.reservation, ReservationState::canceled, now);
  return {CancelResult::canceled, *found, std::move(lines)};
}

// ---- expiry ------------------------------------------------------------------------

void expire_due_reservations(Rows& rows, Timestamp now) {
  for (const ReservationId id : rows.due_reservations) {
    const Reservation& reservation = rows.reservations.get(id);
    if (reservation.state == ReservationState::held && reservation.expires_at <= now) {
      end_hold(rows, id, ReservationState::expired, now);
    }
  }
}

}  // namespace onsale::domain
