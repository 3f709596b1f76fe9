// What the table of `./dev bench` is measured on: a box office with a crowd at every stage of the
// buyer's way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/hall.h"
#include "domain/types.h"

namespace onsale::bench {

inline constexpr int world_users = 120'000;
inline constexpr int world_waiting = 10'000;
inline constexpr int world_held = seats_total;   // one seat for each of the first users
inline constexpr int walk_performances = 1'000;  // to be bought from the door to the ticket
inline constexpr int walk_seats_per_performance = 50;
inline constexpr int large_map_seats = 10'000;

/// People come in no order of their ids; once they are in line they do what follows in about that
/// order: their visits, reservations and seats lie near each other, their accounts do not.
struct World {
  std::vector<std::int64_t> line;   ///< all users, in the order in which they came
  std::vector<std::string> access;  ///< their access tokens, in the order of their ids

  domain::RoomId queue;                       ///< lets one in; the first world_waiting are here
  std::vector<domain::VisitorToken> waiting;  ///< and these are their tokens

  domain::EventId maps;   ///< of the two that follow, for the users in the default room
  Performance small_map;  ///< of walk_seats_per_performance seats
  Performance large_map;  ///< of large_map_seats

  HallSeats free;                      ///< for the users in the default room
  std::int64_t first_reservation = 0;  ///< line[i] holds this + i and has the money to pay it

  domain::RoomId walk_room;  ///< lets everybody in; nobody has come yet
  domain::EventId walk_event;
  std::int64_t walk_first_performance = 0;
  std::int64_t walk_first_seat = 0;
};

/// Fills the empty store at `url` and closes it. Throws std::runtime_error if that fails.
[[nodiscard]] World make_world(const std::string& url);

/// What a server on a world is to be told.
[[nodiscard]] std::vector<std::string> world_options(const std::string& url);

}  // namespace onsale::bench
