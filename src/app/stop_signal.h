// SIGTERM and SIGINT as something to wait for, instead of a handler that may do nothing. And the
// promise that they end the process in time, whatever hangs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace onsale::app {

/// Until ready() the signals do what they do by default, since nothing is lost by ending at once;
/// from then on they wait to be taken by wait(). A second one ends the process at once in any case.
///
/// Construct it before any thread is started, since threads inherit what it does to signals; one
/// per process. It also makes the process ignore SIGPIPE: a client that hangs up is an error of a
/// write, not an end.
class StopSignal {
 public:
  using Clock = std::chrono::steady_clock;

  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// From now on there is something to bring to an end in good order. Once a signal came, the
  /// process gets `limit` for it; then it ends with exit_cut_off (app/failure.h), whatever it is
  /// at.
  void ready(std::chrono::milliseconds limit);

  /// Returns once one of the signals came, at once if it did already; says when.
  Clock::time_point wait();

 private:
  void watch();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::chrono::milliseconds> limit_;  // guarded by mutex_; none: not ready yet
  std::optional<Clock::time_point> came_at_;        // guarded by mutex_
  bool over_ = false;                               // guarded by mutex_
  std::thread watcher_;
};

}  // namespace onsale::app
