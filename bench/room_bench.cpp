// A waiting room with 1,000 to a million people waiting: the time to enter, to poll, to leave
// and to be admitted, for the view alone and through the engine on the memory store; the time
// in which a draw gives everybody a place; what one who waits costs the process in memory, with
// the view alone and with the engine on SQLite; and how long the engine takes to start with all
// of them waiting in a SQLite file.
//
// "per op" is the figure to read. Memory is measured in a process of its own, started by this
// program, as the difference of the resident size, free memory given back on both sides.
// ONSALE_BENCH_DIR is the directory for the database; a million visitors take about 1 GB.
#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <iostream>
#include <memory>

#include "bench/support.h"
#include "domain/draw.h"
#include "engine/office_clock.h"
#include "engine/views/waiting_room_view.h"

namespace onsale::bench {
namespace {

using domain::UserId;
using domain::VisitorMoved;
using domain::VisitorStep;
using domain::VisitorToken;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t people_min = 1'000;
/// Operations between two looks at the clock.
constexpr int chunk = 64;

void per_op(benchmark::State& state, std::int64_t ops_per_iteration) {
  state.counters["per op"] =
      benchmark::Counter(static_cast<double>(state.iterations() * ops_per_iteration),
                         static_cast<benchmark::Counter::Flags>(benchmark::Counter::kIsRate |
                                                                benchmark::Counter::kInvert));
}

template <class Work>
double seconds_of(const Work& work) {
  const auto before = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - before).count();
}

domain::Visitor visitor_of(std::int64_t number, const VisitorToken& token, domain::Timestamp now) {
  return {.token = token,
          .room = domain::default_room,
          .user = UserId{number},
          .number = number,
          .order_key = number,
          .issued_at = now};
}

// ---- the view alone --------------------------------------------------------------------

/// A view with a line in it, moved by the records of a commit as the engine would.
class Line {
 public:
  explicit Line(std::int64_t waiting) {
    while (static_cast<std::int64_t>(waiting_.size()) < waiting) enter();
  }

  void enter() {
    ++newest_;
    const domain::Visitor visitor = visitor_of(newest_, tokens_.next(), now_);
    waiting_.push_back(visitor.token);
    view_.apply(VisitorMoved{VisitorStep::entered, visitor}, now_);
  }
  [[nodiscard]] VisitorToken anybody() { return waiting_[random_() % waiting_.size()]; }
  [[nodiscard]] std::optional<engine::VisitorView> poll(const VisitorToken& token) {
    return view_.find(token, now_);
  }
  /// Somebody in the middle, as a record says it.
  [[nodiscard]] VisitorMoved leaving() {
    const auto at = waiting_.begin() + static_cast<std::ptrdiff_t>(random_() % waiting_.size());
    VisitorMoved moved{VisitorStep::ended, view_.find(*at, now_)->visitor};
    moved.visitor.state = domain::VisitorState::left;
    *at = waiting_.back();
    waiting_.pop_back();
    return moved;
  }
  /// Who stands at the front, as a record says it; only while nobody left from the middle.
  [[nodiscard]] VisitorMoved next_admission() {
    VisitorMoved moved{VisitorStep::admitted, view_.find(waiting_.front(), now_)->visitor};
    moved.visitor.state = domain::VisitorState::active;
    moved.visitor.activated_at = now_;
    moved.visitor.expires_at = moved.visitor.deadline = now_ + std::chrono::minutes{10};
    waiting_.pop_front();
    return moved;
  }
  void apply(const VisitorMoved& moved) { view_.apply(moved, now_); }

