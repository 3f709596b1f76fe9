// What Loader asks for, fetched beforehand: one statement for each kind of row, all of them sent in
// one piece, in the order in which rows are locked (rooms, idempotency keys, visitors, seats,
// reservations, wallets, users by address; each by id). So a footprint costs one round trip,
// whatever is in it, and batches of several lanes and nodes cannot wait for each other in a circle.
//
// Whoever changes a visitor or a reservation has locked its room before. So what the later
// statements find has been settled by then: under "read committed" each of them sees what was
// committed before it began. House accounts are not locked; they are written as differences.
//
// What was not foreseen is asked for one by one: slower, never wrong.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/footprint.h"
#include "domain/rows.h"
#include "store/postgres/connection.h"

namespace onsale::store::postgres {

/// Throws PostgresFailure. Lives as long as a batch; its transaction must be open, or be begun in
/// the same piece.
class PostgresSource {
 public:
  explicit PostgresSource(Connection& db) : db_(db) {}

  /// Queues the statements; the caller sends other ones in the same piece if it likes, and hands
  /// their answers over: those of the statements queued here, in order.
  void send(const domain::Footprint& need);
  void read(std::vector<Answer>::const_iterator answers);

  bool user_exists(domain::UserId id);
  std::optional<domain::User> user_by_email(std::string_view email);
  std::optional<domain::Venue> venue(domain::VenueId id);
  std::optional<domain::WaitingRoom> room(domain::RoomId id);
  std::optional<domain::Event> event(domain::EventId id);
  std::optional<domain::Performance> performance(domain::PerformanceId id);
  std::optional<domain::Seat> seat(domain::SeatId id);
  std::optional<domain::Visitor> visitor(const domain::VisitorToken& token);
  std::optional<domain::Visitor> live_visitor(domain::UserId user, domain::RoomId room);
  std::optional<domain::Reservation> reservation(domain::ReservationId id);
  std::optional<domain::Account> account(domain::AccountKind kind, std::int64_t owner);
  std::optional<domain::IdempotencyRecord> idempotency(const domain::IdempotencyKey& key);

  using RowSink = std::function<void(const domain::Reservation&)>;
  void each_price_tier(domain::PerformanceId performance,
                       const std::function<void(domain::PriceTier)>& sink);
  void each_line(domain::ReservationId id,
                 const std::function<void(const domain::ReservationLine&)>& sink);
  void each_held_or_paid(domain::UserId user, domain::EventId event, const RowSink& sink);
  void each_held(domain::UserId user, const RowSink& sink);
  void each_due_room(domain::Timestamp at, const std::function<void(domain::WaitingRoom)>& sink);
  void each_due_reservation(domain::Timestamp at, std::size_t max, const RowSink& sink);
  void each_due_visitor(domain::Timestamp at, std::size_t max,
                        const std::function<void(domain::Visitor)>& sink);
  void each_waiting(domain::RoomId room, const std::function<bool(domain::Visitor)>& sink);

  /// Takes `count` ids, one after the other, out of the kind's sequence; returns the first.
  template <class IdType>
  IdType next_id(IdType, std::size_t count) {
    return IdType{take_ids(sequence_of(IdType{}), static_cast<std::int64_t>(count))};
  }

  static const char* sequence_of(domain::UserId) { return "ids_users"; }
  static const char* sequence_of(domain::VenueId) { return "ids_venues"; }
  static const char* sequence_of(domain::RoomId) { return "ids_rooms"; }
  static const char* sequence_of(domain::EventId) { return "ids_events"; }
  static const char* sequence_of(domain::PerformanceId) { return "ids_performances"; }
  static const char* sequence_of(domain::PriceTierId) { return "ids_price_tiers"; }
  static const char* sequence_of(domain::SeatId) { return "ids_seats"; }
  static const char* sequence_of(domain::ReservationId) { return "ids_reservations"; }
  static const char* sequence_of(domain::TicketId) { return "ids_tickets"; }
  static const char* sequence_of(domain::TransferId) { return "ids_transfers"; }
  static const char* sequence_of(domain::AccountId) { return "ids_accounts"; }

  /// How many look-ups were not foreseen.
  [[nodiscard]] int asked_late() const { return asked_late_; }

 private:
  /// Rows by key; a key without a row is known to have none.
  template <class Key, class Row>
  using Known = boost::unordered_flat_map<Key, std::optional<Row>, domain::HashOf<Key>>;

  void ask(const char* sql, const Values& values, std::function<void(const Answer&)> read);
  void send_locked(const domain::Footprint& need);
  void send_reservations(const domain::Footprint& need);
  void send_people(const domain::Footprint& need);
  void send_unlocked(const domain::Footprint& need);
  void send_ids(const domain::FreshIdCounts& fresh, bool grows);
  void expect_ids(const char* sequence, std::size_t count);
  void settle(const domain::Footprint& need);
  void add(domain::Visitor visitor);
  void add(domain::Reservation reservation);
  std::int64_t take_ids(const char* sequence, std::int64_t count);
  template <class Table, class Key, class Ask>
  auto& known(Table& table, const Key& key, const Ask& ask);

  Connection& db_;
  std::vector<std::function<void(const Answer&)>> readers_;
  std::function<void()> settle_;

  boost::unordered_flat_map<domain::UserId, bool, domain::HashId> users_;
  Known<std::string, domain::User> emails_;
  Known<domain::VenueId, domain::Venue> venues_;
  std::map<domain::RoomId, std::optional<domain::WaitingRoom>> rooms_;  // due ones by id
  Known<domain::EventId, domain::Event> events_;
  Known<domain::PerformanceId, domain::Performance> performances_;
  Known<domain::SeatId, domain::Seat> seats_;
  Known<domain::VisitorToken, domain::Visitor> visitors_;
  boost::unordered_flat_map<domain::PresenceKey, std::optional<domain::Visitor>, domain::HashId>
      live_;
  std::map<domain::ReservationId, std::optional<domain::Reservation>> reservations_;
  std::map<std::pair<domain::AccountKind, std::int64_t>, std::optional<domain::Account>> accounts_;
  std::map<domain::IdempotencyKey, std::optional<domain::IdempotencyRecord>> idempotency_;
  boost::unordered_flat_map<domain::PerformanceId, std::vector<domain::PriceTier>, domain::HashId>
      tiers_;
  boost::unordered_flat_map<domain::ReservationId, std::vector<domain::ReservationLine>,
                            domain::HashId>
      lines_;
  boost::unordered_flat_map<domain::HolderKey, std::vector<domain::Reservation>, domain::HashId>
      held_or_paid_;
  boost::unordered_flat_map<domain::UserId, std::vector<domain::Reservation>, domain::HashId> held_;
  std::vector<domain::Reservation> due_reservations_;
  std::vector<domain::Visitor> due_visitors_;
  std::map<std::string_view, std::pair<std::int64_t, std::int64_t>> ids_;  // first, how many
  int asked_late_ = 0;
};

}  // namespace onsale::store::postgres
