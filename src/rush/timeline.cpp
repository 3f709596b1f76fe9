#include "rush/timeline.h"

#include <algorithm>
#include <array>

namespace onsale::rush {
namespace {

/// The shortest round time of which spans_max are as long as all.
std::int64_t span_for(std::size_t seconds) {
  constexpr std::array<std::int64_t, 12> round{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
  constexpr auto spans_max = static_cast<std::int64_t>(Timeline::spans_max);
  const std::int64_t least = (static_cast<std::int64_t>(seconds) + spans_max - 1) / spans_max;
  const auto* const found = std::ranges::lower_bound(round, least);
  return found != round.end() ? *found : (least + round.back() - 1) / round.back() * round.back();
}

void add(Span& span, const Second& second) {
  Second& all = span.all;
  ++span.seconds;
  all.admitted += second.admitted;
  all.holds += second.holds;
  all.answers += second.answers;
  all.failures += second.failures;
  all.retried += second.retried;
  all.waiting = std::max(all.waiting, second.waiting);
  all.active = std::max(all.active, second.active);
  all.p50 = std::max(all.p50, second.p50);
  all.p99 = std::max(all.p99, second.p99);
  all.longest = std::max(all.longest, second.longest);
  all.bought = second.bought;
  all.seats_left = second.seats_left;
}

}  // namespace

Timeline timeline_of(const std::vector<Second>& seconds) {
  Timeline timeline{.span_seconds = span_for(seconds.size()), .spans = {}};
  for (const Second& second : seconds) {
    if (timeline.spans.empty() || timeline.spans.back().seconds == timeline.span_seconds) {
      timeline.spans.push_back({.all = second});
    } else {
      add(timeline.spans.back(), second);
    }
  }
  return timeline;
}

}  // namespace onsale::rush
