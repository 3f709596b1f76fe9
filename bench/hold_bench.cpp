// Durable holds through the engine on SQLite, no HTTP, beside the same three statements per
// hold in plain SQLite, in batches of the same size, on the same schema and rows, with the
// same durability (WAL, synchronous=FULL), in the same run.
//
// Each hold is of another seat, as in a sale; buyers hold four seats each, one by one. The
// directory for the databases is the first of $ONSALE_BENCH_DIR and the working directory:
// it decides whose fsync is measured.
#include <benchmark/benchmark.h>

#include <atomic>
#include <semaphore>
#include <string_view>

#include "bench/hall.h"
#include "bench/plain_sqlite.h"
#include "bench/support.h"
#include "engine/office_clock.h"

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
  const engine::OfficeClock clock;
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

void plain_holds(benchmark::State& state) {
  const Directory directory("hold");
  const HallSeats seats = make_hall(directory.url());
  PlainSqlite db(directory.url().substr(std::string_view("sqlite:").size()));
  const auto batch = state.range(0);
  const std::int64_t now = domain::to_millis(engine::OfficeClock().now());
  int next = 0;
  for (auto _ : state) {
    if (next % batch == 0) db.begin();
    db.hold(next + 1, seats.hold(next), now, now + 300'000);
    ++next;
    if (next % batch == 0) db.commit();
  }
  if (next % batch != 0) db.commit();
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
