// How the domain's types travel to PostgreSQL and back, in its binary format: ids, money and times
// as bigint (an id of zero, "none", as NULL), states as the texts of domain/model.h, tokens as
// uuid. See "Message Data Types" in the PostgreSQL manual; arrays as array_send/array_recv have
// them.
#pragma once

#include <libpq-fe.h>

#include <bit>
#include <boost/endian/conversion.hpp>
#include <boost/uuid/uuid.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "domain/model.h"
#include "domain/types.h"

namespace onsale::store::postgres {

/// Object ids of built-in types (pg_type.dat); they never change.
namespace type {
inline constexpr Oid boolean = 16;
inline constexpr Oid bigint = 20;
inline constexpr Oid text = 25;
inline constexpr Oid float8 = 701;
inline constexpr Oid uuid = 2950;
}  // namespace type

// ---- into a statement ----------------------------------------------------------------

template <class T>
void put_big(std::string& out, T value) {
  value = boost::endian::native_to_big(value);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

/// What a T is there, and its bytes. `put` returns false for NULL.
template <class T>
struct Wire;

template <>
struct Wire<std::int64_t> {
  static constexpr Oid oid = type::bigint;
  static bool put(std::string& out, std::int64_t v) { return put_big(out, v), true; }
  static std::int64_t get(std::string_view bytes) {
    return boost::endian::load_big_s64(reinterpret_cast<const unsigned char*>(bytes.data()));
  }
};
template <>
struct Wire<int> {
  static constexpr Oid oid = type::bigint;
  static bool put(std::string& out, int v) { return Wire<std::int64_t>::put(out, v); }
  static int get(std::string_view bytes) {
    return static_cast<int>(Wire<std::int64_t>::get(bytes));
  }
};
template <>
struct Wire<bool> {
  static constexpr Oid oid = type::boolean;
  static bool put(std::string& out, bool v) { return out.push_back(v ? '\1' : '\0'), true; }
  static bool get(std::string_view bytes) { return bytes.front() != '\0'; }
};
template <>
struct Wire<double> {
  static constexpr Oid oid = type::float8;
  static bool put(std::string& out, double v) {
    return put_big(out, std::bit_cast<std::int64_t>(v)), true;
  }
  static double get(std::string_view bytes) {
    return std::bit_cast<double>(Wire<std::int64_t>::get(bytes));
  }
};
template <>
struct Wire<std::string_view> {
  static constexpr Oid oid = type::text;
  static bool put(std::string& out, std::string_view v) { return out.append(v), true; }
  static std::string_view get(std::string_view bytes) { return bytes; }
};
template <>
struct Wire<std::string> {
  static constexpr Oid oid = type::text;
  static bool put(std::string& out, const std::string& v) { return out.append(v), true; }
  static std::string get(std::string_view bytes) { return std::string(bytes); }
};
template <>
struct Wire<boost::uuids::uuid> {
  static constexpr Oid oid = type::uuid;
  static bool put(std::string& out, const boost::uuids::uuid& v) {
    out.append(reinterpret_cast<const char*>(v.data), sizeof v.data);
    return true;
  }
  static boost::uuids::uuid get(std::string_view bytes) {
    boost::uuids::uuid v{};
    std::memcpy(v.data, bytes.data(), sizeof v.data);
    return v;
  }
};
template <class Tag>
struct Wire<domain::Id<Tag>> {
  static constexpr Oid oid = type::bigint;
  static bool put(std::string& out, domain::Id<Tag> v) {
    return v ? Wire<std::int64_t>::put(out, v.value) : false;
  }
  static domain::Id<Tag> get(std::string_view bytes) { return {Wire<std::int64_t>::get(bytes)}; }
};
template <>
struct Wire<domain::Money> {
  static constexpr Oid oid = type::bigint;
  static bool put(std::string& out, domain::Money v) {
    return Wire<std::int64_t>::put(out, v.minor);
  }
  static domain::Money get(std::string_view bytes) { return {Wire<std::int64_t>::get(bytes)}; }
};
template <>
struct Wire<domain::Timestamp> {
  static constexpr Oid oid = type::bigint;
  static bool put(std::string& out, domain::Timestamp v) {
    return Wire<std::int64_t>::put(out, domain::to_millis(v));
  }
  static domain::Timestamp get(std::string_view bytes) {
    return domain::from_millis(Wire<std::int64_t>::get(bytes));
  }
};
template <>
struct Wire<domain::Duration> {
  static constexpr Oid oid = type::bigint;
  static bool put(std::string& out, domain::Duration v) {
    return Wire<std::int64_t>::put(out, v.count());
  }
  static domain::Duration get(std::string_view bytes) {
    return domain::Duration{Wire<std::int64_t>::get(bytes)};
  }
};

/// A text that this program cannot have written.
[[noreturn]] void strange_value(std::string_view text);

template <class Enum>
  requires std::is_enum_v<Enum>
struct Wire<Enum> {
  static constexpr Oid oid = type::text;
  static bool put(std::string& out, Enum v) {
    return Wire<std::string_view>::put(out, domain::to_text(v));
  }
  static Enum get(std::string_view bytes) {
    const auto v = domain::from_text<Enum>(bytes);
    if (!v) strange_value(bytes);
    return *v;
  }
};
template <class T>
struct Wire<std::optional<T>> {
  static constexpr Oid oid = Wire<T>::oid;
  static bool put(std::string& out, const std::optional<T>& v) {
    return v ? Wire<T>::put(out, *v) : false;
  }
};
/// An array of one dimension, as unnest() and any() take it.
template <class T>
struct Wire<std::vector<T>> {
  static bool put(std::string& out, const std::vector<T>& items) {
    const std::size_t start = out.size();
    put_big<std::int32_t>(out, items.empty() ? 0 : 1);  // dimensions
    put_big<std::int32_t>(out, 1);                      // there may be NULLs
    put_big<std::int32_t>(out, static_cast<std::int32_t>(Wire<T>::oid));
    if (items.empty()) return true;
    put_big<std::int32_t>(out, static_cast<std::int32_t>(items.size()));
    put_big<std::int32_t>(out, 1);  // the first index
    out.reserve(start + 20 + items.size() * 12);
    for (const auto& item : items) {
      const std::size_t at = out.size();
      put_big<std::int32_t>(out, -1);
      if (!Wire<T>::put(out, item)) continue;
      const auto size = static_cast<std::int32_t>(out.size() - at - sizeof(std::int32_t));
      boost::endian::store_big_s32(reinterpret_cast<unsigned char*>(out.data() + at), size);
    }
    return true;
  }
};

/// The values of one statement: $1, $2, …
class Values {
 public:
  template <class... T>
  explicit Values(const T&... values) {
    (add(values), ...);
  }
  template <class T>
  void add(const T& value) {
    const std::size_t start = bytes_.size();
    const bool there = Wire<T>::put(bytes_, value);
    places_.push_back({start, there ? static_cast<int>(bytes_.size() - start) : -1});
  }

  struct Place {
    std::size_t start;
    int size;  ///< -1: NULL
  };
  [[nodiscard]] const std::vector<Place>& places() const { return places_; }
  [[nodiscard]] const char* at(const Place& place) const { return bytes_.data() + place.start; }

 private:
  std::string bytes_;
  std::vector<Place> places_;
};

// ---- out of a row --------------------------------------------------------------------

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// The columns of a row, read from left to right. Views into it are valid as long as the result.
class Columns {
 public:
  Columns(const PGresult* result, int row) : result_(result), row_(row) {}

  template <class T>
  T next() {
    const int at = at_++;
    const bool null = PQgetisnull(result_, row_, at) != 0;
    if constexpr (is_optional<T>) {
      if (null) return std::nullopt;
      return Wire<typename T::value_type>::get(bytes(at));
    } else {
      return null ? T{} : Wire<T>::get(bytes(at));
    }
  }
  /// The next columns into these fields.
  template <class... T>
  void into(T&... fields) {
    ((fields = next<T>()), ...);
  }

 private:
  [[nodiscard]] std::string_view bytes(int at) const {
    return {PQgetvalue(result_, row_, at),
            static_cast<std::size_t>(PQgetlength(result_, row_, at))};
  }

  const PGresult* result_;
  int row_;
  int at_ = 0;
};

}  // namespace onsale::store::postgres
