// Something for each performance that people ask for, made when it is first asked for: what nobody
// has asked for in a while goes, so that what is over does not stay for ever.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>

#include "domain/types.h"

namespace onsale::api {

/// Any thread.
template <class Value>
class PerPerformance {
 public:
  static constexpr std::chrono::minutes kUnusedMax{10};

  /// The same one for all who ask, while anybody has it or asks often enough.
  [[nodiscard]] std::shared_ptr<Value> of(domain::PerformanceId performance) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    if (now - swept_at_ > kUnusedMax) sweep(now);
    Place& place = places_[performance];
    place.used_at = now;
    if (!place.value) place.value = std::make_shared<Value>();
    return place.value;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Place {
    std::shared_ptr<Value> value;
    Clock::time_point used_at;
  };

  void sweep(Clock::time_point now) {
    swept_at_ = now;
    std::erase_if(places_, [now](const auto& one) {
      return now - one.second.used_at > kUnusedMax && one.second.value.use_count() == 1;
    });
  }

  std::mutex mutex_;  // guards what follows
  std::map<domain::PerformanceId, Place> places_;
  Clock::time_point swept_at_ = Clock::now();
};

}  // namespace onsale::api
