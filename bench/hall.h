// A box office large enough to measure holds on: every buyer has been admitted and holds nothing
// yet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "domain/reservation.h"
#include "engine/engine.h"
#include "store/store.h"

namespace onsale::bench {

inline constexpr int seats_per_performance = 20'000;
inline constexpr int performances = 5;
inline constexpr int seats_total = seats_per_performance * performances;
inline constexpr int seats_per_user = 4;
inline constexpr int users_total = seats_total / seats_per_user;

inline constexpr std::int64_t seat_price = 70'000;

[[nodiscard]] domain::Policy hall_policy();

/// Admits so many at a time; without a number as many as the policy says.
[[nodiscard]] domain::RoomId add_room(engine::Engine& engine,
                                      std::optional<std::int64_t> sessions_max);

/// On sale, behind this room. Like all that follows it throws std::runtime_error if that fails.
[[nodiscard]] domain::EventId add_event(engine::Engine& engine, domain::RoomId room);

struct Performance {
  domain::PerformanceId id;
  std::int64_t first_seat = 0;  ///< the ids of the others follow
};
[[nodiscard]] Performance add_performance(engine::Engine& engine, domain::EventId event, int seats);

/// What to hold in a hall: another seat each time, four for each buyer, one by one.
struct HallSeats {
  domain::EventId event;
  std::int64_t first_performance = 0;
  std::int64_t first_seat = 0;

  /// The i-th hold, below seats_total.
  [[nodiscard]] domain::Hold hold(int i) const {
    return {.user = domain::UserId{1 + i % users_total},
            .event = event,
            .seats = {
                {{first_performance + i / seats_per_performance}, domain::SeatId{first_seat + i}}}};
  }
};

/// An event behind the default room with `performances` of so many seats each.
[[nodiscard]] HallSeats add_hall(engine::Engine& engine);

/// Fills the empty store at `url` and closes it.
[[nodiscard]] HallSeats make_hall(const std::string& url);

/// A server's heart without HTTP, on a hall that was made.
struct Node {
  Node(const std::string& url, const engine::Clock& clock, std::size_t lanes);

  std::unique_ptr<store::Store> store;
  std::unique_ptr<engine::Engine> engine;
};

}  // namespace onsale::bench
