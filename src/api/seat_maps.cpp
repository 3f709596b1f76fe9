#include "api/seat_maps.h"

#include <utility>

namespace onsale::api {

Found<SeatMapPtr> find_seat_map(Services& services, domain::PerformanceId performance) {
  if (auto map = services.engine.views().seat_map(performance)) co_return map;
  if (!services.engine.views().catalogue()->performance(performance)) co_return std::nullopt;
  auto& engine = services.engine;
  auto maps = co_await services.reads.run([&engine, performance](store::Reader& reader) {
    return engine.fetch_seat_maps({performance}, reader);
  });
  if (!maps) co_return std::unexpected(std::move(maps.error()));
  const auto found = maps->find(performance);
  co_return found == maps->end() ? std::nullopt : std::optional(found->second);
}

asio::awaitable<std::expected<void, http::Problem>> summarise_seats(
    Services& services, std::vector<domain::PerformanceId> performances) {
  const auto catalogue = services.engine.views().catalogue();
  std::erase_if(performances, [&](domain::PerformanceId id) {
    const auto* entry = catalogue->performance(id);
    return !entry || entry->seats->summary();
  });
  if (performances.empty()) co_return std::expected<void, http::Problem>();
  auto fetch = [&engine = services.engine, performances](store::Reader& reader) {
    return engine.fetch_seat_maps(performances, reader);
  };
  const auto maps = co_await services.reads.run(fetch);
  if (!maps) co_return std::unexpected(maps.error());
  co_return std::expected<void, http::Problem>();
}

Found<domain::PerformanceId> performance_of_seat(Services& services, domain::SeatId seat) {
  if (const auto known = services.engine.views().catalogue()->performance_with(seat)) {
    co_return known;
  }
  const auto found =
      co_await services.reads.run([seat](store::Reader& reader) { return reader.seat(seat); });
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return std::nullopt;
  co_return (**found).seat.performance;
}

}  // namespace onsale::api
