// A small box office for engine tests: an engine on a store of its own, with people, an
// event and seats, and a way to call commands and wait for their durable outcome.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "domain/catalogue.h"
#include "domain/identity.h"
#include "domain/reservation.h"
#include "domain/waiting_room.h"
#include "domain/wallet.h"
#include "engine/engine.h"
#include "store/store.h"

namespace onsale::test {

inline const domain::Timestamp opening = domain::from_millis(1'800'000'000'000);

template <class Command>
using ReplyTo = engine::Reply<engine::OutcomeOf<Command>>;

/// Submits and returns at once; the future is ready when the outcome is durable.
template <class Command>
std::future<ReplyTo<Command>> submit(
    engine::Engine& engine, Command command,
    std::optional<engine::Idempotency<engine::OutcomeOf<Command>>> key = std::nullopt) {
  auto promise = std::make_shared<std::promise<ReplyTo<Command>>>();
  auto future = promise->get_future();
  engine.submit(std::move(command), std::move(key),
                [promise](ReplyTo<Command> reply) { promise->set_value(std::move(reply)); });
  return future;
}

/// The outcome of a command that must not be refused.
template <class Command>
engine::OutcomeOf<Command> call(engine::Engine& engine, Command command) {
  auto reply = submit(engine, std::move(command)).get();
  if (const auto* refusal = std::get_if<engine::Refusal>(&reply)) {
    throw std::runtime_error("refused: " + std::to_string(static_cast<int>(*refusal)));
  }
  return std::get<engine::OutcomeOf<Command>>(std::move(reply));
}

inline std::unique_ptr<store::Store> memory_store() {
  return std::move(store::open("memory:", store::Access::read_write)).value();
}

struct BoxOffice {
  explicit BoxOffice(std::unique_ptr<store::Store> where = memory_store(), int seats = 10,
                     int user_count = 5, domain::Policy with = {})
      : store(std::move(where)), policy(with) {
    start();
    fill(seats, user_count);
  }

  void start() { engine = std::move(engine::Engine::start(*store, clock, policy, limits)).value(); }
  /// As after a restart: views from the store alone.
  void restart() {
    engine.reset();
    start();
  }

  void fill(int seats, int user_count) {
    for (int i = 1; i <= user_count; ++i) {
      users.push_back(
          call(*engine, domain::CreateUser{.email = "fan" + std::to_string(i) + "@x.org",
                                           .name = "Fan",
                                           .password_hash = "-"})
              .user.id);
    }
    const auto venue = call(*engine, domain::CreateVenue{"Hall", "Seoul", "Asia/Seoul"}).venue.id;
    event = call(*engine, domain::CreateEvent{.title = "Show",
                                              .venue = venue,
                                              .sales_open_at = opening - std::chrono::hours{1}})
                .event.id;
    performance =
        call(*engine, domain::CreatePerformance{.event = event,
                                                .name = "First night",
                                                .starts_at = opening + std::chrono::hours{24},
                                                .price_tiers = {{"A", {70'000}}}})
            .performance.id;
    auto plan = std::make_shared<domain::SeatingPlan>();
    plan->name = "plan";
    plan->width = plan->height = 100;
    plan->categories.push_back({"A", ""});
    for (int i = 1; i <= seats; ++i) {
      plan->seats.push_back({.guid = "g" + std::to_string(i),
                             .label = std::to_string(i),
                             .number = std::to_string(i),
                             .category = "A",
                             .x = static_cast<double>(i)});
    }
    call(*engine, domain::CreateSeats{performance, plan});
    const auto map = engine->views().seat_map(performance);
    first_seat = map->layout->seats.front().id;
  }

  [[nodiscard]] domain::SeatId seat(int number) const { return {first_seat.value + number - 1}; }
  [[nodiscard]] domain::Hold hold_of(domain::UserId user, int number) const {
    return {.user = user, .event = event, .seats = {{performance, seat(number)}}};
  }
  domain::VisitorToken enter(domain::UserId user, domain::RoomId room = domain::default_room) {
    domain::VisitorToken token{};
    token.data[0] = 1;
    for (std::size_t i = 0; i < 8; ++i) {
      token.data[15 - i] = static_cast<std::uint8_t>(next_token_ >> (8 * i));
    }
    ++next_token_;
    return call(*engine, domain::Enter{room, user, token}).token;
  }
  [[nodiscard]] domain::SeatStatus status_of(int number) const {
    const auto map = engine->views().seat_map(performance);
    return map->status[*map->layout->index_of(seat(number))];
  }

  engine::ManualClock clock{opening};
  std::unique_ptr<store::Store> store;
  domain::Policy policy;
  /// A slow machine excuses nobody.
  engine::CommitterLimits limits{.tick = domain::Duration{1}, .standstill = std::chrono::hours{1}};
  std::unique_ptr<engine::Engine> engine;
  std::vector<domain::UserId> users;
  domain::EventId event;
  domain::PerformanceId performance;
  domain::SeatId first_seat;

 private:
  std::uint64_t next_token_ = 1;
};

/// Waits until `holds()` is true; fails the test after a generous time.
template <class Condition>
void eventually(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) FAIL() << "condition never held";
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

}  // namespace onsale::test
