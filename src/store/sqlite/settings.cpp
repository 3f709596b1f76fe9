#include "store/sqlite/settings.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <filesystem>
#include <system_error>

namespace onsale::store::sqlite {
namespace {

[[noreturn]] void cannot_use(std::string message) {
  throw SqliteFailure{SQLITE_CANTOPEN, {Failure::unavailable, std::move(message)}};
}

void expect(Connection& db, const char* pragma, std::string_view wanted) {
  if (db.text_of(pragma) != wanted) {
    cannot_use(fmt::format("SQLite does not accept '{} = {}'", pragma, wanted));
  }
}

void use_wal(Connection& db) {
  const std::string mode = db.text_of("pragma journal_mode = wal");
  if (mode != "wal") {
    cannot_use(
        fmt::format("SQLite cannot keep a write-ahead log here (it says '{}'): the file must "
                    "be on a local file system, not on a network share",
                    mode));
  }
}

bool on_read_only_file_system(const std::string& path) {
  struct statvfs info{};
  return statvfs(path.c_str(), &info) == 0 && (info.f_flag & ST_RDONLY) != 0;
}

bool has_wal(const std::string& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path + "-wal", none);
  return !none && size > 0;
}

std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

/// Password hashes and signing keys are in there: a new file is for its owner only. SQLite
/// gives the log beside it the same mode. Whatever goes wrong, opening it will say.
///
/// No descriptor of it is opened: closing it would take from this process every lock that SQLite
/// has on the file (https://www.sqlite.org/howtocorrupt.html, 2.2), and the next tool that looks
/// into the file would believe to be its only user, and delete the log that is in use.
void make_private(const std::string& path) {
  static_cast<void>(::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0));
}

Connection open_beside_writer(const std::string& path) {
  Connection db(path, SQLITE_OPEN_READONLY);
  db.exec("pragma query_only = on; pragma trusted_schema = off; pragma cache_size = -8192");
  db.exec("select count(*) from sqlite_master");  // opening touches nothing; this does
  return db;
}

}  // namespace

Connection open_for_writing(const std::string& path) {
  make_private(path);
  Connection db(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  use_wal(db);
  // secure_delete is on in Debian's build: it overwrites what is deleted, for which nothing
  // here is secret enough to pay.
  db.exec(
      "pragma synchronous = full; pragma foreign_keys = on; pragma trusted_schema = off;"
      "pragma wal_autocheckpoint = 0; pragma journal_size_limit = 67108864;"
      "pragma cache_size = -65536; pragma temp_store = memory; pragma secure_delete = off");
  expect(db, "pragma synchronous", "2");
  expect(db, "pragma foreign_keys", "1");
  expect(db, "pragma trusted_schema", "0");
  return db;
}

Connection open_for_reading(const std::string& path) {
  try {
    return open_beside_writer(path);
  } catch (const SqliteFailure& failure) {
    const int code = failure.code & 0xff;
    const bool read_only_files = code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    if (!read_only_files || !std::filesystem::exists(path)) throw;
    if (!on_read_only_file_system(path) || has_wal(path)) {
      cannot_use(
          fmt::format("{}; reading a database needs write access to its directory, or a "
                      "read-only file system and a database that was closed properly",
                      failure.error.message));
    }
    Connection db(immutable_uri(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    db.exec("pragma query_only = on; pragma trusted_schema = off");
    return db;
  }
}

}  // namespace onsale::store::sqlite