 private:
  engine::WaitingRoomView view_{domain::RoomPolicy{}};
  domain::Timestamp now_ = domain::from_millis(1'800'000'000'000);
  Tokens tokens_;
  std::mt19937_64 random_{2};
  std::deque<VisitorToken> waiting_;
  std::int64_t newest_ = 0;
};

void view_enter(benchmark::State& state) {
  Line line(state.range(0));
  for (auto _ : state) {
    state.SetIterationTime(seconds_of([&] {
      for (int i = 0; i < chunk; ++i) line.enter();
    }));
    for (int i = 0; i < chunk; ++i) line.apply(line.leaving());
  }
  per_op(state, chunk);
}

void view_poll(benchmark::State& state) {
  Line line(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(line.poll(line.anybody()));
  per_op(state, 1);
}

/// Time to apply records that `next` makes, with the line filled up again after each chunk.
template <class Next>
void view_apply(benchmark::State& state, const Next& next) {
  Line line(state.range(0));
  std::vector<VisitorMoved> moves;
  for (auto _ : state) {
    moves.clear();
    for (int i = 0; i < chunk; ++i) moves.push_back(next(line));
    state.SetIterationTime(seconds_of([&] {
      for (const VisitorMoved& moved : moves) line.apply(moved);
    }));
    for (VisitorMoved& moved : moves) {
      moved.step = VisitorStep::ended;
      line.apply(moved);
      line.enter();
    }
  }
  per_op(state, chunk);
}

void view_leave(benchmark::State& state) {
  view_apply(state, [](Line& line) { return line.leaving(); });
}

void view_admit(benchmark::State& state) {
  view_apply(state, [](Line& line) { return line.next_admission(); });
}

/// All of them came before the opening of a lottery: the moment in which everybody gets a place.
void view_draw(benchmark::State& state) {
  const std::string seed(domain::draw_seed_length, 'a');
  const auto now = domain::from_millis(1'800'000'000'000);
  for (auto _ : state) {
    engine::WaitingRoomView view{domain::RoomPolicy{}};
    Tokens tokens;
    for (std::int64_t number = 1; number <= state.range(0); ++number) {
      domain::Visitor visitor = visitor_of(number, tokens.next(), now);
      visitor.order_key = domain::draw_key(seed, domain::default_room, number);
      view.apply(VisitorMoved{VisitorStep::entered, visitor}, now);
    }
    state.SetIterationTime(seconds_of([&] { view.draw(); }));
  }
}

// ---- through the engine ----------------------------------------------------------------

/// An engine on the memory store with `chunk` active and a line behind them.
class Room {
 public:
  explicit Room(std::int64_t waiting) {
    domain::Policy policy;
    policy.room.active_sessions_max = chunk;
    policy.room.session_duration = policy.room.claim_timeout = std::chrono::hours{100};
    store_ = must(store::open("memory:", store::Access::read_write));
    engine_ = must(engine::Engine::start(*store_, clock_, policy, {}));
    add_users(*engine_, waiting + chunk);
    const auto entered = enter_all(*engine_, waiting + chunk, tokens_);
    for (std::size_t i = 0; i < entered.size(); ++i) {
      line_.push_back({entered[i], UserId{static_cast<std::int64_t>(i) + 1}});
    }
  }

  /// The first `chunk` of the line leave: the active ones, or others from further behind.
  void leave(std::size_t from) {
    const auto first = line_.begin() + static_cast<std::ptrdiff_t>(from);
    submit_all(
        *engine_, chunk,
        [&](std::int64_t i) { return domain::Leave{first[i].token, first[i].user, false}; },
        [](std::int64_t, const domain::LeaveOutcome& outcome) {
          domain::require(outcome.executed(), "whoever is there can leave");
        });
    gone_.assign(first, first + chunk);
    line_.erase(first, first + chunk);
  }
  /// Those who left last enter again, behind all others.
  void enter() {
    submit_all(
        *engine_, chunk,
        [&](std::int64_t i) {
          Place& place = gone_[static_cast<std::size_t>(i)];
          place.token = tokens_.next();
          return domain::Enter{domain::default_room, place.user, place.token};
        },
        [](std::int64_t, const domain::EnterOutcome& outcome) {
          domain::require(outcome.executed(), "whoever left can enter");
        });
    line_.insert(line_.end(), gone_.begin(), gone_.end());
  }
  [[nodiscard]] std::optional<engine::VisitorView> poll() {
    return engine_->hear(line_[random_() % line_.size()].token);
  }
  [[nodiscard]] std::size_t anywhere_behind() {
    return chunk + random_() % (line_.size() - 2 * chunk);
  }

 private:
  struct Place {
    VisitorToken token;
    UserId user;
  };
  engine::OfficeClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  Tokens tokens_;
  std::mt19937_64 random_{3};
  std::deque<Place> line_;
  std::vector<Place> gone_;
};

void engine_poll(benchmark::State& state, Room& room) {
  for (auto _ : state) benchmark::DoNotOptimize(room.poll());
  per_op(state, 1);
}

void engine_enter(benchmark::State& state, Room& room) {
  for (auto _ : state) {
    room.leave(room.anywhere_behind());
    state.SetIterationTime(seconds_of([&] { room.enter(); }));
  }
  per_op(state, chunk);
}

/// From the middle of the line (nobody is admitted), or those who are active (each departure
/// admits the next).
void engine_leave(benchmark::State& state, Room& room, bool active) {
  for (auto _ : state) {
    const std::size_t from = active ? 0 : room.anywhere_behind();
    state.SetIterationTime(seconds_of([&] { room.leave(from); }));
    room.enter();
  }
  per_op(state, chunk);
}

/// One room serves all benchmarks of its size: filling it takes longer than they do.
Room& room_of(std::int64_t waiting) {
  static std::unique_ptr<Room> room;
  static std::int64_t size = 0;
  if (size != waiting) {
    room.reset();
    room = std::make_unique<Room>(waiting);
    size = waiting;
  }
  return *room;
}

// ---- memory and start ------------------------------------------------------------------

domain::Policy everybody_waits() {
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  policy.room.session_duration = policy.room.claim_timeout = std::chrono::hours{100};
  return policy;
}

std::int64_t growth_of_view() {
  const std::int64_t before = resident_bytes();
  engine::WaitingRoomView view{domain::RoomPolicy{}};
  Tokens tokens;
  const auto now = domain::from_millis(1'800'000'000'000);
  for (std::int64_t number = 1; number <= million; ++number) {
    view.apply(VisitorMoved{VisitorStep::entered, visitor_of(number, tokens.next(), now)}, now);
  }
  return resident_bytes() - before;
}

/// Fills the file at `url`: a million users enter and all but the first wait. Returns what
/// this adds to the process that serves them.
std::int64_t growth_of_engine(const std::string& url) {
  engine::OfficeClock clock;
  const auto store = must(store::open(url, store::Access::read_write));
  const auto engine = must(engine::Engine::start(*store, clock, everybody_waits(), {}));
  add_users(*engine, million);
  const std::int64_t before = resident_bytes();
  Tokens tokens;
  const auto enter = [&](std::int64_t i) {
    return domain::Enter{domain::default_room, UserId{i + 1}, tokens.next()};
  };
  submit_all(*engine, million, enter, [](std::int64_t, const domain::EnterOutcome&) {});
  return resident_bytes() - before;
}

/// What an engine takes that finds all of them in the file.
std::int64_t growth_of_start(const std::string& url) {
  engine::OfficeClock clock;
  const std::int64_t before = resident_bytes();
  const auto store = must(store::open(url, store::Access::read_write));
  const auto engine = must(engine::Engine::start(*store, clock, everybody_waits(), {}));
  return resident_bytes() - before;
}

/// Runs one of the three above in a fresh process.
double measured_apart(const std::string& what, const std::string& url) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = "'" + self + "' --measure " + what + " '" + url + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 64> line{};
  const bool read = pipe && std::fgets(line.data(), line.size(), pipe);
  if (!pipe || ::pclose(pipe) != 0 || !read) throw std::runtime_error(command + " failed");
  return std::strtod(line.data(), nullptr);
}

/// A file with a million waiting, made when it is first asked for.
struct FullFile {
  Directory directory{"room"};
  double bytes = measured_apart("engine", directory.url());
};
FullFile& full_file() {
  static FullFile file;
  return file;
}

void memory(benchmark::State& state, const std::string& what) {
  double bytes = 0;
  for (auto _ : state) {
    if (what == "engine") {
      bytes = full_file().bytes;
    } else {
      bytes = measured_apart(what, what == "start" ? full_file().directory.url() : "");
    }
  }
  state.counters["bytes per visitor"] = bytes / static_cast<double>(million);
}

void start(benchmark::State& state) {
  engine::OfficeClock clock;
  const std::string url = full_file().directory.url();
  std::int64_t waiting = 0;
  for (auto _ : state) {
    std::unique_ptr<store::Store> store;
    std::unique_ptr<engine::Engine> engine;
    state.SetIterationTime(seconds_of([&] {
      store = must(store::open(url, store::Access::read_write));
      engine = must(engine::Engine::start(*store, clock, everybody_waits(), {}));
    }));
    waiting = engine->views().room(domain::default_room)->room(engine->now()).waiting;
  }
  state.counters["waiting"] = static_cast<double>(waiting);
}

// ---- all -------------------------------------------------------------------------------

void register_view() {
  const auto add = [](const char* name, void (*run)(benchmark::State&)) {
    return benchmark::RegisterBenchmark(name, run)->RangeMultiplier(10)->Range(people_min, million);
  };
  add("view/enter", view_enter)->UseManualTime();
  add("view/poll", view_poll);
  add("view/leave", view_leave)->UseManualTime();
  add("view/admit", view_admit)->UseManualTime();
  add("view/draw", view_draw)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);
}

