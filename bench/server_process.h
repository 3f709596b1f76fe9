// `onsale serve` from the same build, as a process of its own, for benchmarks over HTTP.
#pragma once

#include <sys/types.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace onsale::bench {

/// What a process has used so far.
struct Usage {
  double mebibytes = 0;  ///< resident now
  double cpu_seconds = 0;
};

/// Lets this process open as many files as the system allows: each connection is one.
void raise_file_limit();

/// Where a process runs.
enum class Cores { all, first, second };

/// Lets the calling thread, and the threads and processes it starts, run there only: on the first
/// or second of the cores that this process was given. Nothing happens where there is only one.
void pin(Cores cores);

/// Listens on a free port of loopback; ends with this object.
class ServerProcess {
 public:
  /// `options` go to `onsale serve`. Returns when it is ready; throws std::runtime_error if it does
  /// not become it.
  explicit ServerProcess(std::vector<std::string> options);
  /// The server of bench/bare_beast.cpp instead.
  [[nodiscard]] static ServerProcess bare_beast();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const;
  [[nodiscard]] Usage usage() const;
  /// From now on; all its threads.
  void pin(Cores cores) const;

 private:
  struct Program {
    std::string path;
  };
  ServerProcess() = default;
  ServerProcess(const Program& program, std::vector<std::string> arguments);
  void start(std::vector<std::string>& arguments);
  void read_port();

  pid_t pid_ = -1;
  int output_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace onsale::bench
