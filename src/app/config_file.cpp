#include "app/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdint>
#include <fstream>
#include <sstream>

namespace onsale::app {
namespace {

using Type = ConfigValue::Type;

class Walk {
 public:
  Walk(const std::string& path, std::vector<ConfigValue>& values) : path_(path), values_(values) {}

  void table(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      const toml::table* inner = node.as_table();
      if (inner && (is_section(name) || (!inner->empty() && !find_key(name)))) {
        this->table(*inner, name + '.');
      } else {
        values_.push_back(value(name, node));
      }
    }
  }

 private:
  [[nodiscard]] ConfigValue value(const std::string& name, const toml::node& node) const {
    ConfigValue read{.name = name,
                     .origin = fmt::format("{}, line {}", path_, node.source().begin.line),
                     .type = Type::other};
    if (const auto* text = node.as_string()) {
      read.text = text->get();
      read.shown = fmt::format("\"{}\"", read.text);
      read.type = Type::text;
    } else if (const auto* whole = node.as_integer()) {
      read.shown = read.text = std::to_string(whole->get());
      read.type = Type::whole;
    } else if (const auto* flag = node.as_boolean()) {
      read.shown = read.text = flag->get() ? "true" : "false";
      read.type = Type::flag;
    } else {
      std::ostringstream shown;
      shown << node.type();
      read.shown = fmt::format("({})", shown.str());
    }
    return read;
  }

  const std::string& path_;
  std::vector<ConfigValue>& values_;
};

}  // namespace

bool ConfigValue::accepted_by(const ConfigKey& key) const {
  switch (type) {
    case Type::any_text:
      return true;
    case Type::text:
      return key.kind == KeyKind::text || key.kind == KeyKind::duration;
    case Type::whole:
      return key.kind == KeyKind::whole || (key.kind == KeyKind::duration && text == "0");
    case Type::flag:
      return key.kind == KeyKind::flag;
    case Type::other:
      return false;
  }
  return false;
}

std::expected<void, std::string> read_config_file(const std::string& path,
                                                  std::vector<ConfigValue>& values) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(fmt::format("cannot read the configuration file {}", path));
  try {
    Walk(path, values).table(toml::parse(file, path), "");
  } catch (const toml::parse_error& error) {
    return std::unexpected(
        fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
  }
  return {};
}

}  // namespace onsale::app
