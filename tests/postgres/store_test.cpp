// What only the PostgreSQL store does; what all stores do is in tests/conformance.
#include <gmock/gmock.h>

#include <thread>

#include "store/loading.h"
#include "store/postgres/connection.h"
#include "store/postgres/source.h"
#include "tests/conformance/box.h"
#include "tests/engine/box_office.h"
#include "tests/postgres/fixture.h"

namespace onsale::testing {
namespace {

using namespace domain;
using store::postgres::Answer;
using store::postgres::Columns;
using store::postgres::Connection;
using store::postgres::PostgresSource;
using store::postgres::Values;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(PostgresStore, AnEmptyDatabaseIsNotReadAndOneOfOthersNotTouched) {
  EXPECT_THAT(refusal(url, store::Access::read_only), HasSubstr("the database is empty"));
  Connection(url).exec("create table theirs (id bigint)");
  EXPECT_THAT(refusal(url, store::Access::read_write), HasSubstr("tables of another program"));
}

TEST_F(PostgresStore, ANewerSchemaIsLeftAlone) {
  open().reset();
  Connection(url).exec("insert into onsale_schema values (99, now())");
  EXPECT_THAT(refusal(url, store::Access::read_write), HasSubstr("schema version 99"));
  EXPECT_THAT(refusal(url, store::Access::read_only), HasSubstr("schema version 99"));
}

// It could not keep what people are called, and would refuse it sale by sale.
TEST_F(PostgresStore, ADatabaseThatIsNotInUtf8IsRefusedByName) {
  std::string latin = url;
  latin.insert(latin.find('?'), "_latin");
  const std::string name = store::postgres::option_of(latin, "dbname");
  Connection(url).exec(
      ("create database " + name + " encoding 'LATIN1' locale 'C' template template0").c_str());
  const std::string refused = refusal(latin, store::Access::read_write);
  EXPECT_THAT(refused, HasSubstr("_latin: the database has the encoding LATIN1"));
  EXPECT_THAT(refused, HasSubstr("needs UTF8"));
  EXPECT_THAT(refusal(latin, store::Access::read_only), HasSubstr("the database is empty"))
      << "reading is the way out";
}

TEST_F(PostgresStore, NeverTellsThePassword) {
  const std::string message =
      refusal("postgresql://fan:hunter2@127.0.0.1:1/onsale", store::Access::read_write);
  EXPECT_THAT(message, HasSubstr("postgresql://127.0.0.1/onsale"));
  EXPECT_THAT(message, Not(HasSubstr("hunter2")));
}

TEST_F(PostgresStore, GoesOnAfterItsConnectionsWereEnded) {
  Box box(open());
  box.open_house(4, 2);
  end_connections();
  EXPECT_TRUE(box.look({.users = {box.fans[0]}}).user_exists.at(box.fans[0]));
  end_connections();
  EXPECT_TRUE(must(box.reader->user(box.fans[0])));
  EXPECT_TRUE(box.held(box.fans[0], {1}));
}

// Whatever is the first that is said on it after a while.
TEST_F(PostgresStore, GoesOnAfterItsConnectionsWereEndedWhileNobodyUsedThem) {
  Box box(open());
  box.open_house(4, 2);
  ASSERT_TRUE(must(box.reader->user(box.fans[0])));
  std::this_thread::sleep_for(std::chrono::milliseconds{1100});  // its plans are old by then
  end_connections();
  EXPECT_TRUE(must(box.reader->user(box.fans[0])));
  std::this_thread::sleep_for(std::chrono::milliseconds{1100});
  end_connections();
  EXPECT_TRUE(box.held(box.fans[0], {1}));
}

// A server that comes back from a crash may give transaction ids away once more.
TEST_F(PostgresStore, AMarkOfTheJournalIsGoodForOneRunOfTheServer) {
  Box box(open());
  const auto colleague = must(box.store->reader());
  auto mark = must(box.reader->journal_mark());
  const auto nothing = [](const store::JournalEntry&) {};
  // A connection that is lost has missed nothing.
  end_connections();
  for (store::Reader* reader : {box.reader.get(), colleague.get()}) {
    must(reader->follow_journal(mark, {}, nothing));
  }
  // One that comes back to a server that has recovered since may have.
  const std::string before = mark.text;
  Connection(url).exec("select pg_stat_reset_shared('archiver')");
  end_connections();
  for (store::Reader* reader : {box.reader.get(), colleague.get()}) {
    const auto followed = reader->follow_journal(mark, {}, nothing);
    ASSERT_FALSE(followed);
    EXPECT_EQ(followed.error().failure, store::Failure::unknown) << followed.error().message;
    EXPECT_EQ(mark.text, before);
  }
  mark = must(box.reader->journal_mark());
  must(colleague->follow_journal(mark, {}, nothing));
  must(box.reader->follow_journal(mark, {}, nothing));
}

// Nobody knows whether it was committed until the journal was asked.
TEST_F(PostgresStore, ACommitWhoseConnectionEndsIsUnknownAndThenFoundOut) {
  Box box(open());
  const CreateUser command{"a@x.org", "A", "hash"};
  Footprint need;
  footprint(command, box.policy, need);
  Rows rows;
  must(box.writer->load(need, rows));
  decide(rows, command, box.now, box.policy);
  end_connections();
  const auto batch = box.next_batch();
  const auto committed = box.writer->commit(rows, batch, box.now);
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().failure, store::Failure::unknown) << committed.error().message;
  EXPECT_FALSE(must(box.writer->find_batch(batch)));
  EXPECT_TRUE(box.add_user("b"));
}

// The plan of a statement is kept, and was right for a table that was empty.
TEST_F(PostgresStore, PlansAnewWhenThereIsMoreToRead) {
  Connection db(url);
  db.exec("create table filling (id bigint primary key)");
  db.exec("vacuum analyze filling");
  const auto rows_read = [&] {
    db.exec("select pg_stat_force_next_flush()");  // what was counted before
    db.exec("begin");
    const char* look_up =
        "select from filling where id in (select unnest($1::bigint[]) union select 0) order by id";
    EXPECT_LE(db.query(look_up, Values(std::vector<std::int64_t>{1, 2})).size(), 2);
    const auto read = db.query(
        "select coalesce(idx_tup_fetch, 0) + seq_tup_read from pg_stat_xact_user_tables "
        "where relname = 'filling'");
    db.exec("commit");
    return read.row(0).next<std::int64_t>();
  };
  EXPECT_EQ(rows_read(), 0);
  db.exec("insert into filling select generate_series(1, 5000)");
  EXPECT_EQ(rows_read(), 5000);
  db.plan_anew();
  EXPECT_EQ(rows_read(), 2);
}

// PostgreSQL knows here that all tables are empty, as they are when a sale begins. The checks of
// references keep their plans too, and look for each row.
TEST_F(PostgresStore, ReadsNoMoreOfATableForAHoldAsItFills) {
  constexpr int people = 2'000;
  constexpr int together = 50;
  constexpr std::int64_t read_per_person_max = 200;
  open().reset();
  Connection admin(url);
  admin.exec("vacuum analyze");
  {
    Box box(open());
    box.policy.room.active_sessions_max = people;
    box.open_house(people, 0);
    for (int from = 0; from < people; from += together) {
      std::vector<Command> join;
      std::vector<Command> enter;
      std::vector<Command> hold;
      for (int at = from; at < from + together; ++at) {
        const UserId user{1 + at};
        join.emplace_back(CreateUser{std::to_string(at) + "@x.org", "fan", "hash"});
        enter.emplace_back(Enter{default_room, user, token(static_cast<std::uint64_t>(at + 1))});
        hold.emplace_back(box.hold_of(user, {at + 1}));
      }
      for (const auto& batch : {join, enter, hold}) box.batch(batch);
    }
  }
  const auto is_alone = [&] {
    const char* others =
        "select from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid()";
    return admin.query(others).size() == 0;
  };
  test::eventually(is_alone);  // then all has been counted
  const Answer tables = admin.query(
      "select relname::text, (coalesce(idx_tup_fetch, 0) + seq_tup_read)::bigint "
      "from pg_stat_user_tables where relname in "
      "('users', 'accounts', 'visitors', 'seats', 'reservations', 'reservation_lines')");
  ASSERT_EQ(tables.size(), 6);
  for (int at = 0; at < tables.size(); ++at) {
    Columns table = tables.row(at);
    const auto name = table.next<std::string>();
    EXPECT_LE(table.next<std::int64_t>(), people * read_per_person_max) << name;
  }
  const auto held = admin.query("select from reservations");
  EXPECT_EQ(held.size(), people);
}

// Also where nobody is in the room any more: what changes its seats goes one after the other, and
// is followed in that order.
TEST_F(PostgresStore, WhatRunsOutLocksItsRoom) {
  Box box(open());
  box.open_house(4, 1);
  const auto visitor = box.enter(box.fans[0]);
  box.held(box.fans[0], {1});
  box.run(Leave{.token = visitor, .by = box.fans[0]});
  Rows rows;
  const Timestamp later = box.now + std::chrono::hours{1};
  must(box.writer->load({.due = true, .due_at = later}, rows));
  ASSERT_THAT(rows.due_reservations, ::testing::SizeIs(1));
  EXPECT_THROW(Connection(url).exec("select 1 from waiting_rooms for update nowait"),
               store::postgres::PostgresFailure);
  box.writer->abandon();
  Connection(url).exec("select 1 from waiting_rooms for update nowait");
}

// The ids of a batch that was committed are never given back, whatever fails later.
TEST_F(PostgresStore, ALoadThatFailsGivesNoIdsOfOthersBack) {
  const char separator = url.find('?') == std::string::npos ? '?' : '&';
  const std::string impatient = url + separator + "options=-c%20lock_timeout%3D50ms";
  Box box(must(store::open(impatient, store::Access::read_write)));
  box.open_house(4, 2);
  const auto first = box.held(box.fans[0], {1});
  Connection other(url);
  other.exec("begin; select * from waiting_rooms for update");
  Rows rows;
  const auto refused =
      box.writer->load({.rooms = {default_room}, .fresh = {.reservations = 3}}, rows);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().failure, store::Failure::unavailable) << refused.error().message;
  other.rollback();
  EXPECT_EQ(box.held(box.fans[1], {2}).value, first.value + 1);
}

