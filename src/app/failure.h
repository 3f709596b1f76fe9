// How a command of the command line ends when it does not do what it was asked for.
#pragma once

#include <expected>
#include <string>

namespace onsale::app {

inline constexpr int exit_failed = 1;  ///< the thing failed
inline constexpr int exit_usage = 2;   ///< the command line or the configuration is not valid
/// `serve` was told to stop, and something hung for longer than server.drain_timeout.
inline constexpr int exit_cut_off = 3;

struct Failure {
  int exit_code = exit_failed;
  std::string message;  ///< for stderr; one line, or a list that says what is wrong
};

using Done = std::expected<void, Failure>;

[[nodiscard]] inline std::unexpected<Failure> failed(std::string message) {
  return std::unexpected(Failure{exit_failed, std::move(message)});
}
[[nodiscard]] inline std::unexpected<Failure> misused(std::string message) {
  return std::unexpected(Failure{exit_usage, std::move(message)});
}

}  // namespace onsale::app
