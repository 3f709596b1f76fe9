// Everything that can be set, from one table of keys (config_keys.h): a TOML file, the
// environment, `--set key=value` and a few options of their own, each overriding the one before.
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/dialects/dialects.h"
#include "api/entry_guard.h"
#include "app/listen_address.h"
#include "domain/policy.h"
#include "engine/committer.h"
#include "http/server.h"

namespace onsale::app {

/// One I/O thread less than there are cores, so that the committer has one; 1 to 8.
[[nodiscard]] std::size_t default_threads();

/// What the rooms below are built with. A default-constructed one is the default configuration.
struct Config {
  ListenAddress listen{.address = "127.0.0.1", .port = 8080};
  http::ServerConfig server{.threads = default_threads()};  ///< but for its address and port
  std::size_t body_bytes_max = std::size_t{256} * 1024;     ///< of routes that set none
  std::chrono::milliseconds drain_timeout = std::chrono::seconds{15};
  std::string database_url = "sqlite:var/onsale.db";
  domain::Policy policy;
  api::EntryLimits entry;
  std::string currency = "KRW";
  engine::CommitterLimits committer;
  std::size_t lanes = 1;
  std::chrono::milliseconds token_lifetime = std::chrono::hours{12};
  std::size_t hashing_threads = 1;
  std::size_t reads_threads = 2;
  /// None: not said; then a demo serves all of them and others none.
  std::optional<std::set<api::Dialect>> dialects;
  bool unauthenticated_dialects_allowed = false;  ///< also where others can reach them
  std::int64_t default_event = 1;                 ///< of dialects that name no event
  std::string log_level = "info";                 ///< as spdlog::level::from_str takes it

  /// `server` with the address and port of `listen`.
  [[nodiscard]] http::ServerConfig server_config() const;
};

/// Where values come from, in order of precedence, the weakest first.
struct ConfigInputs {
  std::optional<std::string> file;  ///< path of a TOML file
  /// The variables of the process. A key's variable is ONSALE_ and its name in capitals, a double
  /// underscore for the dot: ONSALE_WAITING_ROOM__SESSION_DURATION. Variables with the prefix and
  /// a double underscore that name no key are refused; all others are left alone.
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> sets;  ///< "key=value"; of the same key twice the last one counts
  std::optional<std::string> listen;
  std::optional<std::string> database;
};

/// The variables of this process.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> process_environment();

/// The configuration, or one line that names the key, where it came from, the bad value and what
/// is allowed. Reads the file and nothing else.
[[nodiscard]] std::expected<Config, std::string> load_config(const ConfigInputs& inputs);

}  // namespace onsale::app
