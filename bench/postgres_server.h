// A PostgreSQL server of its own for a benchmark, with Debian's settings: fsync and
// synchronous_commit are on.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

namespace onsale::bench {

/// Made by tests/support/postgres in a directory of its own; ends, and is deleted, with this
/// object.
class PostgresServer {
 public:
  /// Throws std::runtime_error if it cannot be started.
  explicit PostgresServer(std::string directory) : directory_(std::move(directory)) {
    if (std::system(command("start").c_str()) != 0) {
      throw std::runtime_error("PostgreSQL cannot be started");
    }
    std::ifstream(directory_ + "/url") >> url_;
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer() {
    if (std::system(command("stop").c_str()) != 0) std::cerr << "PostgreSQL did not stop\n";
  }

  [[nodiscard]] std::string url(const std::string& database) const {
    std::string url = url_;
    return url.replace(url.find("/postgres?"), 10, "/" + database + "?");
  }

 private:
  [[nodiscard]] std::string command(const char* verb) const {
    return "'" ONSALE_SOURCE_DIR "/tests/support/postgres' " + std::string(verb) + " '" +
           directory_ + "'";
  }

  std::string directory_;
  std::string url_;
};

}  // namespace onsale::bench
