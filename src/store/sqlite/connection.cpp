#include "store/sqlite/connection.h"

#include <fmt/format.h>

#include <system_error>

#include "domain/require.h"
#include "store/sqlite/disk_writes.h"
#include "store/sqlite/schema.h"

namespace onsale::store::sqlite {

std::string message_of(sqlite3* db, int code) {
  std::string message = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  const int cause = db ? sqlite3_system_errno(db) : 0;
  const bool of_the_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  if (of_the_system && cause != 0) {
    message += ": " + std::error_code(cause, std::system_category()).message();
  }
  return message;
}

namespace {

constexpr int busy_timeout_ms = 5'000;

/// The table a statement of ours writes: "insert into T …" or "update T …".
std::string_view table_of(std::string_view sql) {
  for (const std::string_view verb : {"insert into ", "update "}) {
    if (sql.starts_with(verb)) {
      sql.remove_prefix(verb.size());
      return sql.substr(0, sql.find_first_of(" ("));
    }
  }
  return "statement";
}

/// SQLite says which guard refused a row in different ways for each kind of guard.
std::string constraint_name(int code, std::string_view message, std::string_view sql) {
  const auto colon = message.find(": ");
  const auto subject = colon == message.npos ? message : message.substr(colon + 2);
  switch (code) {
    case SQLITE_CONSTRAINT_CHECK:
      return std::string(subject);
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return std::string(unique_guard(subject));
    default:  // a reference to nothing: the only values that can be NULL are ids
      return fmt::format("{}_references", table_of(sql));
  }
}

Failure kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return Failure::constraint;
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return Failure::unavailable;
    default:
      return Failure::damaged;
  }
}

/// SQLite counts the memory it uses behind one process-wide mutex, at a tenth of the cost of
/// a batch; nobody asks for the count. Has no effect once SQLite has been used.
void stop_counting_memory() {
  static const int result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(result);
}

SqliteFailure failure_of(sqlite3* db, int code, std::string_view sql) {
  std::string message = message_of(db, code);
  if ((code & 0xff) == SQLITE_CONSTRAINT) message = constraint_name(code, message, sql);
  return {code, {kind_of(code), std::move(message)}};
}

}  // namespace

SqliteFailure broken_guard(std::string name) {
  return {SQLITE_CONSTRAINT, {Failure::constraint, std::move(name)}};
}

void strange_value(sqlite3_stmt* s, int column) {
  throw SqliteFailure{SQLITE_CORRUPT,
                      {Failure::damaged, fmt::format("column '{}' holds a value that this program "
                                                     "does not write",
                                                     sqlite3_column_name(s, column))}};
}

// ---- Statement -----------------------------------------------------------------------

Statement::Statement(sqlite3* db, const char* sql) {
  sqlite3_stmt* stmt = nullptr;
  const int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, nullptr);
  stmt_.reset(stmt);
  if (code != SQLITE_OK) throw failure_of(db, code, sql);
}

void Statement::fail() {
  sqlite3* db = sqlite3_db_handle(stmt_.get());
  SqliteFailure failure = failure_of(db, sqlite3_extended_errcode(db), sqlite3_sql(stmt_.get()));
  reset();
  throw failure;
}

void Statement::check_bound(int code) {
  if (code != SQLITE_OK) [[unlikely]] {
    fail();
  }
}

bool Statement::step() {
  const int code = sqlite3_step(stmt_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail();
  return false;
}

int Statement::run() {
  if (sqlite3_step(stmt_.get()) != SQLITE_DONE) fail();
  const int changed = sqlite3_changes(sqlite3_db_handle(stmt_.get()));
  reset();
  return changed;
}

// ---- Connection ----------------------------------------------------------------------

Connection::Connection(const std::string& name, int flags) {
  stop_counting_memory();
  const bool writes = (flags & SQLITE_OPEN_READWRITE) != 0;
  sqlite3* db = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      writes ? writing_vfs() : nullptr);
  db_.reset(db);
  if (code != SQLITE_OK) throw failure_of(db, code, "");
  sqlite3_busy_timeout(db, busy_timeout_ms);
}

Statement& Connection::statement(const char* sql) {
  auto& cached = statements_[sql];
  if (!cached) cached = std::make_unique<Statement>(raw(), sql);
  domain::require(!cached->busy(), "a statement is used once at a time");
  return *cached;
}

void Connection::exec(const char* sql) {
  const int code = sqlite3_exec(raw(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw failure_of(raw(), code, sql);
}

std::string Connection::text_of(const char* sql) {
  Statement statement(raw(), sql);
  Query query(statement);
  return query.next() ? query.row().next<std::string>() : std::string();
}

void Connection::rollback() noexcept {
  if (in_transaction()) sqlite3_exec(raw(), "rollback", nullptr, nullptr, nullptr);
}

}  // namespace onsale::store::sqlite
