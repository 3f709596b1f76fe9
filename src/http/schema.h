// JSON Schema from descriptions and rules; see openapi.h. Included by openapi.h only.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>

#include "http/json.h"
#include "http/openapi.h"

namespace onsale::http::detail {

/// "onsale::api::HoldRequest", from the text that the compiler gives a template instance.
template <class T>
constexpr std::string_view type_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + 4);
  return text.substr(0, text.find_first_of(";]"));
}

/// Writes what the rule says about a schema of this kind into it.
void describe_rule(boost::json::object& schema, const Rule& rule);
void describe_number(boost::json::object& schema, const Rule& rule);
void describe_string(boost::json::object& schema, const Rule& rule);
void describe_array(boost::json::object& schema, const Rule& rule);
/// A schema that also takes null.
boost::json::value or_null(boost::json::value schema);

template <class T>
boost::json::value make_schema(Schemas& schemas, const Rule& rule);

template <class T>
boost::json::object enum_schema() {
  boost::json::array names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    names.emplace_back(boost::json::string(wire_name(enumerator.name)));
  });
  return {{"type", "string"}, {"enum", std::move(names)}};
}

template <class T>
boost::json::object struct_schema(Schemas& schemas) {
  boost::json::object properties;
  boost::json::array required;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    using M = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
    constexpr const Rule& rule = kRuleOf<T, decltype(member)>;
    const std::string_view name = wire_name(member.name);
    properties[name] = make_schema<M>(schemas, rule);
    if (!kIsOptional<M> && !rule.may_miss) required.emplace_back(boost::json::string(name));
  });
  boost::json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

template <std::integral T>
boost::json::object integer_schema(const Rule& rule) {
  boost::json::object schema{{"type", "integer"}, {"format", sizeof(T) == 8 ? "int64" : "int32"}};
  Rule bounds = rule;
  if constexpr (sizeof(T) < 8) {
    bounds.min_value = std::max<std::int64_t>(rule.min_value, std::numeric_limits<T>::min());
    bounds.max_value = std::min<std::int64_t>(rule.max_value, std::numeric_limits<T>::max());
  }
  describe_number(schema, bounds);
  return schema;
}

/// The schema without the words of the rule, which may also stand beside a reference.
template <class T>
boost::json::value bare_schema(Schemas& schemas, const Rule& rule) {
  boost::json::object schema;
  if constexpr (std::same_as<T, bool>) {
    schema["type"] = "boolean";
  } else if constexpr (std::integral<T>) {
    schema = integer_schema<T>(rule);
  } else if constexpr (std::same_as<T, double>) {
    schema["type"] = "number";
    describe_number(schema, rule);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    schema["type"] = "string";
    describe_string(schema, rule);
  } else if constexpr (std::same_as<T, Timestamp>) {
    schema = {{"type", "string"}, {"format", "date-time"}};
  } else if constexpr (kIsVector<T>) {
    Rule of_items = rule;
    of_items.text = of_items.sample = {};
    schema = {{"type", "array"}, {"items", make_schema<typename T::value_type>(schemas, of_items)}};
    describe_array(schema, rule);
  } else if constexpr (kIsMap<T>) {
    Rule of_items = rule;
    of_items.text = of_items.sample = {};
    schema = {{"type", "object"},
              {"additionalProperties", make_schema<typename T::mapped_type>(schemas, of_items)}};
  } else if constexpr (DescribedEnum<T>) {
    return schemas.reference(typeid(T), type_name<T>(), [] { return enum_schema<T>(); });
  } else if constexpr (Described<T>) {
    return schemas.reference(typeid(T), type_name<T>(), [&] { return struct_schema<T>(schemas); });
  } else {
    static_assert(std::same_as<T, boost::json::value>, "describe the struct or teach Wire<T>");
  }
  return schema;
}

template <class T>
boost::json::value make_schema(Schemas& schemas, const Rule& rule) {
  if constexpr (requires { Wire<T>::schema(); }) {
    boost::json::object schema = Wire<T>::schema();
    describe_rule(schema, rule);
    return schema;
  } else if constexpr (Wired<T>) {
    constexpr Rule own = wire_rule<T>();
    Rule both = rule;
    both.min_value = std::max(rule.min_value, own.min_value);
    both.max_value = std::min(rule.max_value, own.max_value);
    both.length_min = std::max(rule.length_min, own.length_min);
    both.length_max = std::min(rule.length_max, own.length_max);
    return make_schema<typename Wire<T>::type>(schemas, both);
  } else if constexpr (kIsOptional<T>) {
    return or_null(make_schema<typename T::value_type>(schemas, rule));
  } else {
    boost::json::value schema = bare_schema<T>(schemas, rule);
    describe_rule(schema.as_object(), rule);
    return schema;
  }
}

}  // namespace onsale::http::detail

namespace onsale::http {

template <class T>
boost::json::value schema_of(Schemas& schemas) {
  return detail::make_schema<T>(schemas, Rule{});
}

}  // namespace onsale::http
