// When the buyers of an on-sale come.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

namespace onsale::rush {

enum class ArrivalCurve : std::uint8_t {
  burst,  ///< all in the first second: the doors open at ten
  decay,  ///< most of them soon, and ever fewer: half are there after a sixth of the time
  even,   ///< as many at the end as at the beginning
};

/// Moments after the start, in order: `count` of them, by chance, within `span`.
[[nodiscard]] std::vector<std::chrono::microseconds> arrivals(ArrivalCurve curve, std::size_t count,
                                                              std::chrono::microseconds span,
                                                              std::mt19937_64& random);

}  // namespace onsale::rush
