// A whole box office as plain tables: what a store would keep, in maps that a test can read
// and, to see who notices, damage.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "domain/rows.h"

namespace onsale::testing {

/// One transaction of the journal.
struct JournalBatch {
  domain::Timestamp at;
  std::vector<domain::Record> records;
};

struct Tables {
  // Defined in tables.cpp: these are a lot of code.
  Tables();
  Tables(const Tables&);
  Tables(Tables&&) noexcept;
  Tables& operator=(const Tables&);
  Tables& operator=(Tables&&) noexcept;
  ~Tables();

  std::map<domain::UserId, domain::User> users;
  std::map<domain::VenueId, domain::Venue> venues;
  std::map<domain::RoomId, domain::WaitingRoom> rooms;
  std::map<domain::EventId, domain::Event> events;
  std::map<domain::PerformanceId, domain::Performance> performances;
  std::map<domain::PriceTierId, domain::PriceTier> price_tiers;
  std::map<domain::SeatId, domain::Seat> seats;
  std::map<domain::SeatId, domain::SeatPlace> places;
  std::map<std::pair<domain::RoomId, std::int64_t>, domain::Visitor> visitors;
  std::map<domain::ReservationId, domain::Reservation> reservations;
  std::map<domain::LineKey, domain::ReservationLine> lines;
  std::map<domain::TicketId, domain::Ticket> tickets;
  std::map<domain::AccountId, domain::Account> accounts;
  std::map<domain::TransferId, domain::Transfer> transfers;
  std::vector<JournalBatch> journal;
};

/// The row of a key, or null.
template <class Map>
[[nodiscard]] auto find_row(const Map& map, const typename Map::key_type& key) -> const
    typename Map::mapped_type* {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &at->second;
}

}  // namespace onsale::testing
