#include "rush/arrivals.h"

#include <algorithm>
#include <cmath>

namespace onsale::rush {
namespace {

constexpr std::chrono::microseconds burst_span = std::chrono::seconds{1};
/// Of the decay's mean: what is left then, a hundredth, comes with the others.
constexpr double decay_means = 4.6;

/// How much of the span has passed when the share `of` all has come.
double moment(ArrivalCurve curve, double of) {
  if (curve != ArrivalCurve::decay) return of;
  const double reached = 1 - std::exp(-decay_means);
  return -std::log(1 - of * reached) / decay_means;
}

}  // namespace

std::vector<std::chrono::microseconds> arrivals(ArrivalCurve curve, std::size_t count,
                                                std::chrono::microseconds span,
                                                std::mt19937_64& random) {
  if (curve == ArrivalCurve::burst) span = std::min(span, burst_span);
  std::uniform_real_distribution<double> share(0, 1);
  std::vector<std::chrono::microseconds> moments(count);
  for (auto& at : moments) {
    at = std::chrono::microseconds{
        std::llround(moment(curve, share(random)) * static_cast<double>(span.count()))};
  }
  std::ranges::sort(moments);
  return moments;
}

}  // namespace onsale::rush