// Those of a batch that was refused are, and the next one takes them.
TEST_F(PostgresStore, ARefusedBatchUsesNoIdsUp) {
  Box box(open());
  box.open_house(4, 2);
  const auto before = box.look({.fresh = {.users = 1}}).ids.users.next;
  const CreateUser command{"a@x.org", "A", "hash"};
  Footprint need;
  footprint(command, box.policy, need);
  need.fresh.users += 5;  // some of which nobody takes
  const auto refused = box.write(need, [&](Rows& rows) {
    decide(rows, command, box.now, box.policy);
    rows.users.add({1}, {.id = {1}, .email = "other@x.org"});
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().failure, store::Failure::constraint);
  EXPECT_EQ(box.add_user("b").value, before);
}

// One round trip for a load: whatever a footprint leads to is in it.
TEST_F(PostgresStore, ForeseesWhatALoadWillAskFor) {
  Box box(open());
  box.open_house(6, 3, {.require_balance_at_hold = true});
  for (const UserId fan : box.fans) box.run(Charge{fan, {10'000}});
  const auto held = box.held(box.fans[0], {1, 2});
  box.held(box.fans[1], {3});
  const Footprint needs[] = {
      {.users = {box.fans[0], {99}}, .visitors_in_room = {{box.fans[0], default_room}}},
      {.emails = {"fan1@x.org", "nobody@x.org"}, .fresh = {.users = 1, .accounts = 1}},
      {.wallets = {box.fans[2]}, .fresh = {.transfers = 1}},
      {.venues = {{1}, {9}}, .rooms = {default_room, {9}}, .events = {box.event, {9}}},
      {.performances = {box.performance, {9}}, .seats = {{1}, {99}}},
      {.seats = {{4}}, .holders = {{box.fans[2], box.event}}, .fresh = {.reservations = 1}},
      {.visitors = {token(1), token(99)}},
      {.reservations = {held, {99}}, .fresh = {.tickets = 2, .transfers = 2}},
      {.due = true, .due_at = box.now + std::chrono::hours{1}},
      {.holders = {{box.fans[0], box.event}},
       .reservations = {held},
       .due = true,
       .due_at = box.now},
  };
  Connection db(url);
  for (const Footprint& need : needs) {
    PostgresSource source(db);
    db.send("begin");
    source.send(need);
    const auto answers = db.receive();
    source.read(answers.begin() + 1);
    Rows rows;
    store::Loader(source, rows).load(need);
    EXPECT_EQ(source.asked_late(), 0) << "footprint " << &need - needs;
    db.rollback();
  }
}

}  // namespace
}  // namespace onsale::testing
