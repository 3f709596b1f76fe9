// The reading half of json.h: walks a parsed document and a described type together. Included by
// json.h only.
#pragma once

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <expected>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "http/json.h"

namespace onsale::http::detail {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;

template <class T>
concept Wired = requires(const T& value) {
  typename Wire<T>::type;
  Wire<T>::to(value);
};

template <class T>
concept WiredWithRule = Wired<T> && requires {
  { Wire<T>::rule } -> std::convertible_to<Rule>;
};

template <class T>
constexpr Rule wire_rule() {
  if constexpr (WiredWithRule<T>) {
    return Wire<T>::rule;
  } else {
    return Rule{};
  }
}

/// Where the reader is, as a chain on the stack; worded only when something is wrong.
struct Path {
  const Path* parent = nullptr;
  std::string_view name = {};
  std::size_t index = 0;

  [[nodiscard]] std::string to_string() const;
};

/// Collects what is wrong.
class Reader {
 public:
  explicit Reader(Unknown unknown) : unknown_(unknown) {}

  [[nodiscard]] bool ignores_unknown() const { return unknown_ == Unknown::ignore; }
  void fail(const Path& path, std::string message);
  [[nodiscard]] bool failed() const { return !errors_.empty(); }
  /// True once nothing more would be reported; what is left of the document is then skipped.
  [[nodiscard]] bool full() const { return errors_.size() >= ParseError::kErrorsMax; }
  [[nodiscard]] std::vector<FieldError> take() && { return std::move(errors_); }

 private:
  Unknown unknown_;
  std::vector<FieldError> errors_;
};

/// Checks that do not depend on the type, out of line.
[[nodiscard]] std::optional<std::int64_t> whole_number(const boost::json::value& value);
bool read_string(Reader& reader, const Path& path, const boost::json::value& value,
                 const Rule& rule, std::string& out);
bool read_timestamp(Reader& reader, const Path& path, const boost::json::value& value,
                    Timestamp& out);
bool read_integer(Reader& reader, const Path& path, const boost::json::value& value,
                  std::int64_t min, std::int64_t max, std::int64_t& out);
bool read_double(Reader& reader, const Path& path, const boost::json::value& value,
                 const Rule& rule, double& out);
bool check_items(Reader& reader, const Path& path, std::size_t size, const Rule& rule);

template <class T>
void read(Reader& reader, const Path& path, const boost::json::value& value, const Rule& rule,
          T& out);

template <class T>
void read_enum(Reader& reader, const Path& path, const boost::json::value& value, T& out) {
  const auto* text = value.if_string();
  const std::string_view given = text ? std::string_view(*text) : std::string_view();
  bool found = false;
  std::string names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    const std::string_view name = wire_name(enumerator.name);
    if (text && name == given) {
      out = enumerator.value;
      found = true;
    }
    names.append(names.empty() ? "" : ", ").append(name);
  });
  if (!found) reader.fail(path, "must be one of: " + names);
}

template <class T>
void read_array(Reader& reader, const Path& path, const boost::json::value& value, const Rule& rule,
                std::vector<T>& out) {
  const auto* array = value.if_array();
  if (!array) return reader.fail(path, "must be an array");
  if (!check_items(reader, path, array->size(), rule)) return;
  out.clear();
  out.reserve(array->size());
  std::size_t index = 0;
  for (const auto& item : *array) {
    T element{};
    read(reader, Path{.parent = &path, .index = index++}, item, rule, element);
    if (reader.full()) return;
    out.push_back(std::move(element));
  }
}

template <class T>
void read_map(Reader& reader, const Path& path, const boost::json::value& value, const Rule& rule,
              std::map<std::string, T>& out) {
  const auto* object = value.if_object();
  if (!object) return reader.fail(path, "must be an object");
  if (!check_items(reader, path, object->size(), rule)) return;
  for (const auto& entry : *object) {
    T element{};
    const Path item{.parent = &path, .name = entry.key()};
    if (entry.key().find('\0') != std::string_view::npos) {
      reader.fail(path, "must not have a name with NUL");
    } else {
      read(reader, item, entry.value(), rule, element);
    }
    if (reader.full()) return;
    out.insert_or_assign(std::string(entry.key()), std::move(element));
  }
}

