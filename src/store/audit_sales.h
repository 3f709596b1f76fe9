// The audit of what is sold: that catalogue, seats, reservations, lines and tickets fit together
// and that no seat ever had two owners.
#pragma once

#include <vector>

#include "store/audit_findings.h"

namespace onsale::store {

class SalesAudit {
 public:
  struct ReservationFacts {
    domain::Reservation row;
    std::int64_t lines = 0;
    domain::Money lines_total;
    domain::Money paid;      ///< added up by the audit of the money
    domain::Money refunded;  ///< likewise
  };

  SalesAudit(Reader& reader, AuditFindings& findings) : reader_(reader), findings_(findings) {}

  /// Reads its tables and checks each row as it comes.
  [[nodiscard]] Result<void> read();
  /// Checks what takes all rows, the payments included.
  void conclude();

  // For the parts that join with them.
  [[nodiscard]] const AuditSet<domain::UserId>& users() const { return users_; }
  [[nodiscard]] const AuditSet<domain::EventId>& events() const { return events_; }
  [[nodiscard]] const AuditSet<domain::RoomId>& rooms() const { return rooms_; }
  [[nodiscard]] ReservationFacts* reservation(domain::ReservationId id) {
    const auto at = reservations_.find(id);
    return at == reservations_.end() ? nullptr : &at->second;
  }

 private:
  struct PerformanceFacts {
    domain::EventId event;
    std::int64_t seat_count = 0;
    std::int64_t seats = 0;
  };
  struct SeatFacts {
    domain::PerformanceId performance;
    domain::SeatStatus status = domain::SeatStatus::available;
    domain::ReservationId owner;
    bool listed = false;  ///< the owner's lines name it
    int paid_lines = 0;
    int tickets = 0;
  };
  struct TicketFacts {
    domain::ReservationId reservation;
    domain::SeatId seat;
    bool valid = false;  ///< issued or checked in
    bool on_line = false;
  };
  /// A reservation's time with a seat.
  struct Claim {
    domain::SeatId seat;
    domain::Timestamp from;
    domain::Timestamp until;
    domain::ReservationId reservation;
    bool lost = false;  ///< held, but the seat is not its own any more
  };

  [[nodiscard]] Result<void> read_catalogue();
  [[nodiscard]] Result<void> read_seats();
  [[nodiscard]] Result<void> read_reservations();
  [[nodiscard]] Result<void> read_tickets();
  [[nodiscard]] Result<void> read_lines();
  void take(const domain::Event& row, const AuditSet<domain::VenueId>& venues);
  void take(const domain::Performance& row);
  void take(const domain::PriceTier& row);
  void check_line(const domain::ReservationLine& line, const domain::Reservation& reservation,
                  SeatFacts& seat);
  void check_claims();
  void check_performances();
  void check_seats();
  void check_reservations();
  void check_tickets();

  Reader& reader_;
  AuditFindings& findings_;
  AuditSet<domain::UserId> users_;
  AuditSet<domain::EventId> events_;
  AuditSet<domain::RoomId> rooms_;
  AuditMap<domain::PerformanceId, PerformanceFacts> performances_;
  AuditMap<domain::PriceTierId, domain::PerformanceId> tiers_;
  AuditMap<domain::SeatId, SeatFacts> seats_;
  AuditMap<domain::SeatId, domain::Timestamp> held_until_;
  AuditMap<domain::ReservationId, ReservationFacts> reservations_;
  AuditMap<domain::TicketId, TicketFacts> tickets_;
  std::vector<Claim> claims_;
};

}  // namespace onsale::store
