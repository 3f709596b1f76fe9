// How many entries an address may make: a token bucket each. Who is beyond the rate is told when
// the next one is allowed, and asking in vain costs nothing, so an address always gets its rate.
// Measured by the steady clock: whoever sets the machine's time of day locks nobody out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "domain/types.h"

namespace onsale::api {

/// Addresses remembered; beyond, the one that has not entered for longest is forgotten.
inline constexpr std::size_t entry_addresses_max = 100'000;

inline constexpr std::int64_t entries_per_address_max = 60'000;

/// Any thread.
class EntryRate {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// `per_minute` (from 1 to entries_per_address_max) at once, then one in each of that many parts
  /// of a minute.
  explicit EntryRate(std::int64_t per_minute, std::size_t addresses_max = entry_addresses_max);

  /// Takes one entry of the address; or says how long until it may, of which every millisecond is
  /// needed.
  [[nodiscard]] std::optional<domain::Duration> take(const std::string& address, Moment now);
  /// It came to nothing.
  void give_back(const std::string& address);

  [[nodiscard]] std::size_t addresses() const;

 private:
  using Micros = std::chrono::microseconds;
  struct Bucket {
    std::string address;
    Micros full_at{0};  ///< by the steady clock: when all that was taken is there again
  };
  using Buckets = std::list<Bucket>;  // the one taken from last is first

  const Micros interval_;
  const Micros capacity_;
  const std::size_t addresses_max_;
  mutable std::mutex mutex_;
  Buckets buckets_;
  std::unordered_map<std::string, Buckets::iterator> by_address_;
};

}  // namespace onsale::api