/// A member that is absent: fine for optionals and defaulted ones.
template <class M>
void read_missing(Reader& reader, const Path& path, const Rule& rule) {
  if constexpr (!kIsOptional<M>) {
    if (!rule.may_miss) reader.fail(path, "is required");
  }
}

template <class T>
void read_struct(Reader& reader, const Path& path, const boost::json::value& value, T& out) {
  static_assert(rules_name_members<T>(), "a rule names a member that the struct does not have");
  const auto* object = value.if_object();
  if (!object) return reader.fail(path, "must be an object");
  std::size_t known = 0;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    using M = std::remove_cvref_t<decltype(out.*member.pointer)>;
    constexpr const Rule& rule = kRuleOf<T, decltype(member)>;
    if (reader.full()) return;
    const Path at{.parent = &path, .name = wire_name(member.name)};
    if (const auto* found = object->if_contains(at.name)) {
      ++known;
      read(reader, at, *found, rule, out.*member.pointer);
    } else {
      read_missing<M>(reader, at, rule);
    }
  });
  if (reader.ignores_unknown() || known == object->size()) return;
  for (const auto& entry : *object) {
    if (!has_member<T>(entry.key()) && !reader.full()) {
      reader.fail(Path{.parent = &path, .name = entry.key()}, "is not a field of this request");
    }
  }
}

template <class T>
void read_wired(Reader& reader, const Path& path, const boost::json::value& value, const Rule& rule,
                T& out) {
  using Carrier = typename Wire<T>::type;
  constexpr Rule own = wire_rule<T>();
  Rule both = rule;
  both.min_value = std::max(rule.min_value, own.min_value);
  both.max_value = std::min(rule.max_value, own.max_value);
  both.length_min = std::max(rule.length_min, own.length_min);
  both.length_max = std::min(rule.length_max, own.length_max);
  Reader inner(Unknown::refuse);
  Carrier carrier{};
  read(inner, path, value, both, carrier);
  if (inner.failed()) {
    for (auto& error : std::move(inner).take()) {
      reader.fail(Path{.name = error.field}, std::move(error.message));
    }
    return;
  }
  auto made = Wire<T>::from(std::move(carrier));
  if constexpr (std::same_as<decltype(made), T>) {
    out = std::move(made);
  } else if (made) {
    out = std::move(*made);
  } else {
    reader.fail(path, std::move(made.error()));
  }
}

template <std::integral T>
void read_number(Reader& reader, const Path& path, const boost::json::value& value,
                 const Rule& rule, T& out) {
  static_assert(sizeof(T) < 8 || std::is_signed_v<T>, "JSON numbers here are 64 bits, signed");
  const auto min = std::max<std::int64_t>(rule.min_value, std::numeric_limits<T>::min());
  const auto max = std::min<std::int64_t>(rule.max_value, std::numeric_limits<T>::max());
  std::int64_t number = 0;
  if (read_integer(reader, path, value, min, max, number)) out = static_cast<T>(number);
}

