// A store to read from that is nothing but tables, for whoever reads whole tables. Made from
// an office's tables and then free to be damaged, as no real store would let itself be.
#pragma once

#include <optional>
#include <vector>

#include "store/store.h"
#include "tests/support/tables.h"

namespace onsale::testing {

class TableReader : public store::Reader {
 public:
  template <class T>
  using Result = store::Result<T>;

  explicit TableReader(Tables from);
  ~TableReader() override;

  Tables tables;
  std::vector<store::JournalEntry> journal;
  /// When set, the tables cannot be read.
  std::optional<store::Error> broken;

  Result<std::optional<domain::User>> user(domain::UserId) override;
  Result<std::optional<domain::User>> user_by_email(std::string_view) override;
  Result<std::optional<domain::Account>> wallet(domain::UserId) override;
  Result<std::vector<domain::Transfer>> transfers_of_wallet(domain::UserId, store::Page) override;
  Result<std::optional<store::ReservationRow>> reservation(domain::ReservationId) override;
  Result<std::vector<store::ReservationRow>> reservations_of(domain::UserId, store::Page,
                                                             store::ReservationsWanted) override;
  Result<std::optional<store::SeatOnMap>> seat(domain::SeatId) override;
  Result<std::optional<store::TicketRow>> ticket(domain::TicketId) override;
  Result<std::vector<store::TicketRow>> tickets_of(domain::UserId, store::Page) override;
  Result<std::optional<domain::Visitor>> visitor(const domain::VisitorToken&) override;
  Result<void> each_user(const Sink<domain::User>& s) override;
  Result<void> each_venue(const Sink<domain::Venue>& s) override;
  Result<void> each_room(const Sink<domain::WaitingRoom>& s) override;
  Result<void> each_event(const Sink<domain::Event>& s) override;
  Result<void> each_performance(const Sink<domain::Performance>& s) override;
  Result<void> each_price_tier(const Sink<domain::PriceTier>& s) override;
  Result<void> each_seat(domain::PerformanceId of, const Sink<store::SeatOnMap>& sink) override;
  Result<void> each_seat_of(const std::vector<domain::PerformanceId>& performances,
                            const Sink<store::SeatOnMap>& sink) override;
  Result<void> each_visitor(bool live_only, const Sink<domain::Visitor>& sink) override;
  Result<void> each_reservation(const Sink<domain::Reservation>& s) override;
  Result<void> each_line(const Sink<domain::ReservationLine>& s) override;
  Result<void> each_ticket(const Sink<domain::Ticket>& s) override;
  Result<void> each_account(const Sink<domain::Account>& s) override;
  Result<void> each_transfer(const Sink<domain::Transfer>& s) override;
  Result<void> each_idempotency(const Sink<domain::IdempotencyRecord>&) override;
  Result<void> each_secret(const Sink<store::Secret>&) override;
  Result<void> each_journal_entry(domain::JournalId after,
                                  const Sink<store::JournalEntry>& sink) override;
  Result<domain::JournalId> journal_end() override;
  Result<store::JournalMark> journal_mark() override;
  Result<void> follow_journal(store::JournalMark&, const std::vector<store::BatchId>&,
                              const Sink<store::JournalEntry>&) override;
  Result<bool> is_settled(const store::JournalMark&) override;
  Result<void> snapshot(const std::function<Result<void>()>& work) override;

 private:
  template <class Map, class Into>
  Result<void> each(const Map& map, const Into& sink) const;
};

}  // namespace onsale::testing
