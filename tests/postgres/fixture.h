// A database of its own for each test of what only the PostgreSQL store does.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "store/postgres/connection.h"
#include "tests/conformance/backend.h"
#include "tests/engine/box_office.h"
#include "tests/support/postgres_database.h"

namespace onsale::testing {

class PostgresStore : public ::testing::Test {
 protected:
  const std::string url = new_postgres_database();

  std::unique_ptr<store::Store> open() const {
    return must(store::open(url, store::Access::read_write));
  }
  std::string refusal(const std::string& of, store::Access access) const {
    const auto opened = store::open(of, access);
    return opened ? "" : opened.error().message;
  }
  /// Until all others have left, and what they did has been counted.
  void wait_until_alone() const {
    store::postgres::Connection admin(url);
    test::eventually([&] {
      return admin
                 .query(
                     "select from pg_stat_activity where datname = current_database() "
                     "and pid <> pg_backend_pid()")
                 .size() == 0;
    });
  }
  /// Whether somebody waits for a lock there.
  static bool somebody_waits(store::postgres::Connection& admin) {
    return admin
               .query(
                   "select from pg_stat_activity where datname = current_database() "
                   "and wait_event_type = 'Lock'")
               .size() > 0;
  }
  /// Ends every other connection to the database, as a failover does.
  void end_connections() const {
    store::postgres::Connection admin(url);
    (void)admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()");
  }
};

}  // namespace onsale::testing
