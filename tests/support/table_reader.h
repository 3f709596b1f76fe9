// A store to read from that is nothing but tables, for whoever reads whole tables. Made from
// an office's tables and then free to be damaged, as no real store would let itself be.
#pragma once

#include <utility>
#include <vector>

#include "store/store.h"
#include "tests/support/tables.h"

namespace onsale::testing {

class TableReader : public store::Reader {
 public:
  template <class T>
  using Result = store::Result<T>;

  explicit TableReader(Tables from) : tables(std::move(from)) {
    for (const JournalBatch& batch : tables.journal) {
      store::JournalEntry entry{.id = {static_cast<std::int64_t>(journal.size()) + 1},
                                .at = batch.at,
                                .records = batch.records};
      entry.batch.data[0] = static_cast<std::uint8_t>(journal.size());
      entry.batch.data[1] = static_cast<std::uint8_t>(journal.size() >> 8);
      journal.push_back(std::move(entry));
    }
  }

  Tables tables;
  std::vector<store::JournalEntry> journal;
  /// When set, the tables cannot be read.
  std::optional<store::Error> broken;

  Result<std::optional<domain::User>> user(domain::UserId) override { return none(); }
  Result<std::optional<domain::User>> user_by_email(std::string_view) override { return none(); }
  Result<std::optional<domain::Account>> wallet(domain::UserId) override { return none(); }
  Result<std::vector<domain::Transfer>> transfers_of_wallet(domain::UserId, store::Page) override {
    return none();
  }
  Result<std::optional<store::ReservationRow>> reservation(domain::ReservationId) override {
    return none();
  }
  Result<std::vector<store::ReservationRow>> reservations_of(domain::UserId, store::Page,
                                                             store::ReservationsWanted) override {
    return none();
  }
  Result<std::optional<store::SeatOnMap>> seat(domain::SeatId) override { return none(); }
  Result<std::optional<store::TicketRow>> ticket(domain::TicketId) override { return none(); }
  Result<std::vector<store::TicketRow>> tickets_of(domain::UserId, store::Page) override {
    return none();
  }
  Result<std::optional<domain::Visitor>> visitor(const domain::VisitorToken&) override {
    return none();
  }

  Result<void> each_user(const Sink<domain::User>& s) override { return each(tables.users, s); }
  Result<void> each_venue(const Sink<domain::Venue>& s) override { return each(tables.venues, s); }
  Result<void> each_room(const Sink<domain::WaitingRoom>& s) override {
    return each(tables.rooms, s);
  }
  Result<void> each_event(const Sink<domain::Event>& s) override { return each(tables.events, s); }
  Result<void> each_performance(const Sink<domain::Performance>& s) override {
    return each(tables.performances, s);
  }
  Result<void> each_price_tier(const Sink<domain::PriceTier>& s) override {
    return each(tables.price_tiers, s);
  }
  Result<void> each_seat(domain::PerformanceId of, const Sink<store::SeatOnMap>& sink) override {
    return each(tables.seats, [&](const domain::Seat& seat) {
      if (!of || seat.performance == of) sink({seat, tables.places[seat.id]});
    });
  }
  Result<void> each_visitor(bool live_only, const Sink<domain::Visitor>& sink) override {
    return each(tables.visitors, [&](const domain::Visitor& visitor) {
      if (!live_only || visitor.live()) sink(visitor);
    });
  }
  Result<void> each_reservation(const Sink<domain::Reservation>& s) override {
    return each(tables.reservations, s);
  }
  Result<void> each_line(const Sink<domain::ReservationLine>& s) override {
    return each(tables.lines, s);
  }
  Result<void> each_ticket(const Sink<domain::Ticket>& s) override {
    return each(tables.tickets, s);
  }
  Result<void> each_account(const Sink<domain::Account>& s) override {
    return each(tables.accounts, s);
  }
  Result<void> each_transfer(const Sink<domain::Transfer>& s) override {
    return each(tables.transfers, s);
  }
  Result<void> each_journal_entry(domain::JournalId after,
                                  const Sink<store::JournalEntry>& sink) override {
    if (broken) return std::unexpected(*broken);
    for (const auto& entry : journal) {
      if (entry.id > after) sink(entry);
    }
    return {};
  }
  Result<domain::JournalId> journal_end() override {
    return journal.empty() ? domain::JournalId{} : journal.back().id;
  }
  Result<store::JournalMark> journal_mark() override { return none(); }
  Result<void> follow_journal(store::JournalMark&, const std::vector<store::BatchId>&,
                              const Sink<store::JournalEntry>&) override {
    return none();
  }
  Result<void> snapshot(const std::function<Result<void>()>& work) override { return work(); }

 private:
  static std::unexpected<store::Error> none() {
    return std::unexpected(store::Error{store::Failure::unavailable, "tables only"});
  }
  template <class Map, class Into>
  Result<void> each(const Map& map, const Into& sink) const {
    if (broken) return std::unexpected(*broken);
    for (const auto& [key, row] : map) sink(row);
    return {};
  }
};

}  // namespace onsale::testing
