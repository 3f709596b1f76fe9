#include "store/postgres/schema.h"

#include <fmt/format.h>

#include <array>

#include "store/postgres/schema_v1.h"
#include "store/postgres/schema_v2.h"
#include "store/postgres/schema_v3.h"
#include "store/postgres/schema_v4.h"

namespace onsale::store::postgres {
namespace {

/// Step n brings a database from version n - 1 to n.
constexpr std::array steps{schema_v1, schema_v2, schema_v3, schema_v4};
constexpr auto newest = static_cast<std::int64_t>(steps.size());

/// A dump that was restored elsewhere holds the transaction ids of the server it came from. Those
/// that are yet to come here would look new to whoever follows the journal, again and again: so it
/// is written down where they end. The newest entries tell, since on one server ids and
/// transactions grow together but for the few that were at work at once. What it costs does not
/// depend on how many entries there are, and none of them is changed.
constexpr const char* adopt_sql =
    "update journal_adopted set until_id = (select max(id) from journal) "
    "where exists (select 1 from (select id, xid from journal order by id desc limit 1000) newest "
    "where newest.id > until_id and newest.xid >= pg_snapshot_xmax(pg_current_snapshot()))";

[[noreturn]] void refuse(std::string message) {
  throw PostgresFailure{"", {Failure::damaged, std::move(message)}};
}

/// The version of a database that is ours, or 0 for one that is still empty.
std::int64_t version_of(Connection& db) {
  constexpr const char* has_sql = "select to_regclass('onsale_schema') is not null";
  constexpr const char* tables_sql =
      "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
      "where n.nspname = current_schema() and c.relkind in ('r', 'p')";
  if (!db.query(has_sql).row(0).next<bool>()) {
    if (db.query(tables_sql).row(0).next<std::int64_t>() == 0) return 0;
    refuse("the database has the tables of another program; give Onsale one of its own");
  }
  const auto version =
      db.query("select max(version) from onsale_schema").row(0).next<std::int64_t>();
  if (version > newest) {
    refuse(
        fmt::format("the database has schema version {}, and this program knows only {}: run the "
                    "newer program that wrote it",
                    version, newest));
  }
  return version;
}

}  // namespace

void expect_every_character(const Connection& db) {
  const std::string encoding = db.parameter("server_encoding");
  if (encoding == "UTF8") return;
  refuse(
      fmt::format("the database has the encoding {}, and Onsale needs UTF8: create another one "
                  "with `create database NAME encoding 'UTF8' template template0`, and move what "
                  "is in this one with `onsale copy`",
                  encoding));
}

void migrate(Connection& db) {
  db.exec("begin");
  try {
    db.take_time();
    db.exec("select pg_advisory_xact_lock(hashtext('onsale schema'))");
    for (std::int64_t version = version_of(db); version < newest; ++version) {
      if (version == 0) {
        db.exec("create table onsale_schema (version bigint primary key, at timestamptz not null)");
      }
      db.exec(steps.at(static_cast<std::size_t>(version)));
      db.exec(fmt::format("insert into onsale_schema values ({}, now())", version + 1).c_str());
    }
    db.exec(adopt_sql);
    db.exec("commit");
  } catch (...) {
    db.rollback();
    throw;
  }
}

void expect_newest_schema(Connection& db) {
  const auto version = version_of(db);
  if (version == newest) return;
  refuse(version == 0 ? "the database is empty: no server has used it yet"
                      : fmt::format("the database has schema version {}, this program {}: start "
                                    "the server once, which brings it up to date",
                                    version, newest));
}

}  // namespace onsale::store::postgres
