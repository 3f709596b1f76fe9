// A closed loop of HTTP requests from one thread: each connection sends the next request when it
// has the answer to the last one. Lean, since it shares the machine with the server it measures.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace onsale::bench {

/// The next request, as it goes over the wire; good until the next call. Empty when there are no
/// more, which ends the load.
using NextRequest = std::function<std::string_view()>;

struct LoadResult {
  double seconds = 0;
  std::array<std::int64_t, 6> answers{};  ///< by class of status: [2] is how many 2xx
  std::vector<float> milliseconds;        ///< from sending to the whole answer; sorted

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
  /// The load never sleeps: to wake it would cost the server a good part of each answer, which no
  /// server pays for clients on other machines. Not for what more than one thread of the server
  /// works at, unless there is a core to spare.
  bool never_sleeps = false;
};

/// Opens as many connections, sends requests for that long, waits for the answers still due, and
/// closes them. Throws std::runtime_error if the server ends a connection or says what is no HTTP.
[[nodiscard]] LoadResult load(const boost::asio::ip::tcp::endpoint& server,
                              const LoadOptions& options, std::chrono::milliseconds duration,
                              const NextRequest& next);

}  // namespace onsale::bench
