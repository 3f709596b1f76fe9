#include "tests/support/table_reader.h"

#include <cstdint>
#include <utility>

namespace onsale::testing {

namespace {

std::unexpected<store::Error> none() {
  return std::unexpected(store::Error{store::Failure::unavailable, "tables only"});
}

}  // namespace

template <class Map, class Into>
store::Result<void> TableReader::each(const Map& map, const Into& sink) const {
  if (broken) return std::unexpected(*broken);
  for (const auto& [key, row] : map) sink(row);
  return {};
}

TableReader::TableReader(Tables from) : tables(std::move(from)) {
  for (const JournalBatch& batch : tables.journal) {
    store::JournalEntry entry{.id = {static_cast<std::int64_t>(journal.size()) + 1},
                              .at = batch.at,
                              .records = batch.records};
    entry.batch.data[0] = static_cast<std::uint8_t>(journal.size());
    entry.batch.data[1] = static_cast<std::uint8_t>(journal.size() >> 8);
    journal.push_back(std::move(entry));
  }
}

TableReader::~TableReader() = default;

auto TableReader::user(domain::UserId) -> Result<std::optional<domain::User>> { return none(); }
auto TableReader::user_by_email(std::string_view) -> Result<std::optional<domain::User>> {
  return none();
}
auto TableReader::wallet(domain::UserId) -> Result<std::optional<domain::Account>> {
  return none();
}
auto TableReader::transfers_of_wallet(domain::UserId, store::Page)
    -> Result<std::vector<domain::Transfer>> {
  return none();
}

auto TableReader::reservation(domain::ReservationId)
    -> Result<std::optional<store::ReservationRow>> {
  return none();
}

auto TableReader::reservations_of(domain::UserId, store::Page, store::ReservationsWanted)
    -> Result<std::vector<store::ReservationRow>> {
  return none();
}

auto TableReader::seat(domain::SeatId) -> Result<std::optional<store::SeatOnMap>> { return none(); }
auto TableReader::ticket(domain::TicketId) -> Result<std::optional<store::TicketRow>> {
  return none();
}
auto TableReader::tickets_of(domain::UserId, store::Page) -> Result<std::vector<store::TicketRow>> {
  return none();
}

auto TableReader::visitor(const domain::VisitorToken&) -> Result<std::optional<domain::Visitor>> {
  return none();
}

auto TableReader::each_user(const Sink<domain::User>& s) -> Result<void> {
  return each(tables.users, s);
}
auto TableReader::each_venue(const Sink<domain::Venue>& s) -> Result<void> {
  return each(tables.venues, s);
}
auto TableReader::each_room(const Sink<domain::WaitingRoom>& s) -> Result<void> {
  return each(tables.rooms, s);
}

auto TableReader::each_event(const Sink<domain::Event>& s) -> Result<void> {
  return each(tables.events, s);
}
auto TableReader::each_performance(const Sink<domain::Performance>& s) -> Result<void> {
  return each(tables.performances, s);
}

auto TableReader::each_price_tier(const Sink<domain::PriceTier>& s) -> Result<void> {
  return each(tables.price_tiers, s);
}

auto TableReader::each_seat(domain::PerformanceId of, const Sink<store::SeatOnMap>& sink)
    -> Result<void> {
  return each(tables.seats, [&](const domain::Seat& seat) {
    if (!of || seat.performance == of) sink({seat, tables.places[seat.id]});
  });
}

auto TableReader::each_seat_of(const std::vector<domain::PerformanceId>& performances,
                               const Sink<store::SeatOnMap>& sink) -> Result<void> {
  for (const auto performance : performances) {
    if (auto done = each_seat(performance, sink); !done) return done;
  }
  return {};
}

auto TableReader::each_visitor(bool live_only, const Sink<domain::Visitor>& sink) -> Result<void> {
  return each(tables.visitors, [&](const domain::Visitor& visitor) {
    if (!live_only || visitor.live()) sink(visitor);
  });
}

auto TableReader::each_reservation(const Sink<domain::Reservation>& s) -> Result<void> {
  return each(tables.reservations, s);
}

auto TableReader::each_line(const Sink<domain::ReservationLine>& s) -> Result<void> {
  return each(tables.lines, s);
}

auto TableReader::each_ticket(const Sink<domain::Ticket>& s) -> Result<void> {
  return each(tables.tickets, s);
}

auto TableReader::each_account(const Sink<domain::Account>& s) -> Result<void> {
  return each(tables.accounts, s);
}

auto TableReader::each_transfer(const Sink<domain::Transfer>& s) -> Result<void> {
  return each(tables.transfers, s);
}

auto TableReader::each_idempotency(const Sink<domain::IdempotencyRecord>&) -> Result<void> {
  return {};
}
auto TableReader::each_secret(const Sink<store::Secret>&) -> Result<void> { return {}; }
auto TableReader::each_journal_entry(domain::JournalId after, const Sink<store::JournalEntry>& sink)
    -> Result<void> {
  if (broken) return std::unexpected(*broken);
  for (const auto& entry : journal) {
    if (entry.id > after) sink(entry);
  }
  return {};
}

auto TableReader::journal_end() -> Result<domain::JournalId> {
  return journal.empty() ? domain::JournalId{} : journal.back().id;
}

auto TableReader::journal_mark() -> Result<store::JournalMark> { return none(); }
auto TableReader::follow_journal(store::JournalMark&, const std::vector<store::BatchId>&,
                                 const Sink<store::JournalEntry>&) -> Result<void> {
  return none();
}

auto TableReader::is_settled(const store::JournalMark&) -> Result<bool> { return true; }

auto TableReader::snapshot(const std::function<Result<void>()>& work) -> Result<void> {
  return work();
}

}  // namespace onsale::testing
