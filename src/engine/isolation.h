// One row that is not as it should be must not keep the box office from all that is due. What the
// tick does by itself is done together, in one transaction; if that breaks, the guilty are looked
// for by halving, as among commands, and left alone, while everything else goes on. An operator is
// told which they are. They are tried again now and then, so that a row that was repaired counts
// again without a restart.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/lane.h"

namespace onsale::engine {

/// The committer's thread calls everything but names().
class Isolation {
 public:
  /// A tick alone, of which only `only` is done.
  using Try = std::function<Attempt::Fate(const Chores& only)>;
  using Now = std::chrono::steady_clock::time_point;

  /// Tries made for one search; if more are needed it goes on with the next tick.
  static constexpr int tries_max = 64;
  /// If more holds of an event or visitors of a room are guilty, all of them are left alone.
  static constexpr int guilty_max = 4;
  /// Of those that are tried again, at most so many at a time, each in a transaction of its own.
  static constexpr std::size_t tried_again_max = 4;

  /// `lane` and what `attempt` uses must outlive it. What is left alone is tried again after so
  /// long.
  Isolation(Lane& lane, Try attempt, std::chrono::milliseconds left_alone_for)
      : lane_(lane), attempt_(std::move(attempt)), left_alone_for_(left_alone_for) {}

  /// Does `chores`, all but the guilty among them, which are left alone from now on. False if that
  /// could not be finished: too many tries were needed, or the store takes nothing now.
  bool isolate(const std::vector<Chore>& chores, Now now);
  /// Tries those again whose time has come.
  void try_again(Now now);

  /// Who is left alone: "reservation 17", "visitor 5 of room 2". Any thread.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct LeftAlone {
    std::string name;
    Now again_at;
  };

  bool search(std::span<const Chore> chores, Now now);
  void leave_alone(const Chore& guilty, Now now);
  void change(const std::function<void()>& by);

  Lane& lane_;
  Try attempt_;
  const std::chrono::milliseconds left_alone_for_;
  int tries_left_ = 0;
  std::map<Chore, int>
      guilty_in_;  ///< how many were found in this search, by what they are part of
  mutable std::mutex mutex_;
  std::map<Chore, LeftAlone> left_alone_;  ///< changed by the committer's thread, guarded by mutex_
};

}  // namespace onsale::engine
