#include "api/store_reads.h"

#include <spdlog/spdlog.h>

#include "api/problems.h"

namespace onsale::api {

store::Result<std::unique_ptr<store::Reader>> StoreReads::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return store_.reader();
}

void StoreReads::give_back(std::unique_ptr<store::Reader> reader) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(reader));
}

http::Problem StoreReads::unreadable(const store::Error& error) {
  spdlog::error("read failed: {}", error.message);
  return http::Problem(problems::store_unavailable).with_retry_after(std::chrono::seconds{2});
}

}  // namespace onsale::api
