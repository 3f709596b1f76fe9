// The look-ups of Loader as prepared statements.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "store/columns.h"
#include "store/sqlite/connection.h"

namespace onsale::store::sqlite {

/// Throws SqliteFailure.
class SqliteSource {
 public:
  explicit SqliteSource(Connection& db) : db_(db) {}

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

  void each_price_tier(domain::PerformanceId performance, const auto& sink) {
    static constexpr auto sql = Sql("select ") + price_tier_columns +
                                " from price_tiers where performance_id = ?1 order by id";
    Query query(db_.statement(sql.text), performance);
    while (query.next()) sink(read_price_tier(query.row()));
  }
  void each_line(domain::ReservationId id, const auto& sink) {
    static constexpr auto sql = Sql("select ") + line_columns +
                                " from reservation_lines l where reservation_id = ?1 "
                                "order by seat_id";
    Query query(db_.statement(sql.text), id);
    while (query.next()) {
      Columns row = query.row();
      sink(read_line(row));
    }
  }
  void each_held_or_paid(domain::UserId user, domain::EventId event, const auto& sink) {
    static constexpr auto sql =
        Sql("select ") + reservation_columns +
        " from reservations indexed by reservations_live "
        "where user_id = ?1 and event_id = ?2 and state in ('held', 'paid') order by id";
    Query query(db_.statement(sql.text), user, event);
    while (query.next()) sink(read_reservation(query.row()));
  }
  void each_held(domain::UserId user, const auto& sink) {
    static constexpr auto sql = Sql("select ") + reservation_columns +
                                " from reservations indexed by reservations_by_user "
                                "where user_id = ?1 and state = 'held' "
                                "order by id";
    Query query(db_.statement(sql.text), user);
    while (query.next()) sink(read_reservation(query.row()));
  }
  void each_due_room(domain::Timestamp at, const auto& sink) {
    static constexpr auto sql = Sql("select ") + room_columns +
                                " from waiting_rooms where waiting_count > 0 or active_count > 0 "
                                "or (draw_seed <> '' and drawn_at is null and opens_at <= ?1) "
                                "order by id";
    Query query(db_.statement(sql.text), at);
    while (query.next()) sink(read_room(query.row()));
  }
  void each_due_reservation(domain::Timestamp at, std::size_t max, const auto& sink) {
    static constexpr auto sql = Sql("select ") + reservation_columns +
                                " from reservations where state = 'held' and expires_at <= ?1 "
                                "order by expires_at, id limit ?2";
    Query query(db_.statement(sql.text), at, static_cast<std::int64_t>(max));
    while (query.next()) sink(read_reservation(query.row()));
  }
  void each_due_visitor(domain::Timestamp at, std::size_t max, const auto& sink) {
    static constexpr auto sql = Sql("select ") + visitor_columns +
                                " from visitors where deadline is not null and deadline <= ?1 "
                                "order by deadline, room_id, number limit ?2";
    Query query(db_.statement(sql.text), at, static_cast<std::int64_t>(max));
    while (query.next()) sink(read_visitor(query.row()));
  }
  void each_waiting(domain::RoomId room, const auto& sink) {
    static constexpr auto sql = Sql("select ") + visitor_columns +
                                " from visitors indexed by visitors_waiting "
                                "where room_id = ?1 and state = 'waiting' "
                                "order by order_key, number";
    Query query(db_.statement(sql.text), room);
    while (query.next() && sink(read_visitor(query.row()))) {
    }
  }

  domain::UserId next_id(domain::UserId, std::size_t) {
    return {next("select max(id) from users")};
  }
  domain::VenueId next_id(domain::VenueId, std::size_t) {
    return {next("select max(id) from venues")};
  }
  domain::RoomId next_id(domain::RoomId, std::size_t) {
    return {next("select max(id) from waiting_rooms")};
  }
  domain::EventId next_id(domain::EventId, std::size_t) {
    return {next("select max(id) from events")};
  }
  domain::PerformanceId next_id(domain::PerformanceId, std::size_t) {
    return {next("select max(id) from performances")};
  }
  domain::PriceTierId next_id(domain::PriceTierId, std::size_t) {
    return {next("select max(id) from price_tiers")};
  }
  domain::SeatId next_id(domain::SeatId, std::size_t) {
    return {next("select max(id) from seats")};
  }
  domain::ReservationId next_id(domain::ReservationId, std::size_t) {
    return {next("select max(id) from reservations")};
  }
  domain::TicketId next_id(domain::TicketId, std::size_t) {
    return {next("select max(id) from tickets")};
  }
  domain::TransferId next_id(domain::TransferId, std::size_t) {
    return {next("select max(id) from transfers")};
  }
  domain::AccountId next_id(domain::AccountId, std::size_t) {
    return {next("select max(id) from accounts")};
  }

 private:
  std::int64_t next(const char* highest);

  Connection& db_;
};

}  // namespace onsale::store::sqlite
