#include "app/stop_signal.h"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>

#include "app/failure.h"

namespace onsale::app {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

int next_signal() {
  const sigset_t set = stop_signals();
  int signal = 0;
  sigwait(&set, &signal);
  return signal;
}

/// On this thread they do what they do by default, and every other one leaves them to it.
void let_signals_through() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  watcher_ = std::thread([this] { watch(); });
}

StopSignal::~StopSignal() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
    // What it may still be waiting for. Not sent once one came: then it would end the process.
    if (!came_at_) pthread_kill(watcher_.native_handle(), SIGTERM);
  }
  watcher_.join();
}

void StopSignal::ready(std::chrono::milliseconds limit) {
  const std::lock_guard lock(mutex_);
  limit_ = limit;
}

StopSignal::Clock::time_point StopSignal::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return came_at_.has_value(); });
  return *came_at_;
}

void StopSignal::watch() {
  const int signal = next_signal();
  std::unique_lock lock(mutex_);
  came_at_ = Clock::now();
  changed_.notify_all();
  if (over_) return;
  let_signals_through();
  if (!limit_) raise(signal);
  const auto deadline = *came_at_ + *limit_;
  if (changed_.wait_until(lock, deadline, [this] { return over_; })) return;
  spdlog::error("not at an end {} ms after the signal: something hangs, and is left as it is",
                limit_->count());
  std::_Exit(exit_cut_off);
}

}  // namespace onsale::app
