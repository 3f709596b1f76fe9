// What is left behind when a statement is canceled, a value is refused, or nobody waits any more:
// nothing that others would feel.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <random>

#include "store/postgres/connection.h"
#include "tests/conformance/box.h"
#include "tests/engine/box_office.h"
#include "tests/postgres/fixture.h"

namespace onsale::testing {
namespace {

using namespace domain;
using store::postgres::Answer;
using store::postgres::Columns;
using store::postgres::Connection;
using ::testing::HasSubstr;

int locks_on_ids(Connection& admin) {
  constexpr int two_keys = 2;  // locks of one key are meant: who leads, whose batch it is
  return admin
      .query(
          "select from pg_locks where locktype = 'advisory' and objsubid = $1::bigint and "
          "database = (select oid from pg_database where datname = current_database())",
          store::postgres::Values(two_keys))
      .size();
}

/// How many waited for a number of a reservation; they do no more.
int cancel_who_waits(Connection& admin) {
  return admin
      .query(
          "select pg_cancel_backend(pid) from pg_locks where not granted "
          "and relation = 'ids_reservations'::regclass")
      .size();
}

// Whichever way a function is left that takes a lock, nobody else may have to wait for it then.
TEST_F(PostgresStore, ACancelInTheMidstOfTakingIdsLeavesNoLockBehind) {
  Box box(open());
  box.open_house(4, 1);
  Connection other(url);
  other.exec("begin; alter sequence ids_reservations cache 1");  // who wants a number waits
  const auto take = [&] {
    Rows rows;
    return box.writer->load({.fresh = {.reservations = 3}}, rows);
  };
  auto taking = std::async(std::launch::async, take);
  Connection admin(url);
  test::eventually([&] { return cancel_who_waits(admin) > 0; });
  const auto taken = taking.get();
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("57014"));
  other.rollback();
  EXPECT_EQ(locks_on_ids(admin), 0);
  // Another node is not kept waiting.
  Box node(open());
  Rows rows;
  must(node.writer->load({.fresh = {.reservations = 3}}, rows));
  node.writer->abandon();
}

// The same for giving back, which happens when a batch is refused.
TEST_F(PostgresStore, ACancelInTheMidstOfGivingIdsBackLeavesNoLockBehind) {
  open().reset();
  Connection other(url);
  other.exec("begin; alter sequence ids_reservations cache 1");
  Connection node(url);
  auto giving = std::async(std::launch::async, [&] {
    return store::postgres::guarded(
        [&] { node.exec("select give_back_ids('ids_reservations', 1, 1)"); });
  });
  Connection admin(url);
  test::eventually([&] { return cancel_who_waits(admin) > 0; });
  const auto given = giving.get();
  ASSERT_FALSE(given);
  EXPECT_THAT(given.error().message, HasSubstr("57014"));
  other.rollback();
  EXPECT_EQ(locks_on_ids(admin), 0);
}

// What was canceled at its beginning is over, and the next one begins anew.
TEST_F(PostgresStore, AReaderWhoseQuestionsWereCanceledReadsOn) {
  constexpr int canceled_min = 5;
  Box box(open());
  box.open_house(4, 1);
  box.held(box.fans[0], {1});
  std::atomic<int> canceled = 0;
  auto reading = std::async(std::launch::async, [&] {
    while (canceled < canceled_min) {
      if (!box.reader->reservations_of(box.fans[0], {})) ++canceled;
    }
  });
  Connection admin(url);
  while (canceled < canceled_min) {
    admin.exec(
        "do $$ begin for round in 1..100 loop perform pg_stat_clear_snapshot(); "
        "perform pg_cancel_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid(); end loop; end $$");
  }
  reading.get();
  EXPECT_THAT(must(box.reader->reservations_of(box.fans[0], {})), ::testing::SizeIs(1));
}

// A statement that set it could be canceled, and the session would go on without.
TEST_F(PostgresStore, ASessionHasItsSettingsFromItsFirstMessage) {
  Connection db(store::postgres::Server(url).with("-c idle_session_timeout=3s"));
  const Answer found = db.query(
      "select setting::text, source::text from pg_settings where name = 'idle_session_timeout'");
  Columns row = found.row(0);
  EXPECT_EQ(row.next<std::string>(), "3000");
  EXPECT_EQ(row.next<std::string>(), "client");
}

// What the database does not take as a value is the fault of whoever brought it.
TEST_F(PostgresStore, AValueThatIsRefusedBlamesItsBatch) {
  Box box(open());
  box.open_house(4, 1);
  using namespace std::string_literals;
  std::string incompressible;
  std::mt19937 random(1);
  for (int at = 0; at < 20'000; ++at) {
    incompressible += static_cast<char>('!' + random() % 90);
  }
  for (const std::string& bad : {"a\0b"s, "\xff"s, incompressible}) {
    const auto written = box.write({}, [&](Rows& rows) {
      rows.users.add({77}, {.id = {77}, .email = "early@x.org"});
      rows.price_tiers.add({9}, {.id = {9}, .performance = box.performance, .name = bad});
    });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().failure, store::Failure::constraint) << written.error().message;
    Rows rows;
    const auto loaded = box.writer->load({.emails = {bad}}, rows);
    box.writer->abandon();
    if (loaded) continue;
    EXPECT_EQ(loaded.error().failure, store::Failure::constraint) << loaded.error().message;
  }
  EXPECT_FALSE(must(box.reader->user({77})));
}

