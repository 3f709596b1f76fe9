#include "bench/world.h"

#include <numeric>
#include <span>

#include "bench/access.h"
#include "bench/support.h"
#include "domain/wallet.h"
#include "engine/office_clock.h"

namespace onsale::bench {
namespace {

domain::Policy world_policy() {
  domain::Policy policy = hall_policy();
  policy.room.active_sessions_max = world_users;
  policy.room.claim_timeout = policy.room.session_duration;
  return policy;
}

/// The first reservation.
std::int64_t hold_and_charge(engine::Engine& engine, const HallSeats& seats,
                             const std::vector<std::int64_t>& line) {
  const auto user = [&](std::int64_t i) {
    return domain::UserId{line[static_cast<std::size_t>(i)]};
  };
  std::vector<std::int64_t> reservations(world_held);
  const auto hold = [&](std::int64_t i) {
    domain::Hold one = seats.hold(static_cast<int>(i));
    one.user = user(i);
    return one;
  };
  submit_all(engine, world_held, hold, [&](std::int64_t i, const domain::HoldOutcome& outcome) {
    reservations[static_cast<std::size_t>(i)] = outcome.reservation.id.value;
  });
  const auto charge = [&](std::int64_t i) {
    return domain::Charge{user(i), domain::Money{seat_price}};
  };
  submit_all(engine, world_held, charge, [](std::int64_t, const domain::ChargeOutcome&) {});
  for (std::size_t i = 0; i < reservations.size(); ++i) {
    if (reservations[i] != reservations[0] + static_cast<std::int64_t>(i)) {
      throw std::runtime_error("holds were refused, or are not in order");
    }
  }
  return reservations[0];
}

void add_walk(engine::Engine& engine, World& world) {
  world.walk_room = add_room(engine, std::nullopt);
  world.walk_event = add_event(engine, world.walk_room);
  for (int i = 0; i < walk_performances; ++i) {
    const Performance added = add_performance(engine, world.walk_event, walk_seats_per_performance);
    if (i > 0) continue;
    world.walk_first_performance = added.id.value;
    world.walk_first_seat = added.first_seat;
  }
}

}  // namespace

World make_world(const std::string& url) {
  World world;
  world.line.resize(world_users);
  std::iota(world.line.begin(), world.line.end(), 1);
  std::ranges::shuffle(world.line, std::mt19937_64(1));
  {
    const engine::OfficeClock clock;
    const auto store = must(store::open(url, store::Access::read_write));
    const auto engine = must(engine::Engine::start(*store, clock, world_policy(), {}));
    add_users(*engine, world_users);
    Tokens tokens;
    (void)enter_all(*engine, world.line, tokens);
    world.queue = add_room(*engine, 1);
    world.waiting =
        enter_all(*engine, std::span(world.line).first(world_waiting), tokens, world.queue);
    world.maps = add_event(*engine, domain::default_room);
    world.small_map = add_performance(*engine, world.maps, walk_seats_per_performance);
    world.large_map = add_performance(*engine, world.maps, large_map_seats);
    world.free = add_hall(*engine);
    world.first_reservation = hold_and_charge(*engine, add_hall(*engine), world.line);
    add_walk(*engine, world);
  }
  world.access = access_tokens(url, world_users);
  return world;
}

std::vector<std::string> world_options(const std::string& url) {
  return {"--database=" + url,
          "--set=server.threads=1",
          "--set=sales.hold_duration=10h",
          "--set=waiting_room.active_sessions_max=" + std::to_string(world_users),
          "--set=waiting_room.session_duration=10h",
          "--set=waiting_room.claim_timeout=10h"};
}

}  // namespace onsale::bench
