// What is over costs nothing: how much SQLite does for a request, in steps of its virtual machine,
// is the same however often a user has been here, and no plan walks a table that grows.
#include "tests/conformance/past.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <map>
#include <set>

#include "store/sqlite/connection.h"

namespace onsale::store {
namespace {

using ::testing::AnyOf;
using testing::Box;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::Each;
using testing::must;
using ::testing::Not;
using testing::Regular;
using testing::TempDir;

/// All statements that any connection of this process finishes.
struct Finished {
  std::int64_t steps = 0;
  std::set<std::string> texts;
};
Finished finished;

int note(unsigned, void*, void* statement, void*) {
  auto* done = static_cast<sqlite3_stmt*>(statement);
  finished.steps += sqlite3_stmt_status(done, SQLITE_STMTSTATUS_VM_STEP, /*resetFlg=*/1);
  finished.texts.insert(sqlite3_sql(done));
  return 0;
}

int watch(sqlite3* db, char**, const sqlite3_api_routines*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, note, nullptr);
}

void (*const on_open)() = reinterpret_cast<void (*)()>(watch);  // as its documentation has it

class Past : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // The store's settings of SQLite come before all else that one does with it.
    const sqlite::Connection first(":memory:", SQLITE_OPEN_READWRITE);
    ASSERT_EQ(sqlite3_auto_extension(on_open), SQLITE_OK);
  }
  static void TearDownTestSuite() { sqlite3_cancel_auto_extension(on_open); }

  /// By request. Each is made twice before: statements are prepared, pages are there.
  std::map<std::string, std::int64_t> steps_of_each() {
    std::map<std::string, std::int64_t> steps;
    for (const auto& request : regular.requests()) {
      request.make(box);
      request.make(box);
      finished.steps = 0;
      request.make(box);
      steps[request.name] = finished.steps;
    }
    return steps;
  }

  [[nodiscard]] std::vector<std::string> plan_of(const std::string& sql) const {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    std::vector<std::string> lines;
    const auto add = [](void* to, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(to)->emplace_back(values[3]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, ("explain query plan " + sql).c_str(), add, &lines, nullptr),
              SQLITE_OK)
        << sql << ": " << sqlite3_errmsg(db);
    sqlite3_close(db);
    return lines;
  }

  TempDir dir;
  std::string file = dir.file("onsale.db");
  Box box{must(open("sqlite:" + file, Access::read_write))};
  Regular regular{box};
};

TEST_F(Past, ARequestTakesAsManyStepsAsOnTheFirstDays) {
  regular.come_again(60);
  const auto first_days = steps_of_each();
  EXPECT_GT(first_days.at("hold and cancel"), 100) << "nothing was counted";
  regular.come_again(1'500);
  EXPECT_EQ(steps_of_each(), first_days);
}

TEST_F(Past, NoPlanWalksOrSortsATableThatGrows) {
  regular.come_again(60);
  finished.texts.clear();
  (void)steps_of_each();
  int looked_at = 0;
  for (const std::string& sql : finished.texts) {
    if (!sql.starts_with("select") && !sql.starts_with("update")) continue;
    if (sql.contains("indexed by visitors_live")) continue;  // those who are here, at the start
    ++looked_at;
    // Rooms and secrets are few, and so are the price tiers of a performance.
    EXPECT_THAT(plan_of(sql), AnyOf(Contains(ContainsRegex("waiting_rooms|secrets|price_tiers")),
                                    Each(Not(ContainsRegex("SCAN [^C]|TEMP B-TREE")))))
        << sql;
  }
  EXPECT_GT(looked_at, 20);
}

}  // namespace
}  // namespace onsale::store
