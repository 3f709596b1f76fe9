#include "app/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "app/config_file.h"
#include "app/config_keys.h"

namespace onsale::app {
namespace {

constexpr std::string_view variable_prefix = "ONSALE_";

std::string_view section_of(std::string_view name) { return name.substr(0, name.find('.')); }

/// What the writer of an unknown key may have meant.
std::string names_like(std::string_view name) {
  const std::string_view section = section_of(name);
  const bool known = is_section(section);
  std::vector<std::string_view> names;
  for (const ConfigKey& key : config_keys()) {
    if (!known) names.push_back(section_of(key.name));
    if (known && section_of(key.name) == section) names.push_back(key.name);
  }
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return fmt::format("{} {}", known ? "the keys there are" : "the sections are",
                     fmt::join(names, ", "));
}

std::expected<void, std::string> apply(Config& config, const ConfigValue& value) {
  const ConfigKey* key = find_key(value.name);
  if (!key) {
    return std::unexpected(fmt::format("{} (from {}) is not a configuration key; {}", value.name,
                                       value.origin, names_like(value.name)));
  }
  auto set = value.accepted_by(*key) ? key->set(config, value.text)
                                     : std::unexpected("must be " + key->allowed);
  if (set) return {};
  return std::unexpected(fmt::format("{} = {} (from {}) is refused: it {}", value.name, value.shown,
                                     value.origin, set.error()));
}

ConfigValue plain(std::string name, std::string text, std::string origin) {
  std::string shown = fmt::format("\"{}\"", text);
  return {.name = std::move(name),
          .text = std::move(text),
          .shown = std::move(shown),
          .origin = std::move(origin)};
}

void read_environment(const ConfigInputs& inputs, std::vector<ConfigValue>& values) {
  for (const auto& [variable, text] : inputs.environment) {
    if (!variable.starts_with(variable_prefix)) continue;
    std::string name = variable.substr(variable_prefix.size());
    const std::size_t dot = name.find("__");
    if (dot == std::string::npos) continue;
    name.replace(dot, 2, ".");
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    values.push_back(plain(std::move(name), text, "the environment variable " + variable));
  }
}

std::expected<void, std::string> read_sets(const ConfigInputs& inputs,
                                           std::vector<ConfigValue>& values) {
  for (const std::string& set : inputs.sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      return std::unexpected(
          fmt::format("--set \"{}\" is refused: it must be key=value, such as "
                      "waiting_room.session_duration=300s",
                      set));
    }
    values.push_back(plain(set.substr(0, equals), set.substr(equals + 1), "--set"));
  }
  return {};
}

}  // namespace

std::size_t default_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 9) - 1;
}

http::ServerConfig Config::server_config() const {
  http::ServerConfig complete = server;
  complete.address = listen.address;
  complete.port = listen.port;
  return complete;
}

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::expected<Config, std::string> load_config(const ConfigInputs& inputs) {
  std::vector<ConfigValue> values;
  if (inputs.file) {
    if (auto read = read_config_file(*inputs.file, values); !read) {
      return std::unexpected(read.error());
    }
  }
  read_environment(inputs, values);
  if (auto read = read_sets(inputs, values); !read) return std::unexpected(read.error());
  if (inputs.listen) values.push_back(plain("server.listen", *inputs.listen, "--listen"));
  if (inputs.database) values.push_back(plain("database.url", *inputs.database, "--database"));

  // Every value is checked, also one that a stronger source overrides.
  Config config;
  for (const ConfigValue& value : values) {
    if (auto applied = apply(config, value); !applied) return std::unexpected(applied.error());
  }
  return config;
}

}  // namespace onsale::app
