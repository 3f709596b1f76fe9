// Seat maps for whoever may ask for any: those of performances that are over are not in memory.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <memory>
#include <vector>

#include "api/services.h"
#include "api/visits.h"

namespace onsale::api {

namespace asio = boost::asio;

using SeatMapPtr = std::shared_ptr<const engine::SeatMap>;

/// The seat map of a performance; none if there is no such performance. Waits for the store if the
/// map is not in memory.
[[nodiscard]] Found<SeatMapPtr> find_seat_map(Services& services,
                                              domain::PerformanceId performance);

/// Sees to it that the seats of all these performances have a summary. Problems: that the store
/// cannot be read.
[[nodiscard]] asio::awaitable<std::expected<void, http::Problem>> summarise_seats(
    Services& services, std::vector<domain::PerformanceId> performances);

/// The performance of a seat; none if there is no such seat.
[[nodiscard]] Found<domain::PerformanceId> performance_of_seat(Services& services,
                                                               domain::SeatId seat);

}  // namespace onsale::api
