// Reads a TOML file as a flat list of values, to be treated like those from anywhere else.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/config_keys.h"

namespace onsale::app {

/// One value on its way into the configuration.
struct ConfigValue {
  enum class Type { any_text, text, whole, flag, other };

  std::string name;            ///< of the key, which may not exist
  std::string text;            ///< what ConfigKey::set takes
  std::string shown;           ///< as the source wrote it, for messages
  std::string origin;          ///< "--set", "onsale.toml, line 3"
  Type type = Type::any_text;  ///< what the source says it is; any_text where all is text

  /// Does a key of this kind take a value of this type? A duration may be the number 0.
  [[nodiscard]] bool accepted_by(const ConfigKey& key) const;
};

/// Appends the file's values in its order, or says in one line why it cannot be read: the path,
/// and the line where it is no TOML.
[[nodiscard]] std::expected<void, std::string> read_config_file(const std::string& path,
                                                                std::vector<ConfigValue>& values);

}  // namespace onsale::app