TEST_F(PostgresStore, WhoeverBringsAValueThatIsRefusedFailsAlone) {
  using namespace std::string_literals;
  constexpr int charges = 20;
  test::BoxOffice office{open(), 1, 2};
  std::vector<std::future<test::ReplyTo<Charge>>> replies;
  for (int at = 0; at < charges; ++at) {
    const engine::Idempotency<ChargeOutcome> once{
        .key = {office.users[0], "r", (at == 7 ? "\0"s : "") + std::to_string(at)},
        .fingerprint = "print",
        .word = [](const ChargeOutcome&) { return engine::StoredAnswer{201, "{}"}; }};
    replies.push_back(test::submit(*office.engine, Charge{office.users[0], {1}}, once));
  }
  for (int at = 0; at < charges; ++at) {
    const auto reply = replies[static_cast<std::size_t>(at)].get();
    if (at == 7) {
      EXPECT_EQ(std::get<engine::Refusal>(reply), engine::Refusal::internal);
    } else {
      EXPECT_TRUE(std::holds_alternative<ChargeOutcome>(reply)) << at;
    }
  }
  EXPECT_THAT(office.engine->trouble(), ::testing::IsEmpty()) << "the store is well";
}

// Two who change different things of one user: nothing of what either did is lost.
TEST_F(PostgresStore, ChangesOfOneUserWaitForEachOther) {
  Box box(open());
  const UserId fan = box.add_user("fan");
  Box other(open());
  for (int name = 0; name < 100; ++name) (void)other.next_batch();  // those are the first one's
  const ChangeUser promote{.email = "fan@x.org", .role = Role::staff};
  Footprint need;
  footprint(promote, box.policy, need);
  Rows rows;
  must(box.writer->load(need, rows));
  std::atomic<bool> changed = false;
  auto changing = std::async(std::launch::async, [&] {
    other.run(ChangeUser{.email = "fan@x.org", .password_hash = "another"});
    changed = true;
  });
  Connection admin(url);
  test::eventually([&] { return changed || somebody_waits(admin); });
  decide(rows, promote, box.now, box.policy);
  must(box.writer->commit(rows, box.next_batch(), box.now));
  changing.get();
  const auto after = must(box.reader->user(fan));
  EXPECT_EQ(after->role, Role::staff);
  EXPECT_EQ(after->password_hash, "another");
}

// A process that has to end does not wait for a server that hangs.
TEST_F(PostgresStore, NobodyWaitsWhenTheStoreIsGivenUp) {
  Box box(open());
  box.open_house(4, 1);
  Connection other(url);
  other.exec("begin; select * from waiting_rooms for update");
  auto loading = std::async(std::launch::async, [&] {
    Rows rows;
    return box.writer->load({.rooms = {default_room}}, rows);
  });
  Connection admin(url);
  test::eventually([&] { return somebody_waits(admin); });
  box.store->give_up_at(std::chrono::steady_clock::now());
  const auto loaded = loading.get();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().failure, store::Failure::unavailable);
  EXPECT_THAT(loaded.error().message, HasSubstr("nobody waits"));
  EXPECT_TRUE(somebody_waits(admin)) << "it hangs still";
  const auto read = box.reader->user({1});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().failure, store::Failure::unavailable);
  EXPECT_FALSE(box.store->reader());
  other.rollback();
}

}  // namespace
}  // namespace onsale::testing
