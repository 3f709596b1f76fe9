// HTTP requests from one thread over many connections. Lean, since it shares the machine with the
// server it measures.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace onsale::bench {

/// What a connection asks next, as it goes over the wire, after `answer` to what it asked last (the
/// whole of it, but of one that is larger than 64 KiB perhaps only so much; empty at first); good
/// until the next call. Empty when it has no more to ask.
using NextRequest =
    std::function<std::string_view(std::size_t connection, std::string_view answer)>;

struct LoadResult {
  double seconds = 0;
  std::array<std::int64_t, 600> statuses{};  ///< how many answers had each
  std::vector<float> milliseconds;           ///< until the whole answer was there; sorted

  [[nodiscard]] double per_second() const {
    return static_cast<double>(milliseconds.size()) / seconds;
  }
  /// The latency that this share of the answers did not exceed.
  [[nodiscard]] double percentile(double share) const {
    if (milliseconds.empty()) return 0;
    return milliseconds[static_cast<std::size_t>(share *
                                                 static_cast<double>(milliseconds.size() - 1))];
  }
};

struct LoadOptions {
  int connections = 64;
  /// 0: a closed loop. Each connection asks when it has its last answer; times count from sending.
  /// Otherwise an open loop: this many are due each second, evenly, whatever became of the others,
  /// and times count from when they were due, also while all connections wait for an answer.
  double per_second = 0;
  /// The load never sleeps: to wake it would cost the server a good part of each answer, which no
  /// server pays for clients on other machines. Not for what more than one thread of the server
  /// works at, unless there is a core to spare.
  bool never_sleeps = false;
};

/// Opens as many connections, asks for that long, waits for the answers still due, and closes them.
/// Throws std::runtime_error if the server ends a connection or says what is no HTTP.
[[nodiscard]] LoadResult load(const boost::asio::ip::tcp::endpoint& server,
                              const LoadOptions& options, std::chrono::milliseconds duration,
                              const NextRequest& next);

}  // namespace onsale::bench
