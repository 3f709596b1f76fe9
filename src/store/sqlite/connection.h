// A thin, typed skin over SQLite's C interface: connections, prepared statements, values.
// Inside this folder failures travel as the exception SqliteFailure, since nearly every
// line can fail in the same way; guarded() turns it into the port's Error at the border.
#pragma once

#include <sqlite3.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "store/sqlite/values.h"
#include "store/store.h"

namespace onsale::store::sqlite {

/// What SQLite (or one of our own guards) refused.
struct SqliteFailure {
  int code = SQLITE_ERROR;  ///< extended result code
  Error error;
};

/// What a connection says of a call that gave `code`, with the system's word for the cause.
[[nodiscard]] std::string message_of(sqlite3* db, int code);

/// A batch broke the guard of this name.
[[nodiscard]] SqliteFailure broken_guard(std::string name);

/// Runs `work` and hands its result, or what it threw, over the border.
template <class Work>
auto guarded(const Work& work) -> Result<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const SqliteFailure& failure) {
    return std::unexpected(failure.error);
  }
}

/// A prepared statement. Reused; one use at a time.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql);

  /// Binds ?1, ?2, … Texts and blobs are not copied: they must outlive the execution.
  template <class... T>
  Statement& bind(const T&... values) {
    int index = 0;
    (check_bound(bind_value(stmt_.get(), ++index, values)), ...);
    return *this;
  }

  /// Executes a statement that yields no rows; returns how many it changed.
  int run();

  [[nodiscard]] bool busy() const { return sqlite3_stmt_busy(stmt_.get()) != 0; }

 private:
  friend class Query;
  [[nodiscard]] bool step();
  void reset() noexcept { sqlite3_reset(stmt_.get()); }
  void check_bound(int code);
  [[noreturn]] void fail();

  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> stmt_;
};

/// One execution of a statement that yields rows; resets it at the end.
class Query {
 public:
  template <class... T>
  explicit Query(Statement& statement, const T&... values) : statement_(statement) {
    statement_.bind(values...);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { statement_.reset(); }

  /// The next row; false when there is none.
  [[nodiscard]] bool next() { return statement_.step(); }
  /// The columns of the row, to be read from left to right.
  [[nodiscard]] Columns row() const { return Columns(statement_.stmt_.get()); }

 private:
  Statement& statement_;
};

class Connection {
 public:
  /// `flags` as for sqlite3_open_v2; `name` may be a URI if they say so.
  Connection(const std::string& name, int flags);

  /// The prepared statement of this text, which must be a constant: it is known by its
  /// address.
  [[nodiscard]] Statement& statement(const char* sql);

  /// Executes one or several statements that need no values.
  void exec(const char* sql);
  /// The first column of the only row of `sql`, as text.
  [[nodiscard]] std::string text_of(const char* sql);

  /// Ends a transaction if there is one, whatever state it is in.
  void rollback() noexcept;
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  [[nodiscard]] std::int64_t last_id() const { return sqlite3_last_insert_rowid(db_.get()); }
  [[nodiscard]] sqlite3* raw() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
  boost::unordered_flat_map<const char*, std::unique_ptr<Statement>> statements_;
};

}  // namespace onsale::store::sqlite
