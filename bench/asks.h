// What the rows of the table ask for, as it goes over the wire.
#pragma once

#include <string>

#include "bench/http_load.h"
#include "bench/world.h"

namespace onsale::bench {

// What each of these returns refers to the world, which must outlive it, and begins anew.

[[nodiscard]] NextRequest ask_livez();
/// Where one stands in the queue: another visitor each time.
[[nodiscard]] NextRequest ask_poll(const World& world);

/// The seat map of a performance, with this query ("?since=4", or nothing) and these further
/// header lines, each with its end.
[[nodiscard]] NextRequest ask_seats(const Performance& performance, const std::string& query = {},
                                    const std::string& headers = {});
/// Holds the first `seats` of them, each for another user, for the map to change.
[[nodiscard]] NextRequest ask_first_seats(const World& world, const Performance& performance,
                                          int seats);

// Of those that follow, each user does it once, in the order of the line.

[[nodiscard]] NextRequest ask_enter(const World& world);
/// Another seat each time, in the order of their ids.
[[nodiscard]] NextRequest ask_hold(const World& world);
/// `rivals` different users want the same seat, then the next one.
[[nodiscard]] NextRequest ask_same_seat(const World& world, int rivals);
[[nodiscard]] NextRequest ask_charge(const World& world);
[[nodiscard]] NextRequest ask_pay(const World& world);

/// The whole way of a buyer, one on each connection at a time: enter, look at the seats, hold one,
/// charge, pay.
[[nodiscard]] NextRequest ask_walk(const World& world);
inline constexpr int walk_requests = 5;

}  // namespace onsale::bench
