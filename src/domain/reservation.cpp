#include "domain/reservation.h"

#include <algorithm>

#include "domain/waiting_room.h"
#include "domain/wallet.h"

namespace onsale::domain {
namespace {

using SeatOf = ReservationMoved::SeatOf;

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

std::vector<LineView> lines_of(const Rows& rows, ReservationId id) {
  std::vector<LineView> lines;
  for (const SeatId seat : rows.seats_of.at(id)) {
    lines.push_back({rows.lines.get({id, seat}), rows.seats.get(seat).label});
  }
  return lines;
}

/// Gives back those of the reservation's seats that are still its own.
std::vector<SeatOf> release_seats(Rows& rows, ReservationId id) {
  std::vector<SeatOf> released;
  for (const SeatId seat_id : rows.seats_of.at(id)) {
    if (rows.seats.get(seat_id).reservation != id) continue;
    Seat& seat = rows.seats.change(seat_id);
    seat.status = SeatStatus::available;
    seat.reservation = {};
    seat.held_until.reset();
    released.push_back({seat.performance, seat_id});
  }
  return released;
}

void end_hold(Rows& rows, ReservationId id, ReservationState state, Timestamp now) {
  Reservation& reservation = rows.reservations.change(id);
  require(reservation.state == ReservationState::held, "only a hold can end");
  reservation.state = state;
  reservation.ended_at = now;
  const auto step =
      state == ReservationState::canceled ? ReservationStep::canceled : ReservationStep::expired;
  auto released = release_seats(rows, id);
  rows.records.emplace_back(ReservationMoved{step, reservation, std::move(released)});
}

bool owns_its_seats(const Rows& rows, ReservationId id) {
  return std::ranges::all_of(rows.seats_of.at(id),
                             [&](SeatId seat) { return rows.seats.get(seat).reservation == id; });
}

/// The user's own reservation, or null. One that was made in this very batch is not there yet:
/// nobody can have been told its number, and what belongs to it was not loaded.
const Reservation* own_reservation(const Rows& rows, ReservationId id, UserId user) {
  const Reservation* found = rows.reservations.find(id);
  const bool known = found && found->user == user && !rows.reservations.is_new(id);
  return known ? found : nullptr;
}

/// What the owner sees of a reservation that may be past its time. A hold that lost a seat
/// was past it once, whatever this node's clock says now.
Reservation seen_at(const Rows& rows, Reservation reservation, Timestamp now) {
  reservation.state = reservation.state_at(now);
  if (reservation.state == ReservationState::held && !owns_its_seats(rows, reservation.id)) {
    reservation.state = ReservationState::expired;
  }
  return reservation;
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
  // An event of this very batch is not there yet: nobody can have been told its number, and
  // what belongs to it was not loaded.
  const Event* event = rows.events.find(command.event);
  if (!event || rows.events.is_new(command.event)) return {.result = HoldResult::event_not_found};
  const SalesPolicy policy = event->policy.over(defaults.sales);
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
                                .expires_at = now + policy.hold_duration};
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
    return {.result = PayResult::insufficient_funds, .reservation = seen, .balance = balance};
  }

  Reservation& reservation = rows.reservations.change(command.reservation);
  reservation.state = ReservationState::paid;
  reservation.paid_at = now;
  ReservationMoved moved{ReservationStep::paid, reservation, {}};
  const AccountId wallet = rows.wallets.get(command.user);
  for (const SeatId seat_id : rows.seats_of.at(reservation.id)) {
    Seat& seat = rows.seats.change(seat_id);
    require(seat.reservation == reservation.id, "a live hold owns its seats");
    seat.status = SeatStatus::sold;
    seat.held_until.reset();
    ReservationLine& line = rows.lines.change({reservation.id, seat_id});
    line.ticket = rows.ids.tickets.take();
    rows.new_tickets.push_back({.id = line.ticket,
                                .reservation = reservation.id,
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
                  .reservation = reservation.id,
                  .seat = seat_id,
                  .created_at = now});
    }
    moved.seats.push_back({seat.performance, seat_id});
  }
  rows.records.emplace_back(std::move(moved));

  const Event& event = rows.events.get(reservation.event);
  const RoomPolicy room_policy = rows.rooms.get(event.room).policy.over(defaults.room);
  if (room_policy.session_ends_on == SessionEnd::payment) {
    if (const Visitor* visitor = active_visitor(rows, command.user, event.room, now)) {
      end_visit(rows, visitor->token, VisitorState::completed, now);
    }
  }
  return {.result = PayResult::paid,
          .reservation = reservation,
          .lines = lines_of(rows, reservation.id),
          .balance = wallet_balance(rows, command.user)};
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
