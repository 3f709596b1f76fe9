// A file that an older program wrote is brought up to date when it is opened, and nothing in it
// is lost. The rows are written here as schema versions 1 and 2 had them, whatever the store does
// now.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include "store/audit.h"
#include "store/sqlite/schema_v1.h"
#include "store/sqlite/schema_v2.h"
#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::store {
namespace {

using namespace domain;
using ::testing::AnyOf;
using testing::Box;
using ::testing::Contains;
using testing::dump;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::must;
using ::testing::Not;
using ::testing::Pair;
using testing::TempDir;
using testing::text;
using testing::token;

// Two fans with a wallet each; fan 1 is active and holds seat 1, fan 2 waits. Times in ms.
constexpr const char* rows_of_v1 = R"sql(
insert into users values (1, 'fan1@x.org', 'Fan 1', 'hash', 'buyer', 1899999990000),
                         (2, 'fan2@x.org', 'Fan 2', 'hash', 'organiser', 1899999990000);
insert into accounts (id, kind, owner, balance)
  values (2, 'wallet', 1, 1500), (3, 'wallet', 2, 0), (4, 'revenue', 1, 0);
update accounts set balance = -1500 where id = 1;
insert into transfers values (1, 1, 2, 1500, 'charge', 2, 1500, null, null, 1899999991000);
insert into venues values (1, 'Hall', 'Seoul', 'Asia/Seoul');
insert into events values (1, 'Show', 'Band', 1, 1, 1899996400000, null, null, null, null);
insert into performances values (1, 1, 'First night', 1900086400000, null, null, 2);
insert into price_tiers values (1, 1, 'A', 1000);
insert into reservations values (1, 1, 1, 'held', 1000, 1, 1899999999000, 1900000299000, null, null);
insert into seats values (1, 1, 'A-1', 1000, 'held', 1, 1900000299000),
                         (2, 1, 'A-2', 1000, 'available', null, null);
insert into seat_places values (1, 1, 'guid-1', 'A', '1', '1', 1, 0.5, 1.25),
                               (2, 1, 'guid-2', 'A', '1', '2', 1, 1.0, 1.25);
insert into reservation_lines values (1, 1, 1, 1000, null);
insert into visitors values
  (1, 1, x'0a000000000000000000000000000001', 1, 'active', 1899999998000, 1899999998000,
   1900000598000, null, 1, 1900000598000),
  (1, 2, x'0a000000000000000000000000000002', 2, 'waiting', 1899999998500, null, null, null, 0, null);
update waiting_rooms set active_sessions_max = 1, next_number = 3, waiting_count = 1,
                         active_count = 1 where id = 1;
insert into idempotency (user_id, route, key, fingerprint, status, body, created_at)
  values (1, 'POST /v1/reservations', 'key', 'print', 201, '{}', 1899999999000);
insert into secrets values ('signing key', 'kept');
insert into journal values (1, x'0c000000000000000000000000000001', 1899999999000,
'[{"record":"visitor","step":"entered","token":"0a000000000000000000000000000002","room":1,"user":2,"number":2,"state":"waiting","issued_at":1899999998500,"claimed":0},
{"record":"reservation","step":"held","id":1,"user":1,"event":1,"state":"held","total":1000,"seat_count":1,"created_at":1899999999000,"expires_at":1900000299000,"seats":[[1,1]]}]');
pragma application_id = 0x4f6e736c;
pragma user_version = 1;
)sql";

// The same file after a program of schema version 2 had it: fan 3 waits behind fan 2, and fan 4
// has left.
constexpr const char* rows_of_v2 = R"sql(
update reservations set attendee_name = '김하늘' where id = 1;
update visitors set browser_id = 'Fox' where number = 2;
insert into users values (3, 'fan3@x.org', 'Fan 3', 'hash', 'buyer', 1899999990000),
                         (4, 'fan4@x.org', 'Fan 4', 'hash', 'buyer', 1899999990000);
insert into accounts (id, kind, owner, balance) values (5, 'wallet', 3, 0), (6, 'wallet', 4, 0);
insert into visitors (room_id, number, token, user_id, state, issued_at, ended_at, claimed,
                      browser_id) values
  (1, 3, x'0a00000000000000000000000000000a', 4, 'left', 1899999998600, 1899999998700, 0, ''),
  (1, 4, x'0a00000000000000000000000000000b', 3, 'waiting', 1899999998800, null, 0, 'Cat');
update waiting_rooms set next_number = 5, waiting_count = 2 where id = 1;
pragma user_version = 2;
)sql";

class Migration : public ::testing::Test {
 protected:
  void SetUp() override { execute({sqlite::schema_v1, rows_of_v1}); }

  void execute(std::initializer_list<const char*> all) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    for (const char* sql : all) {
      EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    }
    sqlite3_close(db);
  }

  [[nodiscard]] int version() const {
    sqlite3* db = nullptr;
    sqlite3_stmt* query = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_prepare_v2(db, "pragma user_version", -1, &query, nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_step(query), SQLITE_ROW);
    const int found = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return found;
  }

  TempDir dir;
  std::string file = dir.file("onsale.db");
  std::string url = "sqlite:" + file;
};

TEST_F(Migration, OnlyAServerBringsAFileUpToDate) {
  const auto looked = open(url, Access::read_only);
  ASSERT_FALSE(looked);
  EXPECT_THAT(looked.error().message, HasSubstr("schema version 1 and needs 6"));
  EXPECT_EQ(version(), 1);
  must(open(url, Access::read_write)).reset();
  EXPECT_EQ(version(), 6);
  EXPECT_TRUE(open(url, Access::read_only));
}

