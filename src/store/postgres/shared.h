// What the writers and readers of one PostgreSQL database share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "store/postgres/leadership.h"

namespace onsale::store::postgres {

struct Shared {
  explicit Shared(const std::string& url) : server(url, cutoff) {}

  const std::shared_ptr<Cutoff> cutoff = std::make_shared<Cutoff>();
  const Server server;
  std::unique_ptr<Leadership> leadership;  ///< none when open for reading
  /// How often who follows the journal has lost the connection. A server that recovers from a
  /// crash, or was promoted, may give away once more the transaction ids of what was rolled back
  /// before: a mark of the journal is good until then.
  mutable std::atomic<std::int64_t> times_away = 0;
};

/// Both throw PostgresFailure.
[[nodiscard]] std::unique_ptr<Writer> make_writer(std::shared_ptr<const Shared> shared);
[[nodiscard]] std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared);

}  // namespace onsale::store::postgres
