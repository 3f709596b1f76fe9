#include "api/entry_rate.h"

#include <algorithm>
#include <chrono>

namespace onsale::api {

using namespace std::chrono_literals;

EntryRate::EntryRate(std::int64_t per_minute, std::size_t addresses_max)
    : interval_(Micros(1min) / per_minute),
      capacity_(interval_ * per_minute),
      addresses_max_(addresses_max) {}

std::optional<domain::Duration> EntryRate::take(const std::string& address, Moment now) {
  const auto time = std::chrono::floor<Micros>(now.time_since_epoch());
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  const Micros full_at =
      std::max(time, found == by_address_.end() ? time : found->second->full_at) + interval_;
  if (const Micros wait = full_at - capacity_ - time; wait > Micros(0)) {
    return std::chrono::ceil<domain::Duration>(wait);
  }
  if (found != by_address_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
    buckets_.front().full_at = full_at;
    return std::nullopt;
  }
  if (buckets_.size() >= addresses_max_) {
    by_address_.erase(buckets_.back().address);
    buckets_.pop_back();
  }
  buckets_.push_front({.address = address, .full_at = full_at});
  by_address_.emplace(address, buckets_.begin());
  return std::nullopt;
}

void EntryRate::give_back(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (found != by_address_.end()) found->second->full_at -= interval_;
}

std::size_t EntryRate::addresses() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace onsale::api