void register_engine() {
  for (std::int64_t waiting = people_min; waiting <= million; waiting *= 10) {
    const auto add = [waiting](const std::string& name, auto run) {
      return benchmark::RegisterBenchmark(
          ("engine/" + name + "/" + std::to_string(waiting)).c_str(),
          [waiting, run](benchmark::State& state) { run(state, room_of(waiting)); });
    };
    add("poll", engine_poll);
    add("enter", engine_enter)->UseManualTime()->Iterations(1000);
    add("leave", [](auto& state, Room& room) { engine_leave(state, room, false); })
        ->UseManualTime()
        ->Iterations(1000);
    add("leave_and_admit", [](auto& state, Room& room) { engine_leave(state, room, true); })
        ->UseManualTime()
        ->Iterations(1000);
  }
}

void register_memory_and_start() {
  for (const std::string what : {"view", "engine", "start"}) {
    benchmark::RegisterBenchmark(("memory/" + what).c_str(), memory, what)
        ->Iterations(1)
        ->Unit(benchmark::kSecond);
  }
  benchmark::RegisterBenchmark("start/sqlite", start)
      ->Iterations(3)
      ->UseManualTime()
      ->Unit(benchmark::kSecond);
}

std::int64_t measure(const std::string& what, const std::string& url) {
  if (what == "view") return growth_of_view();
  return what == "engine" ? growth_of_engine(url) : growth_of_start(url);
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "--measure") {
    std::cout << onsale::bench::measure(argv[2], argv[3]) << '\n';
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  onsale::bench::register_memory_and_start();
  onsale::bench::register_view();
  onsale::bench::register_engine();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
