#include "store/sqlite/source.h"

namespace onsale::store::sqlite {
namespace {

using namespace domain;

/// The only row of a query, or none.
template <class Read, class... Key>
auto one(Statement& statement, const Read& read, const Key&... key)
    -> std::optional<decltype(read(std::declval<Columns>()))> {
  Query query(statement, key...);
  if (!query.next()) return std::nullopt;
  return read(query.row());
}

}  // namespace

bool SqliteSource::user_exists(UserId id) {
  Query query(db_.statement("select 1 from users where id = ?1"), id);
  return query.next();
}

std::optional<User> SqliteSource::user_by_email(std::string_view email) {
  static constexpr auto sql = Sql("select ") + user_columns + " from users where email = ?1";
  return one(db_.statement(sql.text), read_user, email);
}

std::optional<Venue> SqliteSource::venue(VenueId id) {
  static constexpr auto sql = Sql("select ") + venue_columns + " from venues where id = ?1";
  return one(db_.statement(sql.text), read_venue, id);
}

std::optional<WaitingRoom> SqliteSource::room(RoomId id) {
  static constexpr auto sql = Sql("select ") + room_columns + " from waiting_rooms where id = ?1";
  return one(db_.statement(sql.text), read_room, id);
}

std::optional<Event> SqliteSource::event(EventId id) {
  static constexpr auto sql = Sql("select ") + event_columns + " from events where id = ?1";
  return one(db_.statement(sql.text), read_event, id);
}

std::optional<Performance> SqliteSource::performance(PerformanceId id) {
  static constexpr auto sql =
      Sql("select ") + performance_columns + " from performances where id = ?1";
  return one(db_.statement(sql.text), read_performance, id);
}

std::optional<Seat> SqliteSource::seat(SeatId id) {
  static constexpr auto sql = Sql("select ") + seat_columns + " from seats s where id = ?1";
  return one(db_.statement(sql.text), [](Columns row) { return read_seat(row); }, id);
}

std::optional<Visitor> SqliteSource::visitor(const VisitorToken& token) {
  static constexpr auto sql = Sql("select ") + visitor_columns + " from visitors where token = ?1";
  return one(db_.statement(sql.text), read_visitor, token);
}

std::optional<Visitor> SqliteSource::live_visitor(UserId user, RoomId room) {
  static constexpr auto sql = Sql("select ") + visitor_columns +
                              " from visitors indexed by visitors_live where room_id = ?2 and "
                              "user_id = ?1 and state in ('waiting', 'active')";
  return one(db_.statement(sql.text), read_visitor, user, room);
}

std::optional<Reservation> SqliteSource::reservation(ReservationId id) {
  static constexpr auto sql =
      Sql("select ") + reservation_columns + " from reservations where id = ?1";
  return one(db_.statement(sql.text), read_reservation, id);
}

std::optional<Account> SqliteSource::account(AccountKind kind, std::int64_t owner) {
  static constexpr auto sql =
      Sql("select ") + account_columns + " from accounts where kind = ?1 and owner = ?2";
  return one(db_.statement(sql.text), read_account, kind, owner);
}

std::optional<IdempotencyRecord> SqliteSource::idempotency(const IdempotencyKey& key) {
  static constexpr auto sql = Sql("select ") + idempotency_columns +
                              " from idempotency where user_id = ?1 and route = ?2 and key = ?3";
  return one(db_.statement(sql.text), read_idempotency, key.user.value, key.route, key.key);
}

std::int64_t SqliteSource::next(const char* highest) {
  Query query(db_.statement(highest));
  return query.next() ? query.row().next<std::int64_t>() + 1 : 1;
}

}  // namespace onsale::store::sqlite
