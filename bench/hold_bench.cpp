// Durable holds through the engine on SQLite, no HTTP, beside the same three statements per
// hold in plain SQLite, in batches of the same size, on the same schema and rows, with the
// same durability (WAL, synchronous=FULL), in the same run.
//
// Each hold is of another seat, as in a sale; buyers hold four seats each, one by one. The
// directory for the databases is the first of $ONSALE_BENCH_DIR and the working directory:
// it decides whose fsync is measured.
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <atomic>
#include <semaphore>
#include <stdexcept>
#include <string_view>

#include "bench/hall.h"
#include "bench/support.h"

namespace onsale::bench {
namespace {

/// The holds of a benchmark that keeps `waiting` submitters waiting.
constexpr int holds_for(std::int64_t waiting) {
  if (waiting == 1) return 5'000;
  return waiting < 1024 ? 50'000 : seats_total - 2048;
}

/// Keeps `waiting` holds in the engine at all times.
void engine_holds(benchmark::State& state) {
  const Directory directory("hold");
  const HallSeats seats = make_hall(directory.url());
  const engine::SystemClock clock;
  const Node node(directory.url(), clock, 1);
  const auto waiting = state.range(0);
  std::counting_semaphore<> places(waiting);
  std::atomic<std::int64_t> held = 0;
  int next = 0;
  for (auto _ : state) {
    places.acquire();
    node.engine->submit(seats.hold(next++), std::nullopt,
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
  const auto stats = node.engine->stats();
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
  const Directory directory("hold");
  const HallSeats seats = make_hall(directory.url());
  Plain db(directory.url().substr(std::string_view("sqlite:").size()));
  const auto batch = state.range(0);
  const std::int64_t now = domain::to_millis(engine::SystemClock().now());
  int next = 0;
  for (auto _ : state) {
    if (next % batch == 0) db.run("begin immediate");
    db.hold(next + 1, seats.hold(next), now, now + 300'000);
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
