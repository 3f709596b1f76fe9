// The OpenAPI 3.1 document, made of the descriptions and rules that parse the requests and of the
// route table that answers them, so that it cannot drift from what the server does.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>

#include "http/json.h"
#include "http/rules.h"

namespace onsale::http {

class Router;

/// The named schemas of one document. A described struct or enum is written once, under its type's
/// name, and referred to.
class Schemas {
 public:
  /// A reference to the schema of `type`, which `make` writes if it is not there yet. Two types of
  /// the same name get different ones: the second is named with its namespace.
  template <class Make>
  boost::json::value reference(std::type_index type, std::string_view qualified_name, Make make) {
    auto [entry, is_new] = names_.try_emplace(type);
    if (is_new) {
      const std::string name = choose_name(qualified_name);
      entry->second = name;
      components_.emplace(name, nullptr);  // reserves the name while a recursive type is written
      components_[name] = make();
      return make_reference(name);
    }
    return make_reference(entry->second);
  }

  [[nodiscard]] const boost::json::object& components() const { return components_; }

 private:
  [[nodiscard]] std::string choose_name(std::string_view qualified_name) const;
  static boost::json::value make_reference(const std::string& name);

  std::unordered_map<std::type_index, std::string> names_;
  boost::json::object components_;
};

/// The JSON Schema (2020-12) of T, as `parse<T>` reads and `write` writes it.
template <class T>
[[nodiscard]] boost::json::value schema_of(Schemas& schemas);

using SchemaOf = boost::json::value (*)(Schemas&);

struct ApiInfo {
  std::string title = {};
  std::string version = {};
  std::string description = {};  // Markdown
  std::string server_url = "/";
};

/// The document of all documented routes. Deterministic: the same table gives the same bytes.
[[nodiscard]] boost::json::object openapi(const Router& router, const ApiInfo& info);

}  // namespace onsale::http

#include "http/schema.h"  // IWYU pragma: export