TEST_F(Migration, EverythingIsStillThere) {
  Box box(must(open(url, Access::read_write)));
  EXPECT_THAT(must(audit(*box.reader)).violations, IsEmpty());
  EXPECT_EQ(must(box.store->secret("signing key", "another")), "kept");
  EXPECT_EQ(text(*must(box.reader->user({2}))),
            "user 2 'fan2@x.org' 'Fan 2' 'hash' organiser 1899999990000");
  EXPECT_EQ(text(*must(box.reader->reservation({1}))),
            "reservation 1 1 1 held 1000 1 1899999999000 1900000299000 - - ''\n"
            "  line 1 1 1 1000 0 A-1");
  EXPECT_EQ(text(*must(box.reader->visitor(token(2)))),
            "visitor 0a000000000000000000000000000002 1 2 2 2 waiting 1899999998500 - - - no - ''");
  const IdempotencyKey key{{1}, "POST /v1/reservations", "key"};
  EXPECT_EQ(box.look({.idempotency_keys = {key}}).idempotency.at(key).fingerprint, "print");
  std::vector<Record> records;
  must(box.reader->each_journal_entry({}, [&](const JournalEntry& e) { records = e.records; }));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(std::get<VisitorMoved>(records[0]).visitor.token, token(2));
  EXPECT_EQ(std::get<VisitorMoved>(records[0]).visitor.order_key, 2);
  EXPECT_EQ(std::get<ReservationMoved>(records[1]).reservation.total, Money{1'000});
}

TEST_F(Migration, TheBusinessGoesOn) {
  std::vector<std::string> before;
  {
    Box box(must(open(url, Access::read_write)));
    EXPECT_EQ(box.run(PayAll{.user = {1}}).result, PayAllResult::paid);
    EXPECT_EQ(must(box.reader->visitor(token(2)))->state, VisitorState::active) << "next in line";
    const Hold hold{.user = {2}, .event = {1}, .seats = {{{1}, {2}}}, .attendee_name = "김하늘"};
    const auto id = box.run(hold).reservation.id;
    EXPECT_EQ(must(box.reader->reservation(id))->reservation.attendee_name, "김하늘");
    box.run(Enter{default_room, {1}, token(3), "Fox"});
    EXPECT_EQ(must(box.reader->visitor(token(3)))->browser_id, "Fox");
    EXPECT_THAT(must(audit(*box.reader)).violations, IsEmpty());
    before = dump(*box.reader);
  }
  Box again(must(open(url, Access::read_write)));
  EXPECT_EQ(dump(*again.reader), before) << "and a second opening changes nothing";
}

TEST_F(Migration, WhoWaitedInAFileOfVersion2IsServedInTheOrderOfArrival) {
  execute({sqlite::schema_v2, rows_of_v2});
  Box box(must(open(url, Access::read_write)));
  EXPECT_EQ(version(), 6);
  EXPECT_THAT(must(audit(*box.reader)).violations, IsEmpty());
  must(box.reader->each_room([](const WaitingRoom& room) {
    EXPECT_EQ(text(room), "room 1 'default' 1 - - - - - - - open - '' - 5 2 1 0 - 0");
  }));
  std::vector<std::pair<std::int64_t, VisitorState>> visitors;
  must(box.reader->each_visitor(false, [&](const Visitor& row) {
    EXPECT_EQ(row.order_key, row.number);
    visitors.emplace_back(row.number, row.state);
  }));
  using enum VisitorState;
  EXPECT_THAT(visitors,
              ElementsAre(Pair(1, active), Pair(2, waiting), Pair(3, left), Pair(4, waiting)));
  EXPECT_EQ(must(box.reader->visitor(token(11)))->browser_id, "Cat");

  box.run(Leave{token(1), {1}});
  EXPECT_EQ(must(box.reader->visitor(token(2)))->state, active) << "first come";
  const ChangeRoom more{.room = default_room, .policy = {.active_sessions_max = 2}};
  EXPECT_EQ(box.run(more).result, ChangeRoomResult::changed);
  EXPECT_EQ(must(box.reader->visitor(token(11)))->state, active);
  EXPECT_THAT(must(audit(*box.reader)).violations, IsEmpty());
}

TEST_F(Migration, AnUpgradedFileHasTheTablesOfANewOne) {
  must(open(url, Access::read_write)).reset();
  must(open("sqlite:" + dir.file("new.db"), Access::read_write)).reset();
  const auto tables = [&](const std::string& name) {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(name.c_str(), &db), SQLITE_OK);
    std::vector<std::string> found;
    const auto add = [](void* to, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(to)->emplace_back(values[0]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, "select sql from sqlite_schema where sql is not null order by name",
                           add, &found, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    return found;
  };
  EXPECT_EQ(tables(file), tables(dir.file("new.db")));
}

// See schema_v4.h.
TEST_F(Migration, NoGuardOfASaleFillsATemporaryTable) {
  must(open(url, Access::read_write)).reset();
  for (const char* table : {"reservations", "seats", "visitors", "tickets", "transfers"}) {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    std::vector<std::string> steps;
    const auto add = [](void* to, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(to)->emplace_back(values[1]);
      return 0;
    };
    const std::string insert = std::string("explain insert into ") + table + " default values";
    EXPECT_EQ(sqlite3_exec(db, insert.c_str(), add, &steps, nullptr), SQLITE_OK);
    sqlite3_close(db);
    EXPECT_THAT(steps, Contains(AnyOf("Insert", "IdxInsert"))) << table;
    EXPECT_THAT(steps, Not(Contains("OpenEphemeral"))) << table;
  }
}

}  // namespace
}  // namespace onsale::store
