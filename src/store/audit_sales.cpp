#include "store/audit_sales.h"

#include <algorithm>
#include <tuple>

namespace onsale::store {

using namespace domain;  // the audit speaks of nothing else

namespace {

/// When a reservation's right to its seats ended, as far as it is written.
Timestamp claimed_until(const Reservation& row) {
  switch (row.state) {
    case ReservationState::paid:
      return never;
    case ReservationState::canceled:
      return std::min(row.expires_at, row.ended_at.value_or(row.expires_at));
    default:
      return row.expires_at;
  }
}

}  // namespace

Result<void> SalesAudit::read() {
  using Step = Result<void> (SalesAudit::*)();
  for (const Step step :
       {&SalesAudit::read_catalogue, &SalesAudit::read_seats, &SalesAudit::read_reservations,
        &SalesAudit::read_tickets, &SalesAudit::read_lines}) {
    if (auto read = (this->*step)(); !read) return read;
  }
  return {};
}

void SalesAudit::conclude() {
  check_claims();
  check_performances();
  check_seats();
  check_reservations();
  check_tickets();
}

// ---- catalogue -------------------------------------------------------------------

Result<void> SalesAudit::read_catalogue() {
  AuditSet<VenueId> venues;
  auto read = reader_.each_user([this](const User& row) {
    ++findings_.report.users;
    users_.insert(row.id);
  });
  if (read) read = reader_.each_venue([&](const Venue& row) { venues.insert(row.id); });
  if (read) {
    read = reader_.each_room([this](const WaitingRoom& row) { rooms_.insert(row.id); });
  }
  if (read) read = reader_.each_event([&](const Event& row) { take(row, venues); });
  if (read) read = reader_.each_performance([this](const Performance& row) { take(row); });
  if (read) read = reader_.each_price_tier([this](const PriceTier& row) { take(row); });
  return read;
}

void SalesAudit::take(const Event& row, const AuditSet<VenueId>& venues) {
  ++findings_.report.events;
  events_.insert(row.id);
  findings_.expect(venues.contains(row.venue), "event {}: its venue {} does not exist",
                   row.id.value, row.venue.value);
  findings_.expect(rooms_.contains(row.room), "event {}: its room {} does not exist", row.id.value,
                   row.room.value);
}

void SalesAudit::take(const Performance& row) {
  ++findings_.report.performances;
  performances_[row.id] = {.event = row.event, .seat_count = row.seat_count};
  findings_.expect(events_.contains(row.event), "performance {}: its event {} does not exist",
                   row.id.value, row.event.value);
}

void SalesAudit::take(const PriceTier& row) {
  tiers_[row.id] = row.performance;
  findings_.expect(performances_.contains(row.performance),
                   "price tier {}: its performance {} does not exist", row.id.value,
                   row.performance.value);
}

void SalesAudit::check_performances() {
  for (const auto& [id, facts] : performances_) {
    findings_.expect(facts.seat_count == facts.seats,
                     "performance {}: seat_count is {}, it has {} seats", id.value,
                     facts.seat_count, facts.seats);
  }
}

// ---- seats -----------------------------------------------------------------------

Result<void> SalesAudit::read_seats() {
  return reader_.each_seat(PerformanceId{}, [this](const SeatOnMap& row) {
    const Seat& seat = row.seat;
    ++findings_.report.seats;
    seats_[seat.id] = {seat.performance, seat.status, seat.reservation};
    const auto performance = performances_.find(seat.performance);
    if (performance == performances_.end()) {
      findings_.violation("seat {}: its performance {} does not exist", seat.id.value,
                          seat.performance.value);
    } else {
      ++performance->second.seats;
    }
    const auto tier = tiers_.find(row.place.tier);
    findings_.expect(tier != tiers_.end() && tier->second == seat.performance,
                     "seat {}: its price tier {} is none of its performance", seat.id.value,
                     row.place.tier.value);
    const bool owned = seat.status == SeatStatus::held || seat.status == SeatStatus::sold;
    findings_.expect(owned == static_cast<bool>(seat.reservation),
                     "seat {}: {}, but its reservation is {}", seat.id.value, to_text(seat.status),
                     seat.reservation.value);
    findings_.expect((seat.status == SeatStatus::held) == seat.held_until.has_value(),
                     "seat {}: {} {} held_until", seat.id.value, to_text(seat.status),
                     seat.held_until ? "with" : "without");
    if (seat.status == SeatStatus::held && seat.held_until) {
      held_until_[seat.id] = *seat.held_until;
    }
  });
}

void SalesAudit::check_seats() {
  for (const auto& [id, seat] : seats_) {
    const bool sold = seat.status == SeatStatus::sold;
    findings_.expect(seat.tickets == (sold ? 1 : 0), "seat {}: {}, with {} valid tickets", id.value,
                     to_text(seat.status), seat.tickets);
    findings_.expect(seat.paid_lines == (sold ? 1 : 0), "seat {}: {}, with {} paid reservations",
                     id.value, to_text(seat.status), seat.paid_lines);
    if (!seat.owner) continue;
    const auto owner = reservations_.find(seat.owner);
    if (owner == reservations_.end()) {
      findings_.violation("seat {}: its reservation {} does not exist", id.value, seat.owner.value);
      continue;
    }
    const Reservation& row = owner->second.row;
    findings_.expect(row.state == (sold ? ReservationState::paid : ReservationState::held),
                     "seat {}: {} by reservation {}, which is {}", id.value, to_text(seat.status),
                     seat.owner.value, to_text(row.state));
    findings_.expect(seat.listed, "seat {}: reservation {} does not list it", id.value,
                     seat.owner.value);
    if (const auto until = held_until_.find(id); until != held_until_.end()) {
      findings_.expect(until->second == row.expires_at,
                       "seat {}: held_until is not when reservation {} expires", id.value,
                       seat.owner.value);
    }
  }
}

// ---- reservations, tickets, lines ------------------------------------------------

Result<void> SalesAudit::read_reservations() {
  return reader_.each_reservation([this](const Reservation& row) {
    ++findings_.report.reservations;
    reservations_[row.id].row = row;
    findings_.expect(users_.contains(row.user), "reservation {}: its user {} does not exist",
                     row.id.value, row.user.value);
    findings_.expect(events_.contains(row.event), "reservation {}: its event {} does not exist",
                     row.id.value, row.event.value);
    findings_.expect(
        row.state != ReservationState::paid ||
            (row.paid_at && *row.paid_at >= row.created_at && *row.paid_at < row.expires_at),
        "reservation {}: paid, but not while it was held", row.id.value);
  });
}

Result<void> SalesAudit::read_tickets() {
  return reader_.each_ticket([this](const Ticket& row) {
    ++findings_.report.tickets;
    const bool valid = row.state != TicketState::void_;
    tickets_[row.id] = {row.reservation, row.seat, valid};
    const auto reservation = reservations_.find(row.reservation);
    if (reservation == reservations_.end()) {
      findings_.violation("ticket {}: its reservation {} does not exist", row.id.value,
                          row.reservation.value);
    } else {
      findings_.expect(reservation->second.row.user == row.user,
                       "ticket {}: its user is not that of reservation {}", row.id.value,
                       row.reservation.value);
      findings_.expect(!valid || reservation->second.row.state == ReservationState::paid,
                       "ticket {}: {}, but reservation {} is {}", row.id.value, to_text(row.state),
                       row.reservation.value, to_text(reservation->second.row.state));
    }
    const auto seat = seats_.find(row.seat);
    if (seat == seats_.end()) {
      findings_.violation("ticket {}: its seat {} does not exist", row.id.value, row.seat.value);
    } else {
      seat->second.tickets += valid;
      findings_.expect(seat->second.performance == row.performance,
                       "ticket {}: its performance is not that of seat {}", row.id.value,
                       row.seat.value);
    }
  });
}

Result<void> SalesAudit::read_lines() {
  return reader_.each_line([this](const ReservationLine& line) {
    const auto reservation = reservations_.find(line.reservation);
    const auto seat = seats_.find(line.seat);
    if (reservation == reservations_.end() || seat == seats_.end()) {
      return findings_.violation("line of reservation {} and seat {}: one of them does not exist",
                                 line.reservation.value, line.seat.value);
    }
    ReservationFacts& facts = reservation->second;
    ++facts.lines;
    facts.lines_total += line.price;
    check_line(line, facts.row, seat->second);
  });
}

void SalesAudit::check_line(const ReservationLine& line, const Reservation& reservation,
                            SeatFacts& seat) {
  const auto performance = performances_.find(line.performance);
  findings_.expect(line.performance == seat.performance && performance != performances_.end() &&
                       performance->second.event == reservation.event,
                   "reservation {}: seat {} is none of its event", reservation.id.value,
                   line.seat.value);
  if (seat.owner == reservation.id) seat.listed = true;

  const bool settled = reservation.state == ReservationState::paid ||
                       reservation.state == ReservationState::refunded;
  const auto ticket = tickets_.find(line.ticket);
  const bool has_ticket = ticket != tickets_.end();
  findings_.expect(settled == static_cast<bool>(line.ticket),
                   "reservation {}: {}, seat {} has ticket {}", reservation.id.value,
                   to_text(reservation.state), line.seat.value, line.ticket.value);
  if (has_ticket) {
    ticket->second.on_line = true;
    findings_.expect(
        ticket->second.reservation == reservation.id && ticket->second.seat == line.seat,
        "reservation {}: ticket {} of seat {} is for something else", reservation.id.value,
        line.ticket.value, line.seat.value);
  } else if (line.ticket) {
    findings_.violation("reservation {}: ticket {} of seat {} does not exist", reservation.id.value,
                        line.ticket.value, line.seat.value);
  }
  // A void ticket is a refunded line: the seat went back on sale, when is not written.
  const bool refunded = settled && has_ticket && !ticket->second.valid;
  const bool paid = reservation.state == ReservationState::paid && !refunded;
  if (paid) {
    ++seat.paid_lines;
    findings_.expect(seat.status == SeatStatus::sold && seat.owner == reservation.id,
                     "reservation {}: paid, but its seat {} is not sold to it",
                     reservation.id.value, line.seat.value);
  }
  claims_.push_back(
      {.seat = line.seat,
       .from = reservation.created_at,
       .until = refunded ? reservation.created_at : claimed_until(reservation),
       .reservation = reservation.id,
       .lost = reservation.state == ReservationState::held && seat.owner != reservation.id});
}

/// No seat was ever claimed by two at a time, and no hold lost one without a successor.
void SalesAudit::check_claims() {
  std::ranges::sort(claims_, {}, [](const Claim& c) {
    return std::tuple(c.seat, c.from, c.until, c.reservation);
  });
  const Claim* longest = nullptr;  // of this seat, so far
  for (std::size_t i = 0; i < claims_.size(); ++i) {
    const Claim& claim = claims_[i];
    if (!longest || longest->seat != claim.seat) {
      longest = &claim;
    } else {
      findings_.expect(longest->until <= claim.from,
                       "seat {}: reservations {} and {} had it at the same time", claim.seat.value,
                       longest->reservation.value, claim.reservation.value);
      if (claim.until > longest->until) longest = &claim;
    }
    const bool succeeded = i + 1 < claims_.size() && claims_[i + 1].seat == claim.seat;
    findings_.expect(!claim.lost || succeeded,
                     "reservation {}: held, but its seat {} is not its own and nobody took it over",
                     claim.reservation.value, claim.seat.value);
  }
}

void SalesAudit::check_reservations() {
  for (const auto& [id, facts] : reservations_) {
    const Reservation& row = facts.row;
    findings_.expect(facts.lines == row.seat_count,
                     "reservation {}: seat_count is {}, it has {} lines", id.value, row.seat_count,
                     facts.lines);
    findings_.expect(facts.lines_total == row.total,
                     "reservation {}: total is {}, its lines are {}", id.value, row.total.minor,
                     facts.lines_total.minor);
    const bool settled =
        row.state == ReservationState::paid || row.state == ReservationState::refunded;
    const Money due = settled ? row.total : Money{0};
    findings_.expect(facts.paid == due, "reservation {}: {} with total {}, but {} was paid",
                     id.value, to_text(row.state), row.total.minor, facts.paid.minor);
    findings_.expect(
        row.state == ReservationState::refunded ? facts.refunded == due : facts.refunded <= due,
        "reservation {}: {} with total {}, but {} was refunded", id.value, to_text(row.state),
        row.total.minor, facts.refunded.minor);
  }
}

void SalesAudit::check_tickets() {
  for (const auto& [id, ticket] : tickets_) {
    findings_.expect(ticket.on_line, "ticket {}: no line of reservation {} names it", id.value,
                     ticket.reservation.value);
  }
}

}  // namespace onsale::store
