// The table of all configuration keys. Files, environment, `--set`, the help text and
// docs/configuration.md are all made of it or checked against it.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "app/config.h"

namespace onsale::app {

/// How a value is written; decides which TOML types are accepted.
enum class KeyKind { whole, duration, flag, text };

struct ConfigKey {
  std::string_view name;  ///< "waiting_room.session_duration"
  KeyKind kind = KeyKind::text;
  std::string allowed;    ///< "a whole number from 1 to 256"
  std::string_view help;  ///< one sentence
  /// Says a default in words where it is not the same everywhere; else empty.
  std::string_view default_words;
  std::function<std::string(const Config&)> get;
  /// Changes the configuration, or says what is wrong ("must be a whole number from 1 to 256")
  /// and leaves it as it was.
  std::function<std::expected<void, std::string>(Config&, std::string_view)> set;
};

/// Grouped by section, in the order of the documentation. Lives as long as the program.
[[nodiscard]] std::span<const ConfigKey> config_keys();

/// Null when there is no such key.
[[nodiscard]] const ConfigKey* find_key(std::string_view name);

/// Is it the part before the dot of some key?
[[nodiscard]] bool is_section(std::string_view name);

/// "ONSALE_WAITING_ROOM__SESSION_DURATION".
[[nodiscard]] std::string environment_name(const ConfigKey& key);

/// The default as the documentation states it.
[[nodiscard]] std::string default_text(const ConfigKey& key);

/// All keys with their defaults, what is allowed and what they are for, for `--help`.
[[nodiscard]] std::string config_help();

}  // namespace onsale::app
