#include "bench/hall.h"

#include "bench/support.h"
#include "domain/room_control.h"
#include "engine/office_clock.h"

namespace onsale::bench {

domain::RoomId add_room(engine::Engine& engine, std::optional<std::int64_t> sessions_max) {
  const domain::CreateRoom room{.name = "Room",
                                .by = {},
                                .policy = {.active_sessions_max = sessions_max},
                                .opens_at = std::nullopt,
                                .fresh_seed = ""};
  const auto outcome = call(engine, room);
  if (!outcome.executed()) throw std::runtime_error(outcome.message);
  return outcome.room.id;
}

domain::EventId add_event(engine::Engine& engine, domain::RoomId room) {
  const auto venue = call(engine, domain::CreateVenue{"Arena", "Seoul", "Asia/Seoul"}).venue.id;
  const domain::CreateEvent event{.title = "Show",
                                  .venue = venue,
                                  .room = room,
                                  .sales_open_at = engine.now() - std::chrono::hours{1}};
  return call(engine, event).event.id;
}

Performance add_performance(engine::Engine& engine, domain::EventId event, int seats) {
  const domain::CreatePerformance performance{.event = event,
                                              .name = "Night",
                                              .starts_at = engine.now() + std::chrono::hours{100},
                                              .price_tiers = {{"A", {seat_price}}}};
  const auto id = call(engine, performance).performance.id;
  auto plan = std::make_shared<domain::SeatingPlan>();
  plan->categories.push_back({"A", ""});
  for (int i = 0; i < seats; ++i) {
    const std::string number = std::to_string(i + 1);
    plan->seats.push_back({.guid = number, .label = number, .number = number, .category = "A"});
  }
  call(engine, domain::CreateSeats{id, plan});
  return {id, engine.views().seat_map(id)->layout->seats.front().id.value};
}

HallSeats add_hall(engine::Engine& engine) {
  const auto event = add_event(engine, domain::default_room);
  HallSeats seats{.event = event};
  for (int i = 0; i < performances; ++i) {
    const Performance added = add_performance(engine, event, seats_per_performance);
    if (i > 0) continue;
    seats.first_performance = added.id.value;
    seats.first_seat = added.first_seat;
  }
  return seats;
}

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
  const engine::OfficeClock clock;
  const Node node(url, clock, 1);
  add_users(*node.engine, users_total);
  Tokens tokens;
  (void)enter_all(*node.engine, users_total, tokens);
  return add_hall(*node.engine);
}

}  // namespace onsale::bench
