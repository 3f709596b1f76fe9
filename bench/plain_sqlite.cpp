#include "bench/plain_sqlite.h"

#include <sqlite3.h>

#include <stdexcept>

namespace onsale::bench {
namespace {

void check(int code, sqlite3* db) {
  if (code != SQLITE_OK && code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db));
}

}  // namespace

PlainSqlite::PlainSqlite(const std::string& path) {
  check(sqlite3_open(path.c_str(), &db_), db_);
  run("pragma journal_mode = wal");
  run("pragma synchronous = full");
  run("pragma foreign_keys = on");
  run("pragma cache_size = -65536");
  take_seat_ = prepare(
      "update seats set status = 'held', reservation_id = ?1, held_until = ?2 "
      "where id = ?3 and status = 'available'");
  add_reservation_ = prepare(
      "insert into reservations (id, user_id, event_id, state, total, seat_count, created_at, "
      "expires_at) values (?1, ?2, ?3, 'held', 70000, 1, ?4, ?5)");
  add_line_ = prepare(
      "insert into reservation_lines (reservation_id, seat_id, performance_id, price) "
      "values (?1, ?2, ?3, 70000)");
}

PlainSqlite::~PlainSqlite() {
  for (sqlite3_stmt* statement : {take_seat_, add_reservation_, add_line_}) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(db_);
}

void PlainSqlite::hold(std::int64_t id, const domain::Hold& hold, std::int64_t now,
                       std::int64_t until) {
  // References are checked at once, so the reservation comes first.
  step(add_reservation_, {id, hold.user.value, hold.event.value, now, until});
  step(take_seat_, {id, until, hold.seats[0].seat.value});
  if (sqlite3_changes(db_) != 1) throw std::runtime_error("a seat was not to be had");
  step(add_line_, {id, hold.seats[0].seat.value, hold.seats[0].performance.value});
}

void PlainSqlite::run(const char* sql) {
  check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), db_);
}

sqlite3_stmt* PlainSqlite::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr), db_);
  return statement;
}

void PlainSqlite::step(sqlite3_stmt* statement, std::initializer_list<std::int64_t> values) {
  int index = 0;
  for (const std::int64_t value : values) sqlite3_bind_int64(statement, ++index, value);
  check(sqlite3_step(statement), db_);
  sqlite3_reset(statement);
}

}  // namespace onsale::bench
