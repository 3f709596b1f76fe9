// The open streams of one I/O thread, and whose turn it is to be looked at. Part of the server;
// nobody else includes it.
//
// A wheel of slots of a hundredth of a second, one timer for all: a stream that was looked at goes
// into the slot of its next look. That costs two pointers a stream, and, since streams begin one
// after the other, their looks stay spread over the interval instead of holding up the thread at
// once.
#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>

#include "http/metrics.h"
#include "http/open_stream.h"
#include "http/server.h"

namespace onsale::http {

/// All on the I/O thread.
class OpenStreams {
 public:
  using Clock = OpenStream::Clock;

  /// `config` and `metrics` (which may be null) must outlive it. `ended` is called at the end of
  /// each stream.
  OpenStreams(asio::io_context& context, const ServerConfig& config, Metrics* metrics,
              std::function<void()> ended);

  /// Takes the connection over. Throws std::bad_alloc before it has: then the connection is closed
  /// and `ended` is not called.
  void open(StreamStart start);
  /// Ends all, those opened from now on too: their clients come back to another server, or to this
  /// one when it is back.
  void drain();

  // For the streams:
  [[nodiscard]] const ServerConfig& config() const { return config_; }
  void count_end();

 private:
  using Slot = boost::intrusive::list<OpenStream, boost::intrusive::constant_time_size<false>>;
  static constexpr std::chrono::milliseconds kSlotTime{10};
  static constexpr std::size_t kSlots = 128;
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  void look_later(OpenStream& stream, Clock::time_point now);
  void arm(std::size_t due);
  void turn();
  void look_at(Slot& slot, Clock::time_point now);
  [[nodiscard]] std::size_t slot_at(Clock::time_point time) const;

  asio::basic_waitable_timer<Clock> timer_;
  const ServerConfig& config_;
  Metrics* metrics_;
  std::function<void()> ended_;
  std::array<Slot, kSlots> slots_;
  const Clock::time_point start_ = Clock::now();
  std::size_t turned_ = 0;          // slots since start_ that have been looked at
  std::size_t armed_for_ = kNever;  // the slot that the timer waits for
  std::size_t open_ = 0;
  bool draining_ = false;
};

}  // namespace onsale::http
