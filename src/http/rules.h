// What a field of a request must be, declared once beside its struct. The binder checks it and the
// OpenAPI document shows it:
//
//   struct HoldRequest {
//     std::int64_t event_id;
//     std::vector<SeatRef> seats;
//     std::optional<std::string> note;
//   };
//   BOOST_DESCRIBE_STRUCT(HoldRequest, (), (event_id, seats, note))
//   constexpr auto rules(const HoldRequest*) {
//     return http::rule_list(http::rule("event_id").min(1),
//                            http::rule("seats").not_empty().max_items(8),
//                            http::rule("note").max_length(200).doc("Shown to staff."));
//   }
//
// `rules` is found in the struct's own namespace. A rule whose name is no member of the struct does
// not compile. A member (or enumerator) whose JSON name is a C++ keyword is written with a trailing
// underscore, `default_`, which JSON does not see.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace onsale::http {

struct Rule {
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

  std::string_view name = {};
  std::int64_t min_value = std::numeric_limits<std::int64_t>::min();
  std::int64_t max_value = std::numeric_limits<std::int64_t>::max();
  std::size_t length_min = 0;         // characters (code points) of a string
  std::size_t length_max = kNoLimit;  // characters (code points) of a string
  std::size_t items_min = 0;
  std::size_t items_max = kNoLimit;
  bool is_email = false;
  bool may_miss = false;  // absent: the member keeps the value its struct gives it
  std::string_view text = {};
  std::string_view sample = {};

  /// Bounds of a number, both included.
  [[nodiscard]] constexpr Rule min(std::int64_t value) const {
    return set(&Rule::min_value, value);
  }
  [[nodiscard]] constexpr Rule max(std::int64_t value) const {
    return set(&Rule::max_value, value);
  }
  /// Bounds of a string in characters, both included.
  [[nodiscard]] constexpr Rule min_length(std::size_t n) const { return set(&Rule::length_min, n); }
  [[nodiscard]] constexpr Rule max_length(std::size_t n) const { return set(&Rule::length_max, n); }
  /// Bounds of an array, both included.
  [[nodiscard]] constexpr Rule min_items(std::size_t n) const { return set(&Rule::items_min, n); }
  [[nodiscard]] constexpr Rule max_items(std::size_t n) const { return set(&Rule::items_max, n); }
  /// At least one character or item.
  [[nodiscard]] constexpr Rule not_empty() const { return min_length(1).min_items(1); }
  /// `local@domain`, no spaces, at most 254 characters. Whether it exists only a mail can tell.
  [[nodiscard]] constexpr Rule email() const { return set(&Rule::is_email, true); }
  /// The field may be left out although its type is no std::optional; the default in the struct
  /// then stands. An explicit null is still refused.
  [[nodiscard]] constexpr Rule defaulted() const { return set(&Rule::may_miss, true); }
  /// A sentence for the OpenAPI document.
  [[nodiscard]] constexpr Rule doc(std::string_view words) const { return set(&Rule::text, words); }
  /// An example for the OpenAPI document.
  [[nodiscard]] constexpr Rule example(std::string_view value) const {
    return set(&Rule::sample, value);
  }

 private:
  template <class V>
  [[nodiscard]] constexpr Rule set(V Rule::* member, V value) const {
    Rule copy = *this;
    copy.*member = value;
    return copy;
  }
};

[[nodiscard]] constexpr Rule rule(std::string_view name) { return Rule{.name = name}; }

template <class... R>
[[nodiscard]] constexpr std::array<Rule, sizeof...(R)> rule_list(R... entries) {
  return {entries...};
}

namespace detail {

/// A C++ name as JSON sees it: without a trailing underscore.
constexpr std::string_view wire_name(std::string_view name) {
  if (name.ends_with('_')) name.remove_suffix(1);
  return name;
}

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public |
                                                         boost::describe::mod_inherited>;

template <class T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;

template <class T>
concept HasRules = requires(const T* value) { rules(value); };

template <class T>
constexpr bool has_member(std::string_view name) {
  bool found = false;
  boost::mp11::mp_for_each<Members<T>>(
      [&](auto member) { found = found || wire_name(member.name) == name; });
  return found;
}

/// The rule of member `D` of `T`; without one, a rule that allows everything.
template <class T, class D>
constexpr Rule find_rule() {
  constexpr std::string_view name = wire_name(D::name);
  if constexpr (HasRules<T>) {
    for (const Rule& candidate : rules(static_cast<const T*>(nullptr))) {
      if (candidate.name == name) return candidate;
    }
  }
  return rule(name);
}

template <class T>
constexpr bool rules_name_members() {
  if constexpr (HasRules<T>) {
    for (const Rule& candidate : rules(static_cast<const T*>(nullptr))) {
      if (!has_member<T>(candidate.name)) return false;
    }
  }
  return true;
}

template <class T, class D>
inline constexpr Rule kRuleOf = find_rule<T, D>();

}  // namespace detail
}  // namespace onsale::http
