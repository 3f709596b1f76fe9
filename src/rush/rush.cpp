#include "rush/rush.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>

namespace onsale::rush {

using Moment = Sale::Moment;
using std::chrono::milliseconds;

struct Rush::Buyer {
  Person person;
  std::mt19937_64 random;
  Moment comes_at;
  Moment next_at;  ///< when this one means to do the next thing
  Place place;
  HeldSeats held;
  std::size_t wanted = 1;
  Stage stage = Stage::to_come;

  /// As long as people take: mostly shorter than the mean, now and then much longer.
  milliseconds about(milliseconds mean) {
    if (mean <= milliseconds{0}) return milliseconds{0};
    std::exponential_distribution<double> times(1);
    return milliseconds{
        static_cast<std::int64_t>(times(random) * static_cast<double>(mean.count()))};
  }
  double share() { return std::uniform_real_distribution<double>(0, 1)(random); }
};

Rush::Rush(const Plan& plan, Sale& sale, Tally& tally) : plan_(plan), sale_(sale), tally_(tally) {}

asio::awaitable<void> Rush::until(Moment at) {
  asio::steady_timer timer(co_await asio::this_coro::executor, at);
  co_await timer.async_wait(asio::as_tuple(asio::deferred));
}

asio::awaitable<void> Rush::play(std::function<void(const Second&)> each_second) {
  std::mt19937_64 random(plan_.seed);
  const auto moments = arrivals(plan_.curve, plan_.people.size(), plan_.arrive_within, random);
  const auto executor = co_await asio::this_coro::executor;
  const Moment start = Tally::Clock::now();
  std::deque<Buyer> buyers;
  for (std::size_t i = 0; i < moments.size(); ++i) {
    Buyer& buyer = buyers.emplace_back();
    buyer.person = plan_.people[i];
    buyer.random.seed(random());
    buyer.comes_at = buyer.next_at = start + moments[i];
    buyer.wanted = std::uniform_int_distribution<std::size_t>(
        1, static_cast<std::size_t>(plan_.party_max))(buyer.random);
    ++under_way_;
    asio::co_spawn(executor, live(buyer), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
    });
  }
  for (Moment second = start; under_way_ > 0;) {
    second += std::chrono::seconds{1};
    while (under_way_ > 0 && Tally::Clock::now() < second) {
      co_await until(std::min(second, Tally::Clock::now() + milliseconds{20}));
    }
    if (seats_seen_) tally_.seats_left(static_cast<std::int64_t>(sale_.available().size()));
    each_second(tally_.close_second());
  }
}

void Rush::become(Buyer& buyer, Stage stage) {
  if (stage == buyer.stage) return;
  tally_.moved(buyer.stage, stage);
  buyer.stage = stage;
}

asio::awaitable<void> Rush::live(Buyer& buyer) {
  co_await until(buyer.comes_at);
  become(buyer, co_await story(buyer));
  --under_way_;
}

asio::awaitable<Stage> Rush::story(Buyer& buyer) {
  auto entered = co_await sale_.enter(buyer.person, buyer.next_at);
  if (!entered) {
    co_return entered.error() == Refusal::no ? Stage::gave_up : Stage::failed;
  }
  buyer.place = *std::move(entered);
  const Stage stage = co_await wait_in_line(buyer);
  if (stage != Stage::active) co_return stage;
  become(buyer, Stage::active);
  co_return co_await shop(buyer);
}

asio::awaitable<Stage> Rush::wait_in_line(Buyer& buyer) {
  const Moment tired_at =
      buyer.comes_at + milliseconds{static_cast<std::int64_t>(
                           (1 - buyer.share() / 2) * static_cast<double>(plan_.patience.count()))};
  while (buyer.place.state == Place::State::waiting) {
    become(buyer, Stage::waiting);
    // Not all at the same moment: the advice is the least.
    buyer.next_at =
        Tally::Clock::now() + buyer.place.look_again + buyer.about(buyer.place.look_again / 10);
    co_await until(buyer.next_at);
    if (buyer.next_at >= tired_at) {
      (void)co_await sale_.leave(buyer.person, buyer.place, buyer.next_at);
      co_return Stage::gave_up;
    }
    auto seen = co_await sale_.look(buyer.person, buyer.place, buyer.next_at);
    if (!seen) co_return Stage::failed;
    buyer.place = *std::move(seen);
  }
  co_return buyer.place.state == Place::State::active ? Stage::active : Stage::gave_up;
}

/// People take their time before each step.
asio::awaitable<void> Rush::ponder(Buyer& buyer) {
  buyer.next_at = Tally::Clock::now() + buyer.about(plan_.think);
  co_await until(buyer.next_at);
}

asio::awaitable<Stage> Rush::shop(Buyer& buyer) {
  const Stage chosen = co_await choose(buyer);
  const Stage end = chosen == Stage::active ? co_await settle(buyer) : chosen;
  // Whoever has not bought frees the session for the next one.
  if (end != Stage::bought) {
    (void)co_await sale_.leave(buyer.person, buyer.place, Tally::Clock::now());
  }
  co_return end;
}

asio::awaitable<Stage> Rush::choose(Buyer& buyer) {
  for (int tries = 0; tries < plan_.tries_max; ++tries) {
    co_await ponder(buyer);
    const auto seen = co_await sale_.see_seats(buyer.person, buyer.place, buyer.next_at);
    if (!seen) co_return seen.error() == Refusal::no ? Stage::empty_handed : Stage::failed;
    seats_seen_ = true;
    const auto seats = choice(buyer, buyer.wanted);
    if (seats.empty()) co_return Stage::empty_handed;
    co_await ponder(buyer);
    auto held = co_await sale_.hold(buyer.person, buyer.place, seats, buyer.next_at);
    if (held) {
      buyer.held = *std::move(held);
      buyer.wanted = seats.size();
      co_return Stage::active;
    }
    if (held.error() == Refusal::failed) co_return Stage::failed;
  }
  co_return Stage::empty_handed;
}

asio::awaitable<Stage> Rush::settle(Buyer& buyer) {
  if (buyer.share() >= plan_.pays) co_return Stage::empty_handed;
  co_await ponder(buyer);
  if (buyer.held.total > 0) {
    const auto charged =
        co_await sale_.charge(buyer.person, buyer.place, buyer.held.total, buyer.next_at);
    if (!charged) co_return Stage::failed;
    buyer.next_at = Tally::Clock::now();
  }
  const auto paid = co_await sale_.pay(buyer.person, buyer.place, buyer.held, buyer.next_at);
  if (!paid) co_return paid.error() == Refusal::no ? Stage::empty_handed : Stage::failed;
  tally_.seats_bought(static_cast<std::int64_t>(buyer.wanted));
  co_return Stage::bought;
}

/// Up to `count` seats of those that are free, by the plan's taste; next to each other on the map
/// if that is possible. None if there are none.
std::vector<std::int64_t> Rush::choice(Buyer& buyer, std::size_t count) {
  const auto& free = sale_.available();
  if (free.empty()) return {};
  count = std::min(count, free.size());
  const std::size_t last_start = free.size() - count;
  const std::size_t from = plan_.taste == Taste::front ? 0
                                                       : std::uniform_int_distribution<std::size_t>(
                                                             0, last_start)(buyer.random);
  const auto first = free.begin() + static_cast<std::ptrdiff_t>(from);
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace onsale::rush
