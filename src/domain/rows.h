// The working set of a batch: the rows that were loaded, what the decisions made of them,
// and the records they wrote. Decisions read and change it as if it were the whole box
// office; the store then writes down what differs. One thread at a time.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/model.h"
#include "domain/records.h"
#include "domain/require.h"

namespace onsale::domain {

enum class RowState { loaded, changed, added };

template <class Key>
struct HashOf : HashId {};
/// Tokens are random: whoever makes up others only fails to find them.
template <>
struct HashOf<VisitorToken> {
  std::size_t operator()(const VisitorToken& token) const {
    std::array<std::uint64_t, 2> halves;
    static_assert(sizeof(halves) == sizeof(token.data));
    std::memcpy(halves.data(), token.data, sizeof(halves));
    return halves[0] ^ halves[1];
  }
};
template <>
struct HashOf<std::string> : std::hash<std::string> {};

/// Rows of one kind by key. References stay valid until clear().
template <class Key, class Row>
class Table {
 public:
  struct Entry {
    Row row;
    RowState state = RowState::loaded;
  };

  /// From the store. Loading a key twice keeps the first.
  void load(const Key& key, Row row) {
    if (index_.contains(key)) return;
    index_.emplace(key, &entries_.emplace_back(Entry{std::move(row), RowState::loaded}));
  }
  /// The store has no row of this key.
  void load_absent(const Key& key) { index_.try_emplace(key, nullptr); }
  [[nodiscard]] bool asked(const Key& key) const { return index_.contains(key); }

  /// The row, or null when there is none. Throws if the key was not part of the footprint.
  [[nodiscard]] const Row* find(const Key& key) const {
    const auto at = index_.find(key);
    require(at != index_.end(), "row outside the footprint");
    return at->second ? &at->second->row : nullptr;
  }
  /// The row, which must exist.
  [[nodiscard]] const Row& get(const Key& key) const {
    const Row* row = find(key);
    require(row, "row must exist");
    return *row;
  }
  /// The row, which must exist, for writing.
  Row& change(const Key& key) {
    const auto at = index_.find(key);
    require(at != index_.end() && at->second, "changed row must exist");
    if (at->second->state == RowState::loaded) at->second->state = RowState::changed;
    return at->second->row;
  }
  /// A new row; there must be none of this key yet.
  Row& add(const Key& key, Row row) {
    auto [at, fresh] = index_.try_emplace(key, nullptr);
    require(!at->second, "added row must be new");
    at->second = &entries_.emplace_back(Entry{std::move(row), RowState::added});
    return at->second->row;
  }
  [[nodiscard]] bool is_new(const Key& key) const {
    const auto at = index_.find(key);
    return at != index_.end() && at->second && at->second->state == RowState::added;
  }

  /// Every row, in the order of loading and adding.
  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
  [[nodiscard]] bool dirty() const {
    for (const Entry& e : entries_) {
      if (e.state != RowState::loaded) return true;
    }
    return false;
  }
  void clear() {
    index_.clear();
    entries_.clear();
  }

 private:
  boost::unordered_flat_map<Key, Entry*, HashOf<Key>> index_;
  std::deque<Entry> entries_;
};

/// Ids the store has set aside for new rows. What is not taken is not used up.
template <class IdType>
struct IdRange {
  std::int64_t next = 1;
  std::int64_t end = std::numeric_limits<std::int64_t>::max();

  IdType take() {
    require(next < end, "more new ids than the footprint asked for");
    return IdType{next++};
  }
};

struct FreshIds {
  IdRange<UserId> users;
  IdRange<VenueId> venues;
  IdRange<RoomId> rooms;
  IdRange<EventId> events;
  IdRange<PerformanceId> performances;
  IdRange<PriceTierId> price_tiers;
  IdRange<SeatId> seats;
  IdRange<ReservationId> reservations;
  IdRange<TicketId> tickets;
  IdRange<TransferId> transfers;
  IdRange<AccountId> accounts;
};

/// Seats that a plan import creates: too many and too plain for a table.
struct NewSeat {
  Seat seat;
  SeatPlace place;
};

/// An account with what it was when loaded: house accounts are written as differences, so
/// that nobody has to lock them.
struct AccountRow {
  Account account;
  Money loaded_balance;

