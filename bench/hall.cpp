#include "bench/hall.h"

#include <future>

#include "bench/support.h"

namespace onsale::bench {
namespace {

template <class Command>
engine::OutcomeOf<Command> call(engine::Engine& engine, Command command) {
  std::promise<engine::OutcomeOf<Command>> outcome;
  engine.submit(std::move(command), std::nullopt, [&](auto reply) {
    outcome.set_value(std::get<engine::OutcomeOf<Command>>(std::move(reply)));
  });
  return outcome.get_future().get();
}

HallSeats add_seats(engine::Engine& engine) {
  const auto now = engine.now();
  const auto venue = call(engine, domain::CreateVenue{"Arena", "Seoul", "Asia/Seoul"}).venue.id;
  const auto event = call(engine, domain::CreateEvent{.title = "Show",
                                                      .venue = venue,
                                                      .sales_open_at = now - std::chrono::hours{1}})
                         .event.id;
  auto plan = std::make_shared<domain::SeatingPlan>();
  plan->categories.push_back({"A", ""});
  for (int i = 0; i < seats_per_performance; ++i) {
    const std::string number = std::to_string(i);
    plan->seats.push_back({.guid = number, .label = number, .number = number, .category = "A"});
  }
  HallSeats seats{.event = event};
  for (int p = 0; p < performances; ++p) {
    const auto id =
        call(engine, domain::CreatePerformance{.event = event,
                                               .name = "Night",
                                               .starts_at = now + std::chrono::hours{100},
                                               .price_tiers = {{"A", {70'000}}}})
            .performance.id;
    if (p == 0) seats.first_performance = id.value;
    call(engine, domain::CreateSeats{id, plan});
  }
  const auto map = engine.views().seat_map({seats.first_performance});
  seats.first_seat = map->layout->seats.front().id.value;
  return seats;
}

}  // namespace

domain::Policy hall_policy() {
  domain::Policy policy;
  policy.room.active_sessions_max = users_total;
  policy.room.session_duration = std::chrono::hours{10};
  policy.sales.hold_duration = std::chrono::hours{10};
  return policy;
}

Node::Node(const std::string& url, const engine::Clock& clock, std::size_t lanes)
    : store(must(store::open(url, store::Access::read_write))),
      engine(must(engine::Engine::start(*store, clock, hall_policy(), {}, lanes))) {}

HallSeats make_hall(const std::string& url) {
  const engine::SystemClock clock;
  const Node node(url, clock, 1);
  add_users(*node.engine, users_total);
  Tokens tokens;
  (void)enter_all(*node.engine, users_total, tokens);
  return add_seats(*node.engine);
}

}  // namespace onsale::bench
