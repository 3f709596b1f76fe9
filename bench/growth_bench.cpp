// What a hold costs as a box office grows: in houses of a thousand to a million seats, and with up
// to a million reservations before it; and the memory of a server with a million seats, a million
// reservations and a million people waiting.
//
//   build/release/bench/growth_bench
//
// Holds go through the engine on SQLite, durable, a thousand waiting at a time; each figure is the
// median of its rounds, and what a round has held is canceled after it. Each round follows one in a
// house of a thousand seats, and the percentages compare the two, since machines are noisy. Once
// the seats lie side by side, as in a sale, where a thousand people at a time want one show; and
// once anywhere in the house, so that nearly each hold writes into a page of its own.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <numeric>

#include "bench/hall.h"
#include "bench/server_process.h"
#include "bench/support.h"
#include "engine/office_clock.h"

namespace onsale::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int seats = 1'000'000;
  int waiting = 1'000'000;
  int rounds = 15;
};

constexpr int holds_per_round = 1000;

enum class Seats { side_by_side, anywhere };

/// One event with so many seats, and people who all have been admitted.
class House {
 public:
  House(const std::string& url, int seats, int people)
      : people_(people),
        store_(must(store::open(url, store::Access::read_write))),
        engine_(must(engine::Engine::start(*store_, clock_, policy(people), {}))) {
    add_users(*engine_, people);
    (void)enter_all(*engine_, people, tokens_);
    event_ = add_event(*engine_, domain::default_room);
    deal(add_seats(seats));
  }

  /// Of one hold, in microseconds: that of a thousand, which are canceled afterwards.
  double time_per_hold(Seats where) {
    std::vector<domain::Reservation> held(holds_per_round);
    const auto start = Clock::now();
    hold(std::span(where == Seats::anywhere ? anywhere_ : side_by_side_),
         [&](std::int64_t i, const domain::HoldOutcome& outcome) {
           held[static_cast<std::size_t>(i)] = outcome.reservation;
         });
    const std::chrono::duration<double, std::micro> took = Clock::now() - start;
    cancel(held);
    return took.count() / holds_per_round;
  }

  /// Until there are so many reservations that stay: of at most all seats but those that are held
  /// in the rounds.
  void fill(std::size_t reservations) {
    hold(std::span(others_).subspan(filled_, reservations - filled_),
         [](std::int64_t, const domain::HoldOutcome&) {});
    filled_ = reservations;
  }

  /// In a room that lets in one at a time.
  void add_waiting(std::int64_t waiting) {
    const auto queue = add_room(*engine_, 1);
    std::vector<std::int64_t> users(static_cast<std::size_t>(waiting));
    std::iota(users.begin(), users.end(), 1);
    (void)enter_all(*engine_, users, tokens_, queue);
  }

 private:
  static domain::Policy policy(int people) {
    domain::Policy policy = hall_policy();
    policy.room.active_sessions_max = people;
    policy.sales.seats_per_user_max = 1'000'000;
    return policy;
  }

  std::vector<domain::SeatRef> add_seats(int count) {
    constexpr int largest = 20'000;  // performance
    std::vector<domain::SeatRef> seats;
    for (int left = count; left > 0; left -= largest) {
      const int here = std::min(left, largest);
      const Performance added = add_performance(*engine_, event_, here);
      for (int i = 0; i < here; ++i) {
        seats.push_back({added.id, domain::SeatId{added.first_seat + i}});
      }
    }
    return seats;
  }

  /// The first ones lie side by side, every n-th of the rest lies anywhere.
  void deal(const std::vector<domain::SeatRef>& seats) {
    const std::size_t step = (seats.size() - holds_per_round) / holds_per_round;
    for (std::size_t i = 0; i < seats.size(); ++i) {
      if (i < holds_per_round) {
        side_by_side_.push_back(seats[i]);
      } else if ((i - holds_per_round) % step == 0 && anywhere_.size() < holds_per_round) {
        anywhere_.push_back(seats[i]);
      } else {
        others_.push_back(seats[i]);
      }
    }
    std::ranges::shuffle(anywhere_, std::mt19937_64(1));
  }

  /// Each for the next of the people.
  template <class Done>
  void hold(std::span<const domain::SeatRef> seats, const Done& done) {
    const auto command = [&](std::int64_t i) {
      return domain::Hold{.user = domain::UserId{1 + next_person_++ % people_},
                          .event = event_,
                          .seats = {seats[static_cast<std::size_t>(i)]}};
    };
    std::atomic<std::int64_t> refused = 0;
    submit_all(*engine_, std::ssize(seats), command,
               [&](std::int64_t i, const domain::HoldOutcome& outcome) {
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

  const std::int64_t people_;
  const engine::OfficeClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  Tokens tokens_;
  domain::EventId event_;
  std::vector<domain::SeatRef> side_by_side_;
  std::vector<domain::SeatRef> anywhere_;
  std::vector<domain::SeatRef> others_;
  std::size_t filled_ = 0;  // of the others
  std::int64_t next_person_ = 0;
};

struct Time {
  double us = 0;           // per hold
  double of_smallest = 0;  // beside that in the smallest house
};

struct Times {
  Time side_by_side;
  Time anywhere;
};

Time measure(House& house, House& smallest, Seats where, int rounds) {
  std::vector<double> times;
  std::vector<double> shares;
  for (int round = 0; round < rounds; ++round) {
    const double before = smallest.time_per_hold(where);
    times.push_back(house.time_per_hold(where));
    shares.push_back(times.back() / before);
  }
  return {.us = median(std::move(times)), .of_smallest = median(std::move(shares))};
}

Times measure(House& house, House& smallest, const Options& options) {
  return {.side_by_side = measure(house, smallest, Seats::side_by_side, options.rounds),
          .anywhere = measure(house, smallest, Seats::anywhere, options.rounds)};
}

void tell(const std::string& what, const Times& times, const Times& beside) {
  const auto percent = [](const Time& time, const Time& other) {
    return 100 * time.of_smallest / other.of_smallest;
  };
  fmt::print("{:<44}{:>10.2f} us{:>6.0f} %{:>10.2f} us{:>6.0f} %\n", what, times.side_by_side.us,
             percent(times.side_by_side, beside.side_by_side), times.anywhere.us,
             percent(times.anywhere, beside.anywhere));
  std::fflush(stdout);
}

void run(const Options& options) {
  // Each house has two thousand seats more: those that are held in the rounds.
  fmt::print("{:<44}{:>21}{:>21}\n", "one durable hold, a thousand waiting", "side by side",
             "anywhere");
  constexpr int rounds_seats = 2 * holds_per_round;
  constexpr int some_people = 20'000;
  const Directory smallest_directory("growth-smallest");
  House smallest(smallest_directory.url(), holds_per_round + rounds_seats, some_people);
  std::optional<Times> first;
  for (int seats = holds_per_round; seats < options.seats; seats *= 10) {
    const Directory directory("growth");
    House house(directory.url(), seats + rounds_seats, some_people);
    const Times times = measure(house, smallest, options);
    if (!first) first = times;
    tell(fmt::format("{} seats", seats), times, *first);
  }
  const Directory directory("growth");
  {
    House house(directory.url(), options.seats + rounds_seats,
                std::max(options.waiting, some_people));
    const Times empty = measure(house, smallest, options);
    tell(fmt::format("{} seats", options.seats), empty, first.value_or(empty));
    for (int reservations = 1000; reservations <= options.seats; reservations *= 10) {
      house.fill(static_cast<std::size_t>(reservations));
      tell(fmt::format("{} seats, {} reservations before", options.seats, reservations),
           measure(house, smallest, options), empty);
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
