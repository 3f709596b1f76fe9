// Figures of a waiting room that stay small however long it is open: how long people waited, and
// how the line and the admissions went over time.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "domain/types.h"

namespace onsale::store {

/// How long each of many waits was, to within a thousandth of it; the longest one exactly. Needs
/// memory for the different lengths only, of which there are some 20,000 at most.
class WaitTimes {
 public:
  void add(domain::Duration wait);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] domain::Duration longest() const { return longest_; }
  /// The shortest wait that `percent` of all did not exceed; 0 if there was none at all.
  [[nodiscard]] domain::Duration percentile(double percent) const;

 private:
  std::map<std::int64_t, std::int64_t> count_of_;  ///< by the upper end of each length's step
  std::int64_t count_ = 0;
  domain::Duration longest_{0};
};

/// What happened in equal spans of time, one after the other. They become twice as long whenever
/// there are more than spans_max of them.
class Timeline {
 public:
  static constexpr std::size_t spans_max = 240;

  struct Span {
    std::int64_t waiting_max = 0;  ///< the longest the line was
    std::int64_t active_max = 0;
    std::int64_t admitted = 0;
  };

  /// The room after something has happened at `at`. A time before the last one counts as that one.
  void note(domain::Timestamp at, std::int64_t waiting, std::int64_t active, bool admission);

  [[nodiscard]] domain::Timestamp begin() const { return begin_; }
  [[nodiscard]] domain::Duration span() const { return span_; }
  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
  /// How fast admissions went in this span and those before it, over ten seconds at least: a burst
  /// of one second's worth is nothing that goes on for a minute.
  [[nodiscard]] double admitted_per_minute(std::size_t span) const;
  /// The most in any minute, or in about a minute where spans do not fit into one.
  [[nodiscard]] std::int64_t admitted_in_a_minute_max() const;

 private:
  void halve();

  domain::Timestamp begin_;
  domain::Duration span_ = std::chrono::seconds{1};
  std::vector<Span> spans_;
  std::int64_t waiting_ = 0;
  std::int64_t active_ = 0;
};

}  // namespace onsale::store
