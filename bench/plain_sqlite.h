// The statements of a hold in plain SQLite, on our schema and with our durability: what a hold
// costs when nothing is decided, written down or answered.
#pragma once

#include <cstdint>
#include <string>

#include "domain/reservation.h"

struct sqlite3;
struct sqlite3_stmt;

namespace onsale::bench {

/// Throws std::runtime_error if a statement fails.
class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& path);
  ~PlainSqlite();
  PlainSqlite(const PlainSqlite&) = delete;
  PlainSqlite& operator=(const PlainSqlite&) = delete;

  void begin() { run("begin immediate"); }
  /// Returns when it is on the disk (WAL, synchronous=FULL).
  void commit() { run("commit"); }
  /// Within a transaction.
  void hold(std::int64_t id, const domain::Hold& hold, std::int64_t now, std::int64_t until);

 private:
  void run(const char* sql);
  sqlite3_stmt* prepare(const char* sql);
  void step(sqlite3_stmt* statement, std::initializer_list<std::int64_t> values);

  sqlite3* db_ = nullptr;
  sqlite3_stmt* take_seat_ = nullptr;
  sqlite3_stmt* add_reservation_ = nullptr;
  sqlite3_stmt* add_line_ = nullptr;
};

}  // namespace onsale::bench
