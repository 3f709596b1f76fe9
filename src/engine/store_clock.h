// Where several nodes share a store, one clock decides: the store's own. This asks it, again and
// again, leads the box office's clock by what it says, and tells the operator if the machine's
// clock is wrong or the store's cannot be asked.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "store/store.h"

namespace onsale::engine {

/// One thread measures at a time; any thread may ask for what was found.
class StoreClock {
 public:
  /// A machine's clock that is off by more than this is wrong. A question that takes longer says
  /// nothing that is exact enough.
  static constexpr std::chrono::milliseconds off_max{250};
  static constexpr std::chrono::seconds measured_every{1};
  /// The question that was answered soonest of so many tells most.
  static constexpr int questions = 5;
  /// Without an answer for so long, the operator is told.
  static constexpr std::chrono::seconds unknown_max{10};

  /// `clock` is led, and must outlive it.
  explicit StoreClock(const Clock& clock) : clock_(clock) {}

  /// Asks, if it is time to. Nothing is done for a clock that is turned by hand or a store that
  /// has none. Takes as long as a few questions do; a failure is told by warning().
  void measure(store::Reader& reader);

  /// How far the machine's time of day is ahead of the store's; none if nobody knows.
  [[nodiscard]] std::optional<domain::Duration> machine_ahead() const;
  /// What is wrong, in a sentence; empty if nothing.
  [[nodiscard]] std::string warning() const;

 private:
  struct Measured {
    Machine::Steady at;
    Machine::Wall time;
    Machine::Steady::duration took;
  };
  [[nodiscard]] store::Result<std::optional<Measured>> ask(const Machine& machine,
                                                           store::Reader& reader) const;
  void note(std::optional<domain::Duration> ahead, const std::string& warning);

  const Clock& clock_;
  bool has_clock_ = true;
  std::optional<Machine::Steady> asked_at_;
  std::optional<Machine::Steady> known_at_;
  mutable std::mutex mutex_;
  std::optional<domain::Duration> machine_ahead_;  // guarded by mutex_
  std::string warning_;                            // guarded by mutex_
};

}  // namespace onsale::engine
