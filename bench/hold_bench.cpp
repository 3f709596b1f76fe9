// Durable holds through the engine on SQLite, no HTTP, beside the same three statements per
// hold in plain SQLite, in batches of the same size, on the same schema and rows, with the
// same durability (WAL, synchronous=FULL), in the same run.
//
// Each hold is of another seat, as in a sale; buyers hold four seats each, one by one. The
// directory for the databases is the first of $ONSALE_BENCH_DIR and the working directory:
// it decides whose fsync is measured.
#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <latch>
#include <semaphore>
#include <stdexcept>

#include "domain/catalogue.h"
#include "domain/identity.h"
#include "domain/reservation.h"
#include "domain/waiting_room.h"
#include "engine/engine.h"
#include "store/store.h"

namespace onsale::bench {
namespace {

using domain::SeatId;
using domain::UserId;

constexpr int seats_per_performance = 20'000;
constexpr int performances = 5;
constexpr int seats_total = seats_per_performance * performances;
constexpr int seats_per_user = 4;
constexpr int users_total = seats_total / seats_per_user;

/// The holds of a benchmark that keeps `waiting` submitters waiting.
constexpr int holds_for(std::int64_t waiting) {
  if (waiting == 1) return 5'000;
  return waiting < 1024 ? 50'000 : seats_total - 2048;
}

class Directory {
 public:
  Directory() {
    const char* wanted = std::getenv("ONSALE_BENCH_DIR");
    path_ = std::filesystem::path(wanted ? wanted : ".") /
            ("onsale-bench-" + std::to_string(::getpid()));
    std::filesystem::create_directories(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string database() const { return (path_ / "bench.db").string(); }

 private:
  std::filesystem::path path_;
};

template <class T>
T must(store::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

/// A box office on disk whose buyers have all been admitted and hold nothing yet.
class Office {
 public:
  Office() {
    domain::Policy policy;
    policy.room.active_sessions_max = users_total;
    policy.room.session_duration = std::chrono::hours{10};
    policy.sales.hold_duration = std::chrono::hours{10};
    store_ = must(store::open("sqlite:" + directory_.database(), store::Access::read_write));
    engine_ = must(engine::Engine::start(*store_, clock_, policy, {}));
    add_people();
    add_seats();
  }

  engine::Engine& engine() { return *engine_; }
  [[nodiscard]] std::string database() const { return directory_.database(); }
  /// Leaves the file as it is, for somebody else to open.
  void close() {
    engine_.reset();
    store_.reset();
  }

  /// The i-th hold: another seat each time, four for each buyer.
  [[nodiscard]] domain::Hold hold(int i) const {
    return {.user = UserId{1 + i % users_total},
            .event = event_,
            .seats = {{performance_of(i), SeatId{first_seat_ + i}}}};
  }
  [[nodiscard]] domain::PerformanceId performance_of(int i) const {
    return {first_performance_ + i / seats_per_performance};
  }
  [[nodiscard]] domain::EventId event() const { return event_; }

 private:
  template <class Command>
  engine::OutcomeOf<Command> call(Command command) {
    std::promise<engine::OutcomeOf<Command>> outcome;
    engine_->submit(std::move(command), std::nullopt, [&](auto reply) {
      outcome.set_value(std::get<engine::OutcomeOf<Command>>(std::move(reply)));
    });
    return outcome.get_future().get();
  }

  void add_people() {
    for (int from = 0; from < users_total; from += 5000) {
      std::latch done(5000 * 2);
      for (int i = from; i < from + 5000; ++i) {
        engine_->submit(domain::CreateUser{.email = "fan" + std::to_string(i) + "@example.com",
                                           .name = "Fan",
                                           .password_hash = "-"},
                        std::nullopt, [&](auto) { done.count_down(); });
        domain::VisitorToken token{};
        token.data[0] = 1;
        for (std::size_t b = 0; b < 4; ++b) {
          token.data[15 - b] = static_cast<std::uint8_t>(i >> (8 * b));
        }
        engine_->submit(domain::Enter{domain::default_room, UserId{i + 1}, token}, std::nullopt,
                        [&](auto) { done.count_down(); });
      }
      done.wait();
    }
  }

  void add_seats() {
    const auto now = clock_.now();
    const auto venue = call(domain::CreateVenue{"Arena", "Seoul", "Asia/Seoul"}).venue.id;
    event_ =
        call(domain::CreateEvent{
                 .title = "Show", .venue = venue, .sales_open_at = now - std::chrono::hours{1}})
            .event.id;
    auto plan = std::make_shared<domain::SeatingPlan>();
    plan->categories.push_back({"A", ""});
    for (int i = 0; i < seats_per_performance; ++i) {
      const std::string number = std::to_string(i);
      plan->seats.push_back({.guid = number, .label = number, .number = number, .category = "A"});
    }
    for (int p = 0; p < performances; ++p) {
      const auto id = call(domain::CreatePerformance{.event = event_,
                                                     .name = "Night",
                                                     .starts_at = now + std::chrono::hours{100},
                                                     .price_tiers = {{"A", {70'000}}}})
                          .performance.id;
      if (p == 0) first_performance_ = id.value;
      call(domain::CreateSeats{id, plan});
    }
    first_seat_ = engine_->views().seat_map({first_performance_})->layout->seats.front().id.value;
  }

  Directory directory_;
  engine::SystemClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  domain::EventId event_;
  std::int64_t first_performance_ = 0;
  std::int64_t first_seat_ = 0;
};

/// Keeps `waiting` holds in the engine at all times.
void engine_holds(benchmark::State& state) {
  Office office;
  const auto waiting = state.range(0);
  std::counting_semaphore<> places(waiting);
  std::atomic<std::int64_t> held = 0;
  int next = 0;
  for (auto _ : state) {
    places.acquire();
    office.engine().submit(office.hold(next++), std::nullopt,
                           [&](engine::Reply<domain::HoldOutcome> reply) {
                             const auto* outcome = std::get_if<domain::HoldOutcome>(&reply);
                             if (outcome && outcome->executed()) ++held;
                             places.release();
                           });
  }
  for (std::int64_t i = 0; i < waiting; ++i) places.acquire();
  if (held != next) state.SkipWithError("not every hold succeeded");
  state.counters["holds/s"] =
      benchmark::Counter(static_cast<double>(held.load()), benchmark::Counter::kIsRate);
  const auto stats = office.engine().stats();
  state.counters["per batch"] =
      static_cast<double>(stats.commands) / static_cast<double>(stats.batches);
}

// ---- plain SQLite ----------------------------------------------------------------------

void check(int code, sqlite3* db) {
  if (code != SQLITE_OK && code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db));
}

class Plain {
 public:
  explicit Plain(const std::string& path) {
    check(sqlite3_open(path.c_str(), &db_), db_);
    run("pragma journal_mode = wal");
    run("pragma synchronous = full");
    run("pragma foreign_keys = on");
    run("pragma cache_size = -65536");
    take_seat_ = prepare(
        "update seats set status = 'held', reservation_id = ?1, held_until = ?2 "
        "where id = ?3 and status = 'available'");
    add_reservation_ = prepare(
        "insert into reservations (id, user_id, event_id, state, total, seat_count, created_at, "
        "expires_at) values (?1, ?2, ?3, 'held', 70000, 1, ?4, ?5)");
    add_line_ = prepare(
        "insert into reservation_lines (reservation_id, seat_id, performance_id, price) "
        "values (?1, ?2, ?3, 70000)");
  }
  ~Plain() {
    for (sqlite3_stmt* statement : {take_seat_, add_reservation_, add_line_}) {
      sqlite3_finalize(statement);
    }
    sqlite3_close(db_);
  }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;

  void run(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), db_); }

  /// References are checked at once, so the reservation comes first.
  void hold(std::int64_t id, const domain::Hold& hold, std::int64_t now, std::int64_t until) {
    step(add_reservation_, {id, hold.user.value, hold.event.value, now, until});
    step(take_seat_, {id, until, hold.seats[0].seat.value});
    step(add_line_, {id, hold.seats[0].seat.value, hold.seats[0].performance.value});
  }

 private:
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr), db_);
    return statement;
  }
  void step(sqlite3_stmt* statement, std::initializer_list<std::int64_t> values) {
    int index = 0;
    for (const std::int64_t value : values) sqlite3_bind_int64(statement, ++index, value);
    check(sqlite3_step(statement), db_);
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* take_seat_ = nullptr;
  sqlite3_stmt* add_reservation_ = nullptr;
  sqlite3_stmt* add_line_ = nullptr;
};

void plain_holds(benchmark::State& state) {
  Office office;
  office.close();
  Plain db(office.database());
  const auto batch = state.range(0);
  const std::int64_t now = domain::to_millis(engine::SystemClock().now());
  int next = 0;
  for (auto _ : state) {
    if (next % batch == 0) db.run("begin immediate");
    db.hold(next + 1, office.hold(next), now, now + 300'000);
    ++next;
    if (next % batch == 0) db.run("commit");
  }
  if (next % batch != 0) db.run("commit");
  state.counters["holds/s"] =
      benchmark::Counter(static_cast<double>(next), benchmark::Counter::kIsRate);
}

void register_all() {
  for (const std::int64_t waiting : {1, 64, 1024}) {
    const auto suffix = std::to_string(waiting);
    benchmark::RegisterBenchmark(("plain_sqlite/batch:" + suffix).c_str(), plain_holds)
        ->Arg(waiting)
        ->Iterations(holds_for(waiting))
        ->UseRealTime();
    benchmark::RegisterBenchmark(("engine/waiting:" + suffix).c_str(), engine_holds)
        ->Arg(waiting)
        ->Iterations(holds_for(waiting))
        ->UseRealTime();
  }
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  onsale::bench::register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
