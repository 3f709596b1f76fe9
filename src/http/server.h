// HTTP/1.1 (and 1.0) on TCP: accepts connections, reads requests, hands them to a Dispatcher and
// writes the answers in order. It defends itself and everybody else against clients that are slow,
// gone or hostile: everything has a limit, and every limit is in ServerConfig.
//
// Threads: `threads` I/O threads with an event loop each; a connection lives on one of them, so
// nothing on the path of a request is shared or locked. One acceptor gives each new connection to
// the thread that has the fewest. The alternative, an acceptor per thread with SO_REUSEPORT, lets
// the kernel's hash decide, which with the few long connections of a proxy leaves threads idle, and
// a drain would have as many backlogs to empty.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "http/dispatcher.h"
#include "http/metrics.h"

namespace onsale::http {

/// Every limit of the server. `Server` throws std::invalid_argument naming the first bad one.
struct ServerConfig {
  std::string address = "127.0.0.1";  // IPv4 or IPv6, numeric
  std::uint16_t port = 8080;          // 0: any free one
  std::size_t threads = 1;            // 1..256

  std::size_t header_bytes_max = std::size_t{16} * 1024;  // request line and headers; beyond: 431
  std::size_t connections_max = 20'000;                   // beyond: 503 and close
  int backlog = 4096;                                     // connections the kernel may hold for us

  std::chrono::milliseconds idle_timeout = std::chrono::seconds(75);    // between requests
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);  // first to last byte: 408
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);    // whole body: 408
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);   // without any progress
  std::chrono::milliseconds linger_timeout = std::chrono::seconds(2);   // after our last byte
  std::chrono::milliseconds overload_retry_after = std::chrono::seconds(1);  // told with the 503
};

class Server {
 public:
  /// `dispatcher` and `metrics` (which may be null) must outlive the server.
  Server(ServerConfig config, const Dispatcher& dispatcher, Metrics* metrics = nullptr);
  /// Drains with a deadline of zero if nobody has drained.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds, listens and starts the threads. Returns the bound port. Throws std::system_error if the
  /// address cannot be had. Raises the process's limit of open files to fit connections_max; if the
  /// system does not allow that, lowers connections_max and logs a warning. Call once.
  std::uint16_t start();

  /// Stops accepting, answers what was accepted (with `Connection: close`), closes idle
  /// connections, and returns when all are gone or `deadline` has passed; then the rest is cut off.
  /// True if nothing had to be cut off. A second call waits for the first and returns what it
  /// returned. Blocks: not from an I/O thread. A handler that has not returned by then never
  /// resumes; its event loop is left allocated, so whatever it waits for may still complete safely.
  bool drain(std::chrono::milliseconds deadline);

  [[nodiscard]] std::size_t open_connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace onsale::http
