// What a hold costs as a box office grows: in houses of a thousand to a million seats, and with up
// to a million reservations before it; and the memory of a server with a million seats, a million
// reservations and a million people waiting.
//
//   build/release/bench/growth_bench
//
// Holds go through the engine on SQLite, durable, a thousand waiting at a time, of seats that lie
// anywhere in the house; each figure is the median of its rounds, and what a round has held is
// canceled after it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <numeric>

#include "bench/hall.h"
#include "bench/server_process.h"
#include "bench/support.h"
#include "domain/room_control.h"

namespace onsale::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int seats = 1'000'000;
  int waiting = 1'000'000;
  int rounds = 15;
};

constexpr int holds_per_round = 1000;
/// Another one for each hold until all have had their turn: nobody has a long history.
constexpr int buyers = 100'000;

/// One event with that many seats, of performances as large as they may be, and its buyers.
class House {
 public:
  House(const std::string& url, int seats)
      : store_(must(store::open(url, store::Access::read_write))),
        engine_(must(engine::Engine::start(*store_, clock_, policy(), {}))),
        seats_(static_cast<std::size_t>(seats)) {
    add_users(*engine_, buyers);
    (void)enter_all(*engine_, buyers, tokens_);
    event_ = add_event(*engine_, domain::default_room);
    constexpr int largest = 20'000;
    std::size_t at = 0;
    for (int left = seats; left > 0; left -= largest) {
      const int here = std::min(left, largest);
      const Performance added = add_performance(*engine_, event_, here);
      for (int i = 0; i < here; ++i) {
        seats_[at++] = {added.id, domain::SeatId{added.first_seat + i}};
      }
    }
    std::ranges::shuffle(seats_, std::mt19937_64(1));
  }

  /// Of one hold, in microseconds.
  double time_per_hold(int rounds) {
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
      std::vector<domain::Reservation> held(holds_per_round);
      const auto start = Clock::now();
      hold(holds_per_round, [&](std::int64_t i, const domain::HoldOutcome& outcome) {
        held[static_cast<std::size_t>(i)] = outcome.reservation;
      });
      const std::chrono::duration<double, std::micro> took = Clock::now() - start;
      times.push_back(took.count() / holds_per_round);
      cancel(held);
    }
    return median(std::move(times));
  }

  /// Until there are so many reservations that stay.
  void fill(std::int64_t reservations) {
    const std::int64_t more = reservations - filled_;
    hold(more, [](std::int64_t, const domain::HoldOutcome&) {});
    filled_ = reservations;
    first_free_ += static_cast<std::size_t>(more);
  }

  /// New people, in a room that lets in one at a time.
  void add_waiting(std::int64_t people) {
    const domain::CreateRoom room{.name = "Room",
                                  .by = {},
                                  .policy = {.active_sessions_max = 1},
                                  .opens_at = std::nullopt,
                                  .fresh_seed = ""};
    const auto queue = call(*engine_, room).room.id;
    const auto user = [](std::int64_t i) {
      return domain::CreateUser{.email = "visitor" + std::to_string(i) + "@example.com",
                                .name = "Visitor",
                                .password_hash = "-"};
    };
    std::vector<std::int64_t> users(static_cast<std::size_t>(people));
    submit_all(*engine_, people, user,
               [&](std::int64_t i, const domain::CreateUserOutcome& outcome) {
                 users[static_cast<std::size_t>(i)] = outcome.user.id.value;
               });
    (void)enter_all(*engine_, users, tokens_, queue);
  }

 private:
  static domain::Policy policy() {
    domain::Policy policy = hall_policy();
    policy.room.active_sessions_max = buyers;
    policy.sales.seats_per_user_max = 1'000'000;
    return policy;
  }

  /// Free seats, one after the other.
  template <class Done>
  void hold(std::int64_t count, const Done& done) {
    const auto command = [&](std::int64_t i) {
      return domain::Hold{.user = domain::UserId{1 + next_buyer_++ % buyers},
                          .event = event_,
                          .seats = {seats_.at(first_free_ + static_cast<std::size_t>(i))}};
    };
    std::atomic<std::int64_t> refused = 0;
    submit_all(*engine_, count, command, [&](std::int64_t i, const domain::HoldOutcome& outcome) {
      if (!outcome.executed()) ++refused;
      done(i, outcome);
    });
    if (refused > 0) throw std::runtime_error("not every hold succeeded");
  }

  void cancel(const std::vector<domain::Reservation>& held) {
    const auto command = [&](std::int64_t i) {
      const domain::Reservation& one = held[static_cast<std::size_t>(i)];
      return domain::Cancel{one.id, one.user};
    };
    submit_all(*engine_, std::ssize(held), command,
               [](std::int64_t, const domain::CancelOutcome&) {});
  }

  const engine::SystemClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  Tokens tokens_;
  domain::EventId event_;
  std::vector<domain::SeatRef> seats_;
  std::size_t first_free_ = 0;  // from here on in `seats_`
  std::int64_t next_buyer_ = 0;
  std::int64_t filled_ = 0;
};

void tell(const std::string& what, double microseconds, double first) {
  fmt::print("{:<44}{:>10.2f} us{:>8.0f} %\n", what, microseconds, 100 * microseconds / first);
  std::fflush(stdout);
}

void run(const Options& options) {
  fmt::print("{:<44}{:>13}{:>10}\n", "durable holds, a thousand waiting", "each", "of first");
  double first = 0;
  for (int seats = holds_per_round; seats < options.seats; seats *= 10) {
    const Directory directory("growth");
    House house(directory.url(), seats);
    const double time = house.time_per_hold(options.rounds);
    if (first == 0) first = time;
    tell(fmt::format("{} seats", seats), time, first);
  }
  const Directory directory("growth");
  {
    House house(directory.url(), options.seats + holds_per_round);
    double empty = house.time_per_hold(options.rounds);
    tell(fmt::format("{} seats", options.seats), empty, first == 0 ? empty : first);
    for (std::int64_t reservations = 1000; reservations <= options.seats; reservations *= 10) {
      house.fill(reservations);
      tell(fmt::format("{} seats, {} reservations before", options.seats, reservations),
           house.time_per_hold(options.rounds), empty);
    }
    house.add_waiting(options.waiting);
  }
  const auto start = Clock::now();
  const ServerProcess server({"--database=" + directory.url()});
  const std::chrono::duration<double> took = Clock::now() - start;
  fmt::print("a server with all that and {} waiting: {:.0f} MiB, ready after {:.1f} s\n",
             options.waiting, server.usage().mebibytes, took.count());
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  onsale::bench::Options options;
  CLI::App app("What a hold costs as a box office grows");
  app.add_option("--seats", options.seats)->check(CLI::Range(10'000, 10'000'000));
  app.add_option("--waiting", options.waiting)->check(CLI::Range(1, 10'000'000));
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  return onsale::bench::exit_code_of([&] { onsale::bench::run(options); });
}
