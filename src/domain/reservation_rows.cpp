#include "domain/reservation_rows.h"

#include <algorithm>
#include <utility>

namespace onsale::domain {
namespace {

std::vector<ReservationMoved::SeatOf> release_seats(Rows& rows, ReservationId id) {
  std::vector<ReservationMoved::SeatOf> released;
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

bool owns_its_seats(const Rows& rows, ReservationId id) {
  return std::ranges::all_of(rows.seats_of.at(id),
                             [&](SeatId seat) { return rows.seats.get(seat).reservation == id; });
}

}  // namespace

const Reservation* own_reservation(const Rows& rows, ReservationId id, UserId user) {
  const Reservation* found = rows.reservations.find(id);
  const bool known = found && found->user == user && !rows.reservations.is_new(id);
  return known ? found : nullptr;
}

Reservation seen_at(const Rows& rows, Reservation reservation, Timestamp now) {
  reservation.state = reservation.state_at(now);
  if (reservation.state == ReservationState::held && !owns_its_seats(rows, reservation.id)) {
    reservation.state = ReservationState::expired;
  }
  return reservation;
}

std::vector<LineView> lines_of(const Rows& rows, ReservationId id) {
  std::vector<LineView> lines;
  for (const SeatId seat : rows.seats_of.at(id)) {
    lines.push_back({rows.lines.get({id, seat}), rows.seats.get(seat).label});
  }
  return lines;
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

}  // namespace onsale::domain
