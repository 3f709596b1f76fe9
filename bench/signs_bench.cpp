// What being heard of costs the writer: people wait in a room with an idle time, and each polls
// every five seconds. Two minutes in virtual time, of which the second is counted, through the
// engine's own views and lane, with a tick every 25 ms: how much of a core does the one thread that
// writes spend on it, and how many transactions does it make durable?
//
//     signs_bench [people [idle seconds [database URL]]]       100000 60 sqlite in the directory
//
// ONSALE_BENCH_DIR is the directory for the SQLite file.
#include <fmt/format.h>
#include <time.h>

#include <chrono>
#include <map>

#include "bench/support.h"
#include "domain/waiting_room.h"
#include "engine/lane.h"

namespace onsale::bench {
namespace {

using namespace std::chrono_literals;

constexpr domain::Duration poll_every = 5s;
constexpr domain::Duration tick = 25ms;
constexpr domain::Duration counted = 60s;
constexpr std::size_t batch_max = 256;

/// Of this thread: what else runs on the machine does not count, nor does waiting for the disk.
double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Cost {
  std::int64_t polls = 0;
  std::int64_t written = 0;
  std::int64_t batches = 0;
  double writer_seconds = 0;
  double poll_seconds = 0;
};

class Crowd {
 public:
  Crowd(store::Store& store, std::int64_t people, domain::Duration idle)
      : store_(store), people_(people) {
    policy_.room.active_sessions_max = 1;
    policy_.room.session_duration = std::chrono::hours{10};
    policy_.room.idle_timeout = idle;
  }

  void enter() {
    const auto engine = must(engine::Engine::start(store_, clock_, policy_, {}));
    add_users(*engine, people_ + 1);
    Tokens tokens;
    std::vector<std::int64_t> users(static_cast<std::size_t>(people_) + 1);
    std::iota(users.begin(), users.end(), 1);
    tokens_ = enter_all(*engine, users, tokens);
    tokens_.erase(tokens_.begin());  // who is active
  }

  Cost poll() {
    const bool others = store_.has_other_writers();
    engine::Views views(
        policy_, clock_,
        others ? engine::Views::Writers::others_too : engine::Views::Writers::only_we);
    auto reader = must(store_.reader());
    if (const auto built = views.rebuild(*reader); !built) {
      throw std::runtime_error(built.error().message);
    }
    views.hearing().resume(clock_.now());
    engine::Lane lane(must(store_.writer()), std::move(reader), policy_, views,
                      std::seed_seq{std::random_device{}()});
    Cost cost;
    for (domain::Duration at{}; at < 2 * counted; at += tick) {
      if (at == counted) cost = {};
      clock_.advance(tick);
      one_tick(views, lane, cost);
    }
    return cost;
  }

 private:
  using Jobs = std::vector<std::unique_ptr<engine::Job>>;

  void one_tick(engine::Views& views, engine::Lane& lane, Cost& cost) {
    Jobs signs;
    const double before = cpu_seconds();
    for (std::int64_t due = people_ * tick / poll_every; due > 0; --due, ++cost.polls) {
      const domain::VisitorToken& token = tokens_[next_++ % tokens_.size()];
      const auto seen = views.visitor(token, clock_.now());
      domain::require(seen.has_value(), "nobody who polls loses the place");
      if (!seen->wants_touch) continue;
      signs.push_back(std::make_unique<engine::JobOf<domain::Touch>>(domain::Touch{token},
                                                                     std::nullopt, [](auto&&) {}));
    }
    const double polled = cpu_seconds();
    std::span<const std::unique_ptr<engine::Job>> left(signs);
    do {
      const auto batch = left.first(std::min(left.size(), batch_max));
      left = left.subspan(batch.size());
      const auto done = lane.attempt(batch, /*tick=*/true, clock_);
      domain::require(done.fate == engine::Attempt::Fate::committed, "each batch is committed");
      cost.batches += done.position.value != 0 ? 1 : 0;
      cost.written += std::ssize(lane.rows().records);
    } while (!left.empty() || lane.unfinished());
    cost.poll_seconds += polled - before;
    cost.writer_seconds += cpu_seconds() - polled;
  }

  store::Store& store_;
  const std::int64_t people_;
  engine::ManualClock clock_{domain::from_millis(1'800'000'000'000)};
  domain::Policy policy_;
  std::vector<domain::VisitorToken> tokens_;
  std::size_t next_ = 0;
  std::multimap<domain::Timestamp, domain::VisitorToken> wanted_;  ///< by when it is to be written
};

void measure(std::int64_t people, domain::Duration idle, const std::string& url) {
  const auto store = must(store::open(url, store::Access::read_write));
  Crowd crowd(*store, people, idle);
  crowd.enter();
  const Cost cost = crowd.poll();
  const double seconds = std::chrono::duration<double>(counted).count();
  const auto polls = static_cast<double>(cost.polls);
  fmt::print(
      "{} wait, idle time {} s, {}\n"
      "{:.0f} polls/s, each {:.2f} us of the thread that answers\n"
      "writer: {:.2f} % of a core, {:.2f} us a poll; {:.0f} rows/s in {:.0f} batches/s\n",
      people, idle.count() / 1000, store->describe().substr(0, 8), polls / seconds,
      cost.poll_seconds / polls * 1e6, cost.writer_seconds / seconds * 100,
      cost.writer_seconds / polls * 1e6, static_cast<double>(cost.written) / seconds,
      static_cast<double>(cost.batches) / seconds);
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  return onsale::bench::exit_code_of([&] {
    const std::int64_t people = argc > 1 ? std::atoll(argv[1]) : 100'000;
    const std::chrono::seconds idle{argc > 2 ? std::atoll(argv[2]) : 60};
    const onsale::bench::Directory directory("signs");
    onsale::bench::measure(people, idle, argc > 3 ? argv[3] : directory.url());
  });
}