  [[nodiscard]] Money difference() const { return account.balance - loaded_balance; }
};

using LineKey = std::pair<ReservationId, SeatId>;
using HolderKey = std::pair<UserId, EventId>;
using PresenceKey = std::pair<UserId, RoomId>;

/// What the program knows of silence beyond the rows (domain/silence.h).
struct Silence {
  /// From when on it counts, since people could not be heard before; the epoch if they could.
  Timestamp counts_from{};
  /// When a visitor was last heard of in the state that it is in, whether or not that was written
  /// down; none if it was not. May be empty.
  std::function<std::optional<Timestamp>(const Visitor&)> last_heard{};
};

struct Rows {
  Table<UserId, User> users;
  Table<std::string, UserId> users_by_email;  ///< an index: never changed, only added to
  boost::unordered_flat_map<UserId, bool, HashId> user_exists;
  Table<VenueId, Venue> venues;
  Table<RoomId, WaitingRoom> rooms;
  Table<EventId, Event> events;
  Table<PerformanceId, Performance> performances;
  Table<PriceTierId, PriceTier> price_tiers;
  boost::unordered_flat_map<PerformanceId, std::vector<PriceTierId>, HashId> tiers_of;
  Table<SeatId, Seat> seats;
  Table<VisitorToken, Visitor> visitors;
  Table<ReservationId, Reservation> reservations;
  Table<LineKey, ReservationLine> lines;
  boost::unordered_flat_map<ReservationId, std::vector<SeatId>, HashId> seats_of;
  Table<AccountId, AccountRow> accounts;
  Table<UserId, AccountId> wallets;   ///< an index
  Table<EventId, AccountId> revenue;  ///< an index
  std::vector<Ticket> new_tickets;
  std::vector<Transfer> new_transfers;
  std::vector<NewSeat> new_seats;
  std::map<IdempotencyKey, IdempotencyRecord> idempotency;  ///< those that were found
  std::vector<IdempotencyRecord> new_idempotency;

  /// Live visitor of a user in a room; a nil token means there is none.
  boost::unordered_flat_map<PresenceKey, VisitorToken, HashId> presence;
  /// The user's reservations of an event that were held or paid when loaded, and new ones.
  boost::unordered_flat_map<HolderKey, std::vector<ReservationId>, HashId> held_or_paid;
  /// The user's reservations of whatever events that were held when loaded, ascending.
  boost::unordered_flat_map<UserId, std::vector<ReservationId>, HashId> held_of;

  std::vector<ReservationId> due_reservations;
  std::vector<VisitorToken> due_visitors;
  /// The rooms of this batch, each once, ascending.
  std::vector<RoomId> room_ids;
  /// The first waiting visitors of a room as the store has them, in the order of admission;
  /// loaded after the decisions, when it is known how many can be admitted.
  boost::unordered_flat_map<RoomId, std::vector<VisitorToken>, HashId> first_waiting;
  /// Visitors who entered in this batch and are to wait, by room, ascending by number.
  boost::unordered_flat_map<RoomId, std::vector<VisitorToken>, HashId> newly_waiting;

  AccountId funding;
  FreshIds ids;
  Silence silence;  ///< set by whoever decides, after loading
  std::vector<Record> records;

  void clear() { *this = Rows{}; }
  /// Is there anything to commit? Whatever decisions change, they leave a record of,
  /// except the stored answers for idempotency keys.
  [[nodiscard]] bool dirty() const { return !records.empty() || !new_idempotency.empty(); }
};

}  // namespace onsale::domain
