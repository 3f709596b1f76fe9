// Several nodes on one database, as engines in one process: what each decides is right, and each
// shows what the others did.
#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "domain/room_control.h"
#include "engine/office_clock.h"
#include "store/audit.h"
#include "store/journal_codec.h"
#include "store/postgres/connection.h"
#include "tests/conformance/backend.h"
#include "tests/engine/box_office.h"
#include "tests/support/postgres_database.h"

namespace onsale::testing {
namespace {

using namespace domain;
using store::postgres::Connection;
using test::BoxOffice;
using test::call;
using test::eventually;
using test::submit;
using ::testing::IsEmpty;

std::unique_ptr<store::Store> store_at(const std::string& url) {
  return must(store::open(url, store::Access::read_write));
}

/// A box office with a second node beside its own.
class Nodes : public ::testing::Test {
 protected:
  const std::string url = new_postgres_database();
  BoxOffice office{store_at(url), 20, 8};
  std::unique_ptr<store::Store> other_store = store_at(url);
  std::unique_ptr<engine::Engine> other =
      must(engine::Engine::start(*other_store, office.clock, office.policy, office.limits, 2));

  engine::Engine& node(std::size_t number) { return number % 2 == 0 ? *office.engine : *other; }
  SeatStatus seen_by_other(int seat) const {
    const auto map = other->views().seat_map(office.performance);
    return map->status[*map->layout->index_of(office.seat(seat))];
  }
  VisitorToken enter(std::size_t on, std::size_t user) {
    VisitorToken token{};
    token.data[0] = 7;
    token.data[15] = static_cast<std::uint8_t>(user);
    return call(node(on), Enter{default_room, office.users[user], token}).token;
  }
  void expect_clean() const {
    const auto reader = must(office.store->reader());
    EXPECT_THAT(must(store::audit(*reader)).violations, IsEmpty());
  }
};

TEST_F(Nodes, EachShowsWhatTheOtherDid) {
  enter(0, 0);
  const auto held = call(*office.engine, office.hold_of(office.users[0], 1));
  ASSERT_EQ(held.result, HoldResult::held);
  eventually([&] { return seen_by_other(1) == SeatStatus::held; });
  EXPECT_EQ(call(*other, Cancel{held.reservation.id, office.users[0]}).result,
            CancelResult::canceled);
  EXPECT_EQ(seen_by_other(1), SeatStatus::available) << "its own writes at once";
  eventually([&] { return office.status_of(1) == SeatStatus::available; });
}

TEST_F(Nodes, ANewShowIsOnSaleOnBoth) {
  const auto show = call(*other, CreateEvent{.title = "Second", .venue = {1}}).event.id;
  EXPECT_TRUE(other->views().catalogue()->event(show));
  eventually([&] { return office.engine->views().catalogue()->event(show) != nullptr; });
}

// The catalogue is read anew for each while the next ones are being added.
TEST_F(Nodes, ShowsAddedOneAfterTheOtherAreAllShown) {
  constexpr int shows = 40;
  PerformanceId last{};
  for (int i = 0; i < shows; ++i) {
    const auto show = call(*office.engine, CreateEvent{.title = "Another", .venue = {1}}).event.id;
    last = call(*office.engine, CreatePerformance{.event = show,
                                                  .name = "Night",
                                                  .starts_at = office.clock.now(),
                                                  .price_tiers = {{"all", {1}}}})
               .performance.id;
  }
  eventually([&] { return other->views().catalogue()->performance(last) != nullptr; });
  EXPECT_EQ(other->views().catalogue()->performances.size(),
            office.engine->views().catalogue()->performances.size());
}

TEST_F(Nodes, ASeatIsSoldOnceWhereverItIsAskedFor) {
  for (std::size_t user = 0; user < office.users.size(); ++user) enter(user, user);
  std::vector<std::future<test::ReplyTo<Hold>>> asked;
  for (int seat = 1; seat <= 20; ++seat) {
    for (std::size_t user = 0; user < office.users.size(); ++user) {
      asked.push_back(submit(node(user), office.hold_of(office.users[user], seat)));
    }
  }
  std::size_t won = 0;
  for (auto& one : asked) {
    const auto outcome = std::get<HoldOutcome>(one.get());
    won += outcome.result == HoldResult::held ? 1 : 0;
    if (outcome.result != HoldResult::held) {
      EXPECT_THAT(outcome.result, ::testing::AnyOf(HoldResult::seat_taken, HoldResult::seat_limit));
    }
  }
  EXPECT_EQ(won, 20U);
  expect_clean();
}

TEST_F(Nodes, OneLineWithExactPlacesOnBoth) {
  call(*office.engine, ChangeRoom{.room = default_room, .policy = {.active_sessions_max = 1}});
  std::vector<VisitorToken> tokens;
  for (std::size_t user = 0; user < office.users.size(); ++user) {
    tokens.push_back(enter(user, user));  // in turn on the one and on the other
  }
  for (std::size_t place = 0; place < tokens.size(); ++place) {
    for (const std::size_t on : {0U, 1U}) {
      eventually([&] {
        const auto seen = node(on).views().visitor(tokens[place], office.clock.now());
        return seen && seen->position == static_cast<std::int64_t>(place);
      });
    }
  }
  call(*other, Leave{tokens[0], office.users[0]});
  eventually([&] {
    const auto next = office.engine->views().visitor(tokens[1], office.clock.now());
    return next && next->visitor.state == VisitorState::active;
  });
  expect_clean();
}

TEST_F(Nodes, TheSameKeyOnBothIsDoneOnce) {
  for (int key = 0; key < 20; ++key) {
    const engine::Idempotency<ChargeOutcome> once{
        .key = {office.users[0], "POST /v1/wallet/charges", std::to_string(key)},
        .fingerprint = "print",
        .word = [](const ChargeOutcome& o) {
          return engine::StoredAnswer{201, std::to_string(o.transfer.id.value)};
        }};
    auto first = submit(*office.engine, Charge{office.users[0], {10}}, once);
    auto second = submit(*other, Charge{office.users[0], {10}}, once);
    const auto done = first.get();
    const auto again = second.get();
    EXPECT_NE(std::holds_alternative<ChargeOutcome>(done),
              std::holds_alternative<ChargeOutcome>(again));
    EXPECT_FALSE(std::holds_alternative<engine::Refusal>(done));
    EXPECT_FALSE(std::holds_alternative<engine::Refusal>(again));
  }
  const auto reader = must(office.store->reader());
  EXPECT_EQ(must(reader->wallet(office.users[0]))->balance, Money{200});
}

TEST_F(Nodes, TheSameAddressOnBothIsTakenOnce) {
  for (int name = 0; name < 20; ++name) {
    const CreateUser join{
        .email = "same" + std::to_string(name) + "@x.org", .name = "S", .password_hash = "-"};
    auto first = submit(*office.engine, join);
    auto second = submit(*other, join);
    const auto one = std::get<CreateUserOutcome>(first.get());
    const auto two = std::get<CreateUserOutcome>(second.get());
    EXPECT_NE(one.executed(), two.executed());
  }
}

TEST_F(Nodes, WhatIsDueIsDoneByOneAndThenByTheOther) {
  enter(0, 0);
  ASSERT_EQ(call(*other, office.hold_of(office.users[0], 1)).result, HoldResult::held);
  office.clock.advance(std::chrono::minutes{6});
  eventually([&] { return seen_by_other(1) == SeatStatus::available; });
  office.engine.reset();
  office.store.reset();  // as if it had died: its connections end
  enter(1, 1);
  ASSERT_EQ(call(*other, office.hold_of(office.users[1], 2)).result, HoldResult::held);
  office.clock.advance(std::chrono::minutes{6});
  eventually([&] { return seen_by_other(2) == SeatStatus::available; });
}

TEST_F(Nodes, GoOnAfterTheirConnectionsWereEnded) {
  Connection admin(url);
  for (int round = 1; round <= 3; ++round) {
    (void)admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()");
    const auto added = [&](engine::Engine& at) {
      const auto reply = submit(at, Charge{office.users[0], {1}}).get();
      return std::holds_alternative<ChargeOutcome>(reply);
    };
    eventually([&] { return added(*office.engine); });
    eventually([&] { return added(*other); });
    eventually([&] { return office.engine->trouble().empty() && other->trouble().empty(); });
  }
  enter(0, 0);
  ASSERT_EQ(call(*office.engine, office.hold_of(office.users[0], 3)).result, HoldResult::held);
  eventually([&] { return seen_by_other(3) == SeatStatus::held; });
  expect_clean();
}

/// Positions are taken before a batch is committed, and so the higher one may be there first.
TEST(JournalOrder, WhoeverCommitsLateIsNotLeftOut) {
  const std::string url = new_postgres_database();
  const auto store = store_at(url);
  const auto reader = must(store->reader());
  store::JournalMark mark = must(reader->journal_mark());
  std::vector<std::int64_t> seen;
  const auto follow = [&] {
    must(reader->follow_journal(
        mark, {}, [&](const store::JournalEntry& entry) { seen.push_back(entry.id.value); }));
    return std::exchange(seen, {});
  };
  const char* write =
      "insert into journal (batch_id, at, records) values (gen_random_uuid(), 0, '[]')";
  Connection slow(url);
  Connection quick(url);
  slow.exec("begin");
  slow.exec(write);
  quick.exec(write);
  EXPECT_THAT(follow(), ::testing::ElementsAre(2));
  quick.exec(write);
  EXPECT_THAT(follow(), ::testing::ElementsAre(3));
  slow.exec("commit");
  EXPECT_THAT(follow(), ::testing::ElementsAre(1));
  EXPECT_THAT(follow(), IsEmpty());
}

/// A batch is named with its rows locked in the store, and must not wait there for a reader.
TEST(Naming, DoesNotWaitForWhoeverReadsTheViews) {
  const std::string url = new_postgres_database();
  const auto store = store_at(url);
  const auto reader = must(store->reader());
  const engine::OfficeClock clock;
  engine::Views views(Policy{}, clock, engine::Views::Writers::others_too);
  must(views.rebuild(*reader));
  views.forget();
  Connection obstacle(url);
  obstacle.exec("begin; lock table events");
  auto reading = std::async(std::launch::async, [&] { return views.refresh(*reader); });
  Connection watch(url);
  eventually([&] {
    return watch.query("select from pg_locks where not granted and relation = 'events'::regclass")
               .size() > 0;
  });
  const store::BatchId batch{};
  views.announce(batch, {});
  EXPECT_EQ(reading.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  obstacle.exec("rollback");
  must(reading.get());
  views.withdraw(batch);
}

/// What keeps a node from reading everything anew, at its first table, until it is let go.
class Obstacle {
 public:
  explicit Obstacle(const std::string& url) : db_(url) {
    db_.exec("set idle_in_transaction_session_timeout = 0");
    db_.exec("begin; lock table venues");
  }
  void wait_until_met(const std::string& url) {
    Connection watch(url);
    eventually([&] {
      return watch.query("select from pg_locks where not granted and relation = 'venues'::regclass")
                 .size() > 0;
    });
  }
  void remove() { db_.exec("rollback"); }

 private:
  Connection db_;
};

/// A connection that is lost misses nothing: the journal goes on where it was.
TEST(LostConnection, IsNoReasonToReadEverythingAnew) {
  const std::string url = new_postgres_database();
  BoxOffice office(store_at(url), 4, 2);
  Obstacle obstacle(url);
  Connection watch(url);
  (void)watch.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
      "and pid <> pg_backend_pid() and application_name = 'onsale' "
      "and pid not in (select pid from pg_locks where relation = 'venues'::regclass)");
  eventually([&] {
    return std::holds_alternative<ChargeOutcome>(
        submit(*office.engine, Charge{office.users[0], {1}}).get());
  });
  office.enter(office.users[0]);
  ASSERT_EQ(call(*office.engine, office.hold_of(office.users[0], 1)).result, HoldResult::held);
  // Nothing was read anew: that would be waiting for the obstacle, and not show this.
  eventually([&] { return office.status_of(1) == SeatStatus::held; });
  EXPECT_EQ(office.engine->views_behind(), Duration{});
}

/// Others go on committing while a node reads everything anew, and so does the node itself.
TEST(ReadingAnew, HoldsUpNoCommit) {
  const std::string url = new_postgres_database();
  const auto store = store_at(url);
  BoxOffice office(store_at(url), 4, 2);
  const auto reader = must(store->reader());
  const auto followers = must(store->reader());
  const engine::OfficeClock clock;
  engine::Views views(office.policy, clock, engine::Views::Writers::others_too);
  must(views.rebuild(*reader));
  views.forget();
  Obstacle obstacle(url);
  auto reading = std::async(std::launch::async, [&] { return views.refresh(*reader); });
  obstacle.wait_until_met(url);
  // A lane's way through a commit: announced, committed by somebody, applied.
  const auto token = office.enter(office.users[0]);
  const store::BatchId batch{};
  views.announce(batch, {});
  views.apply(batch, must(followers->journal_end()), office.clock.now(), *followers);
  views.withdraw(batch);
  EXPECT_FALSE(views.visitor(token, office.clock.now())) << "shown when all was read";
  EXPECT_EQ(reading.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  obstacle.remove();
  must(reading.get());
  EXPECT_TRUE(views.visitor(token, office.clock.now())) << "committed while it was being read";
}

/// What is read names as the version of a seat map the highest position there is. A change that has
/// a lower one and is committed later must be in it.
TEST(ReadingAnew, NamesNoVersionThatALaterChangeGoesBelow) {
  const std::string url = new_postgres_database();
  BoxOffice office(store_at(url), 4, 2);
  office.enter(office.users[0]);
  const auto held = call(*office.engine, office.hold_of(office.users[0], 1));
  office.engine.reset();
  const auto store = store_at(url);
  const auto reader = must(store->reader());
  // Another node cancels: its batch has its position, and is not committed yet.
  auto canceled = held.reservation;
  canceled.state = ReservationState::canceled;
  std::string records;
  store::write_records(
      {ReservationMoved{
          ReservationStep::canceled, canceled, {{office.performance, office.seat(1)}}}},
      records);
  Connection slow(url);
  slow.exec("begin");
  slow.exec("update reservations set state = 'canceled', ended_at = created_at");
  slow.exec("update seats set status = 'available', reservation_id = null, held_until = null");
  const auto low = slow.query(
                           "insert into journal (batch_id, at, records) "
                           "values (gen_random_uuid(), 0, $1) returning id",
                           store::postgres::Values(records))
                       .row(0)
                       .next<std::int64_t>();
  // One that has nothing to do with it is committed before, with a higher one.
  Connection quick(url);
  quick.exec("insert into journal (batch_id, at, records) values (gen_random_uuid(), 0, '[]')");
  const engine::OfficeClock clock;
  engine::Views views(office.policy, clock, engine::Views::Writers::others_too);
  auto reading = std::async(std::launch::async, [&] { return views.rebuild(*reader); });
  const auto done = [&] {
    return reading.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  };
  eventually([&] {
    return done() || quick.query(
                              "select from pg_stat_activity where pid <> pg_backend_pid() "
                              "and datname = current_database() and query like '%pg_snapshot_xip%'")
                             .size() > 0;
  });
  EXPECT_FALSE(done()) << "what it read may be missing something";
  slow.exec("commit");
  must(reading.get());
  must(views.catch_up(*reader));
  const auto map = views.seat_map(office.performance);
  EXPECT_GT(map->version, low);
  EXPECT_EQ(map->status[0], SeatStatus::available);
}

TEST(Leading, PassesToAnotherWhenTheProcessIsGone) {
  const std::string url = new_postgres_database();
  auto first = store_at(url);
  auto first_writer = must(first->writer());
  const auto second = store_at(url);
  const auto second_writer = must(second->writer());
  EXPECT_TRUE(first_writer->leads());
  EXPECT_FALSE(second_writer->leads());
  EXPECT_TRUE(first_writer->leads());
  first_writer.reset();
  first.reset();
  eventually([&] { return second_writer->leads(); });
}

}  // namespace
}  // namespace onsale::testing
