// What the commands on reservations share: how a reservation is seen by its owner, and how a
// hold ends. Not for other rooms; theirs is reservation.h.
#pragma once

#include <vector>

#include "domain/reservation.h"

namespace onsale::domain {

/// The user's own reservation, or null. One that was made in this very batch is not there yet:
/// nobody can have been told its number, and what belongs to it was not loaded.
[[nodiscard]] const Reservation* own_reservation(const Rows& rows, ReservationId id, UserId user);

/// What the owner sees of a reservation that may be past its time. A hold that lost a seat
/// was past it once, whatever this node's clock says now. Its lines and seats must be loaded.
[[nodiscard]] Reservation seen_at(const Rows& rows, Reservation reservation, Timestamp now);

/// The reservation's lines as they are now, by seat, or in the order asked for if it is new.
[[nodiscard]] std::vector<LineView> lines_of(const Rows& rows, ReservationId id);

/// Ends a hold as canceled or expired and gives back those of its seats that are still its own.
void end_hold(Rows& rows, ReservationId id, ReservationState state, Timestamp now);

}  // namespace onsale::domain
