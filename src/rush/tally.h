// What happened in a rush, counted while it happens.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rush/histogram.h"

namespace onsale::rush {

/// What a buyer asks the server for.
enum class Ask : std::uint8_t { enter, look, seats, hold, charge, pay, leave };
inline constexpr std::size_t asks = 7;
[[nodiscard]] std::string_view to_text(Ask ask);

/// Where a buyer is in the story.
enum class Stage : std::uint8_t {
  to_come,
  waiting,  ///< in line
  active,   ///< admitted, and choosing or paying
  bought,
  empty_handed,  ///< admitted, but there was no seat to be had
  gave_up,       ///< lost patience in line
  failed,        ///< the server did not do what it should
};
inline constexpr std::size_t stages = 7;
[[nodiscard]] std::string_view to_text(Stage stage);

/// What the rush as a whole is about.
enum class Phase : std::uint8_t {
  arriving,  ///< somebody is still to come
  in_line,   ///< all have come, and some wait
  selling,   ///< nobody waits any more; the last choose their seats
  settling,  ///< and no seat is left to choose: they pay for what they hold
  over,
};
[[nodiscard]] std::string_view to_text(Phase phase);

struct AskFigures {
  Histogram times;           ///< of all answers, from when the buyer meant to ask
  std::int64_t fine = 0;     ///< 2xx and 304
  std::int64_t refused = 0;  ///< 4xx: a seat that is gone, a room that is closed
  std::int64_t failed = 0;   ///< 5xx, or no answer
  std::int64_t retried = 0;  ///< asked again; not among the answers, only the last is
};

/// One second of the rush, as it was at its end.
struct Second {
  std::int64_t second = 0;
  std::int64_t waiting = 0;
  std::int64_t active = 0;
  std::int64_t bought = 0;
  std::int64_t admitted = 0;  ///< in this second
  std::int64_t holds = 0;     ///< that succeeded, in this second
  std::int64_t answers = 0;   ///< in this second, like what follows
  std::int64_t failures = 0;
  std::int64_t retried = 0;
  Histogram::Time p50{};
  Histogram::Time p99{};
  Histogram::Time longest{};
  std::optional<std::int64_t>
      seats_left;  ///< as some buyer saw it last; none before the first look
};

/// One thread.
class Tally {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Tally(std::size_t buyers) { people_[0] = static_cast<std::int64_t>(buyers); }

  void answered(Ask ask, int status, Clock::time_point meant_at);
  /// The answer so far does not count: the same will be asked again.
  void asked_again(Ask ask);
  /// Says why, for the first few. Of what the server wrote it takes the beginning, as one line of
  /// UTF-8.
  void complain(std::string_view what);
  void moved(Stage from, Stage to);
  void seats_bought(std::int64_t count) { seats_bought_ += count; }
  /// How many are free; holds until it is said again.
  void seats_left(std::int64_t count) { seats_left_ = count; }

  /// Closes a second: what is counted from now on belongs to the next.
  const Second& close_second();

  [[nodiscard]] std::int64_t people(Stage stage) const {
    return people_[static_cast<std::size_t>(stage)];
  }
  [[nodiscard]] const AskFigures& of(Ask ask) const {
    return figures_[static_cast<std::size_t>(ask)];
  }
  [[nodiscard]] const std::vector<Second>& seconds() const { return seconds_; }
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  [[nodiscard]] std::int64_t seats() const { return seats_bought_; }
  [[nodiscard]] std::optional<std::int64_t> seats_left() const { return seats_left_; }
  [[nodiscard]] Phase phase() const;

 private:
  static constexpr std::size_t complaints_max = 10;
  static constexpr std::size_t complaint_bytes_max = 300;

  std::array<AskFigures, asks> figures_{};
  std::array<std::int64_t, stages> people_{};
  std::vector<Second> seconds_;
  Second now_;
  Histogram now_times_;
  std::int64_t seats_bought_ = 0;
  std::optional<std::int64_t> seats_left_;
  std::vector<std::string> complaints_;
};

/// Calls `use` with each kind of request that was answered, and its figures.
template <class Use>
void each_ask(const Tally& tally, const Use& use) {
  for (std::size_t i = 0; i < asks; ++i) {
    const Ask ask{static_cast<std::uint8_t>(i)};
    if (tally.of(ask).times.count() > 0) use(ask, tally.of(ask));
  }
}

/// Calls `use` with each stage and how many buyers are there.
template <class Use>
void each_stage(const Tally& tally, const Use& use) {
  for (std::size_t i = 0; i < stages; ++i) {
    const Stage stage{static_cast<std::uint8_t>(i)};
    use(stage, tally.people(stage));
  }
}

}  // namespace onsale::rush
