// What is answered from memory, as a box office grows older: a look at a visitor among so many
// rooms, and the start of an engine with so many performances that are over or ahead, of fifty
// seats each, on SQLite.
//
//   build/release/bench/views_bench
#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>

#include "bench/hall.h"
#include "bench/support.h"
#include "engine/office_clock.h"

namespace onsale::bench {
namespace {

constexpr int seats = 50;

// ---- rooms -----------------------------------------------------------------------------

/// One visitor in each of so many rooms.
struct Rooms {
  explicit Rooms(std::int64_t rooms)
      : store(must(store::open("memory:", store::Access::read_write))),
        engine(must(engine::Engine::start(*store, clock, hall_policy(), {}))) {
    add_users(*engine, rooms);
    for (std::int64_t i = 0; i < rooms; ++i) {
      const auto room = add_room(*engine, 1);
      tokens.push_back(random.next());
      (void)call(*engine, domain::Enter{room, domain::UserId{i + 1}, tokens.back()});
    }
  }

  engine::OfficeClock clock;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<engine::Engine> engine;
  Tokens random;
  std::vector<domain::VisitorToken> tokens;
};

void look_among_rooms(benchmark::State& state) {
  const Rooms rooms(state.range(0));
  std::size_t next = 0;
  for (auto _ : state) {
    const auto& token = rooms.tokens[next++ % rooms.tokens.size()];
    benchmark::DoNotOptimize(rooms.engine->views().visitor(token, rooms.clock.now()));
  }
}

// ---- performances ----------------------------------------------------------------------

void add_performances(engine::Engine& engine, domain::EventId event, std::int64_t count,
                      domain::Duration ahead) {
  const auto starts_at = engine.now() + ahead;
  std::vector<domain::PerformanceId> added(static_cast<std::size_t>(count));
  const auto performance = [&](std::int64_t) {
    return domain::CreatePerformance{.event = event,
                                     .name = "Night",
                                     .starts_at = starts_at,
                                     .sales_open_at = starts_at - std::chrono::hours{1},
                                     .price_tiers = {{"A", {seat_price}}}};
  };
  submit_all(engine, count, performance, [&](std::int64_t i, const auto& outcome) {
    added[static_cast<std::size_t>(i)] = outcome.performance.id;
  });
  auto plan = std::make_shared<domain::SeatingPlan>();
  plan->categories.push_back({"A", ""});
  for (int i = 1; i <= seats; ++i) {
    const std::string number = std::to_string(i);
    plan->seats.push_back({.guid = number, .label = number, .number = number, .category = "A"});
  }
  submit_all(
      engine, count,
      [&](std::int64_t i) { return domain::CreateSeats{added[static_cast<std::size_t>(i)], plan}; },
      [](std::int64_t, const auto&) {});
}

void start(benchmark::State& state, std::int64_t past, std::int64_t ahead) {
  const Directory directory("views");
  const engine::OfficeClock clock;
  {
    const Node node(directory.url(), clock, 1);
    const auto event = add_event(*node.engine, domain::default_room);
    add_performances(*node.engine, event, past, -std::chrono::hours{1000});
    add_performances(*node.engine, event, ahead, std::chrono::hours{1000});
  }
  for (auto _ : state) {
    const auto before = std::chrono::steady_clock::now();
    const Node node(directory.url(), clock, 1);
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  }
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  using namespace onsale::bench;
  benchmark::RegisterBenchmark("look_among_rooms", look_among_rooms)->Arg(1)->Arg(10)->Arg(1000);
  for (const auto& [past, ahead] : {std::pair{10, 10}, {4000, 10}, {10, 4000}}) {
    benchmark::RegisterBenchmark(
        ("start/past:" + std::to_string(past) + "/ahead:" + std::to_string(ahead)).c_str(),
        [past, ahead](benchmark::State& state) { start(state, past, ahead); })
        ->Iterations(3)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
