// What is over costs nothing: how many rows PostgreSQL reads for a request does not depend on how
// often a user has been here; also with plans from when there was next to nothing.
#include "tests/conformance/past.h"

#include <gmock/gmock.h>

#include <map>

#include "store/postgres/connection.h"
#include "tests/support/postgres_database.h"

namespace onsale::testing {
namespace {

using store::postgres::Connection;

constexpr int often = 900;
/// Entries of rows that were changed since, which are read until somebody has noticed.
constexpr std::int64_t noise = often / 6;

class PostgresPast : public ::testing::Test {
 protected:
  /// By request. The sessions of the box are ended after each: that is when they tell what they
  /// have read.
  std::map<std::string, std::int64_t> rows_read_by_each() {
    std::map<std::string, std::int64_t> rows;
    for (const auto& request : regular.requests()) {
      request.make(box);
      const auto before = rows_read();
      request.make(box);
      rows[request.name] = rows_read() - before;
    }
    return rows;
  }

  std::int64_t rows_read() {
    (void)admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()");
    constexpr const char* others =
        "select count(*) from pg_stat_activity where datname = current_database() "
        "and backend_type = 'client backend' and pid <> pg_backend_pid()";
    while (admin.query(others).row(0).next<std::int64_t>() > 0) {
    }
    return admin
        .query(
            "select (select sum(seq_tup_read)::bigint from pg_stat_user_tables) + "
            "(select sum(idx_tup_read)::bigint from pg_stat_user_indexes)")
        .row(0)
        .next<std::int64_t>();
  }

  void expect_no_more_than(const std::map<std::string, std::int64_t>& first_days) {
    for (const auto& [request, rows] : rows_read_by_each()) {
      EXPECT_LE(rows, first_days.at(request) + noise) << request;
    }
  }

  const std::string url = new_postgres_database();
  Box box{must(store::open(url, store::Access::read_write))};
  Regular regular{box};
  Connection admin{url};
};

TEST_F(PostgresPast, ARequestReadsAsManyRowsAsOnTheFirstDays) {
  regular.come_again(60);
  admin.exec("vacuum analyze");
  const auto first_days = rows_read_by_each();
  EXPECT_GT(first_days.at("hold and cancel"), first_days.at("nothing")) << "nothing was counted";
  regular.come_again(often);
  {
    SCOPED_TRACE("as it was known on the first days");
    expect_no_more_than(first_days);
  }
  admin.exec("vacuum analyze");
  SCOPED_TRACE("as it is known now");
  expect_no_more_than(first_days);
}

}  // namespace
}  // namespace onsale::testing
