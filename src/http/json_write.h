// The writing half of json.h: straight from the struct into the text. Included by json.h only.
#pragma once

#include <array>
#include <boost/json/value.hpp>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "http/json.h"
#include "http/json_read.h"
#include "http/text_writer.h"

namespace onsale::http::detail {

void write_string(TextWriter& out, std::string_view text);
void write_integer(TextWriter& out, std::int64_t value);
void write_double(TextWriter& out, double value);
void write_time(TextWriter& out, Timestamp time);
void write_any(TextWriter& out, const boost::json::value& value);

/// `"name":` as one constant, so that a member costs one append before its value.
template <class D>
struct Key {
  static constexpr std::string_view kName = wire_name(D::name);
  static constexpr auto kText = [] {
    std::array<char, kName.size() + 4> text{};
    std::size_t at = 0;
    text[at++] = ',';
    text[at++] = '"';
    for (const char c : kName) text[at++] = c;
    text[at++] = '"';
    text[at++] = ':';
    return text;
  }();
  /// With and without the comma before it.
  static constexpr std::string_view kNext{kText.data(), kText.size()};
  static constexpr std::string_view kFirst{kText.data() + 1, kText.size() - 1};
};

template <DescribedEnum T>
void write_enum(TextWriter& out, T value) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    if (enumerator.value == value) write_string(out, wire_name(enumerator.name));
  });
}

template <class T>
void write_struct(TextWriter& out, const T& value) {
  out.push_back('{');
  bool first = true;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    out.append(first ? Key<decltype(member)>::kFirst : Key<decltype(member)>::kNext);
    first = false;
    write_to(out, value.*member.pointer);
  });
  out.push_back('}');
}

template <class T>
void write_array(TextWriter& out, const std::vector<T>& items) {
  out.push_back('[');
  bool first = true;
  for (const auto& item : items) {
    if (!first) out.push_back(',');
    first = false;
    write_to(out, static_cast<const T&>(item));
  }
  out.push_back(']');
}

template <class T>
void write_map(TextWriter& out, const std::map<std::string, T>& items) {
  out.push_back('{');
  bool first = true;
  for (const auto& [name, item] : items) {
    if (!first) out.push_back(',');
    first = false;
    write_string(out, name);
    out.push_back(':');
    write_to(out, item);
  }
  out.push_back('}');
}

}  // namespace onsale::http::detail

namespace onsale::http {

template <class T>
void write_to(TextWriter& out, const T& value) {
  if constexpr (detail::Wired<T>) {
    const typename Wire<T>::type carrier = Wire<T>::to(value);
    write_to(out, carrier);
  } else if constexpr (detail::kIsOptional<T>) {
    value ? write_to(out, *value) : static_cast<void>(out.append("null"));
  } else if constexpr (std::same_as<T, bool>) {
    out.append(value ? "true" : "false");
  } else if constexpr (std::integral<T>) {
    static_assert(sizeof(T) < 8 || std::is_signed_v<T>, "JSON numbers here are 64 bits, signed");
    detail::write_integer(out, value);
  } else if constexpr (std::same_as<T, double>) {
    detail::write_double(out, value);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    detail::write_string(out, value);
  } else if constexpr (std::same_as<T, Timestamp>) {
    detail::write_time(out, value);
  } else if constexpr (std::same_as<T, boost::json::value>) {
    detail::write_any(out, value);
  } else if constexpr (detail::kIsVector<T>) {
    detail::write_array(out, value);
  } else if constexpr (detail::kIsMap<T>) {
    detail::write_map(out, value);
  } else if constexpr (detail::DescribedEnum<T>) {
    detail::write_enum(out, value);
  } else {
    static_assert(detail::Described<T>, "describe the struct or teach Wire<T>");
    detail::write_struct(out, value);
  }
}

}  // namespace onsale::http