template <class T>
void read(Reader& reader, const Path& path, const boost::json::value& value, const Rule& rule,
          T& out) {
  if constexpr (Wired<T>) {
    read_wired(reader, path, value, rule, out);
  } else if constexpr (kIsOptional<T>) {
    if (value.is_null()) {
      out.reset();
    } else {
      read(reader, path, value, rule, out.emplace());
    }
  } else if constexpr (std::same_as<T, bool>) {
    if (const bool* flag = value.if_bool()) {
      out = *flag;
    } else {
      reader.fail(path, "must be true or false");
    }
  } else if constexpr (std::integral<T>) {
    read_number(reader, path, value, rule, out);
  } else if constexpr (std::same_as<T, double>) {
    read_double(reader, path, value, rule, out);
  } else if constexpr (std::same_as<T, std::string>) {
    read_string(reader, path, value, rule, out);
  } else if constexpr (std::same_as<T, Timestamp>) {
    read_timestamp(reader, path, value, out);
  } else if constexpr (std::same_as<T, boost::json::value>) {
    out = boost::json::value(value, boost::json::storage_ptr());
  } else if constexpr (kIsVector<T>) {
    read_array(reader, path, value, rule, out);
  } else if constexpr (kIsMap<T>) {
    read_map(reader, path, value, rule, out);
  } else if constexpr (DescribedEnum<T>) {
    read_enum(reader, path, value, out);
  } else {
    static_assert(Described<T>, "describe the struct with BOOST_DESCRIBE_STRUCT or teach Wire<T>");
    read_struct(reader, path, value, out);
  }
}

/// A parsed document with the memory it lives in.
class Document {
 public:
  explicit Document(std::string_view text);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Empty if the text was acceptable.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const boost::json::value& value() const { return *value_; }

 private:
  unsigned char first_block_[2048];
  boost::json::monotonic_resource memory_;
  std::optional<boost::json::value> value_;
  std::string error_;
};

/// What a text value of a query means for a type: a number if that is what it takes, else text.
template <class T>
boost::json::value value_of_text(const std::string& text) {
  if constexpr (kIsOptional<T> || kIsVector<T>) {
    return value_of_text<typename T::value_type>(text);
  } else if constexpr (Wired<T>) {
    return value_of_text<typename Wire<T>::type>(text);
  } else if constexpr (std::same_as<T, bool>) {
    if (text == "true") return true;
    if (text == "false") return false;
    return boost::json::value(text);
  } else if constexpr (std::integral<T> || std::same_as<T, double>) {
    const Document number(text);
    const bool is_number = number.error().empty() && number.value().is_number();
    return is_number ? boost::json::value(number.value(), boost::json::storage_ptr())
                     : boost::json::value(text);
  } else {
    return boost::json::value(text);
  }
}

/// The query's value of one member: absent, one, or for a vector all of them.
template <class M>
void gather(const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view name,
            boost::json::object& into) {
  for (const auto& [key, text] : pairs) {
    if (key != name) continue;
    if constexpr (kIsVector<M>) {
      if (!into.contains(name)) into.emplace(name, boost::json::array());
      into.at(name).as_array().push_back(value_of_text<M>(text));
    } else {
      into.emplace(name, value_of_text<M>(text));
    }
  }
}

template <class T>
[[nodiscard]] std::expected<T, ParseError> read_value(const boost::json::value& value,
                                                      Unknown unknown) {
  Reader reader(unknown);
  T out{};
  read(reader, Path{}, value, Rule{}, out);
  if (reader.failed()) {
    return std::unexpected(ParseError{.fields = std::move(reader).take(), .message = {}});
  }
  return out;
}

}  // namespace onsale::http::detail

namespace onsale::http {

template <class T>
std::expected<T, ParseError> parse(std::string_view text, Unknown unknown) {
  const detail::Document document(text);
  if (!document.error().empty()) {
    return std::unexpected(ParseError{.fields = {}, .message = document.error()});
  }
  return detail::read_value<T>(document.value(), unknown);
}

template <class T>
std::expected<T, ParseError> parse_pairs(
    const std::vector<std::pair<std::string, std::string>>& pairs, Unknown unknown) {
  boost::json::object object;
  boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
    using M = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
    detail::gather<M>(pairs, detail::wire_name(member.name), object);
  });
  for (const auto& [key, text] : pairs) {
    if (!detail::has_member<T>(key)) object.emplace(key, text);
  }
  return detail::read_value<T>(object, unknown);
}

}  // namespace onsale::http
