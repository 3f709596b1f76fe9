// Chance that can be replayed. What falls depends only on the seed, on who throws and on which
// of their throws it is, never on what anybody else did in between.
#pragma once

#include <cmath>
#include <cstdint>

#include "domain/types.h"

namespace onsale::sim {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t who, std::uint64_t which)
      : state_(mixed(mixed(mixed(seed + gamma) + who) + which)) {}

  std::uint64_t next() { return mixed(state_ += gamma); }
  /// From 0 to just below 1.
  double share() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double probability) { return share() < probability; }
  /// Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  domain::Duration up_to(domain::Duration longest) {
    return domain::Duration{between(0, longest.count())};
  }
  /// As long as people take: mostly shorter than the mean, now and then much longer.
  domain::Duration about(domain::Duration mean) {
    const double times = -std::log(1 - share());
    return domain::Duration{std::llround(times * static_cast<double>(mean.count()))};
  }

 private:
  static constexpr std::uint64_t gamma = 0x9e3779b97f4a7c15ULL;
  /// The finaliser of SplitMix64.
  static constexpr std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }

  std::uint64_t state_;
};

}  // namespace onsale::sim
