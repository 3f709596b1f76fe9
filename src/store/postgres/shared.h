// What the writers and readers of one PostgreSQL database share.
#pragma once

#include <memory>
#include <string>

#include "store/postgres/leadership.h"

namespace onsale::store::postgres {

struct Shared {
  explicit Shared(const std::string& url) : server(url, cutoff) {}

  const std::shared_ptr<Cutoff> cutoff = std::make_shared<Cutoff>();
  const Server server;
  std::unique_ptr<Leadership> leadership;  ///< none when open for reading
};

/// Both throw PostgresFailure.
[[nodiscard]] std::unique_ptr<Writer> make_writer(std::shared_ptr<const Shared> shared);
[[nodiscard]] std::unique_ptr<Reader> make_reader(std::shared_ptr<const Shared> shared);

}  // namespace onsale::store::postgres
