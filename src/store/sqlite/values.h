// How the domain's types are kept in columns: ids, money and times as integers (an id of
// zero, "none", as NULL), states as the texts of domain/model.h, tokens as blobs.
#pragma once

#include <sqlite3.h>

#include <boost/uuid/uuid.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "domain/model.h"
#include "domain/types.h"

namespace onsale::store::sqlite {

// ---- into a statement ----------------------------------------------------------------

inline int bind_value(sqlite3_stmt* s, int at, std::int64_t v) {
  return sqlite3_bind_int64(s, at, v);
}
inline int bind_value(sqlite3_stmt* s, int at, bool v) { return sqlite3_bind_int(s, at, v); }
inline int bind_value(sqlite3_stmt* s, int at, int v) { return sqlite3_bind_int(s, at, v); }
inline int bind_value(sqlite3_stmt* s, int at, double v) { return sqlite3_bind_double(s, at, v); }
inline int bind_value(sqlite3_stmt* s, int at, std::string_view v) {
  // A view of nothing may have no address, which SQLite would take for NULL.
  return sqlite3_bind_text64(s, at, v.data() ? v.data() : "", v.size(), nullptr, SQLITE_UTF8);
}
/// A literal would become a bool.
template <class T>
int bind_value(sqlite3_stmt* s, int at, const T* v) = delete;
inline int bind_value(sqlite3_stmt* s, int at, const std::string& v) {
  return bind_value(s, at, std::string_view(v));
}
inline int bind_value(sqlite3_stmt* s, int at, const boost::uuids::uuid& v) {
  return sqlite3_bind_blob(s, at, v.data, sizeof v.data, nullptr);
}
template <class Tag>
int bind_value(sqlite3_stmt* s, int at, domain::Id<Tag> v) {
  return v ? sqlite3_bind_int64(s, at, v.value) : sqlite3_bind_null(s, at);
}
inline int bind_value(sqlite3_stmt* s, int at, domain::Money v) {
  return sqlite3_bind_int64(s, at, v.minor);
}
inline int bind_value(sqlite3_stmt* s, int at, domain::Timestamp v) {
  return sqlite3_bind_int64(s, at, domain::to_millis(v));
}
inline int bind_value(sqlite3_stmt* s, int at, domain::Duration v) {
  return sqlite3_bind_int64(s, at, v.count());
}
template <class Enum>
  requires std::is_enum_v<Enum>
int bind_value(sqlite3_stmt* s, int at, Enum v) {
  return bind_value(s, at, domain::to_text(v));
}
template <class T>
int bind_value(sqlite3_stmt* s, int at, const std::optional<T>& v) {
  return v ? bind_value(s, at, *v) : sqlite3_bind_null(s, at);
}

// ---- out of a row --------------------------------------------------------------------

/// Reports a column that holds what this program cannot have written.
[[noreturn]] void strange_value(sqlite3_stmt* s, int column);

template <class T>
struct Value;
template <>
struct Value<std::int64_t> {
  static std::int64_t get(sqlite3_stmt* s, int at) { return sqlite3_column_int64(s, at); }
};
template <>
struct Value<int> {
  static int get(sqlite3_stmt* s, int at) { return sqlite3_column_int(s, at); }
};
template <>
struct Value<bool> {
  static bool get(sqlite3_stmt* s, int at) { return sqlite3_column_int(s, at) != 0; }
};
template <>
struct Value<double> {
  static double get(sqlite3_stmt* s, int at) { return sqlite3_column_double(s, at); }
};
template <>
struct Value<std::string_view> {  // valid until the next step
  static std::string_view get(sqlite3_stmt* s, int at) {
    const void* text = sqlite3_column_text(s, at);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(s, at));
    return text ? std::string_view(static_cast<const char*>(text), size) : std::string_view();
  }
};
template <>
struct Value<std::string> {
  static std::string get(sqlite3_stmt* s, int at) {
    return std::string(Value<std::string_view>::get(s, at));
  }
};
template <>
struct Value<boost::uuids::uuid> {
  static boost::uuids::uuid get(sqlite3_stmt* s, int at) {
    boost::uuids::uuid v{};
    const void* blob = sqlite3_column_blob(s, at);
    if (!blob || sqlite3_column_bytes(s, at) != sizeof v.data) strange_value(s, at);
    __builtin_memcpy(v.data, blob, sizeof v.data);
    return v;
  }
};
template <class Tag>
struct Value<domain::Id<Tag>> {
  static domain::Id<Tag> get(sqlite3_stmt* s, int at) { return {sqlite3_column_int64(s, at)}; }
};
template <>
struct Value<domain::Money> {
  static domain::Money get(sqlite3_stmt* s, int at) { return {sqlite3_column_int64(s, at)}; }
};
template <>
struct Value<domain::Timestamp> {
  static domain::Timestamp get(sqlite3_stmt* s, int at) {
    return domain::from_millis(sqlite3_column_int64(s, at));
  }
};
template <>
struct Value<domain::Duration> {
  static domain::Duration get(sqlite3_stmt* s, int at) {
    return domain::Duration{sqlite3_column_int64(s, at)};
  }
};
template <class Enum>
  requires std::is_enum_v<Enum>
struct Value<Enum> {
  static Enum get(sqlite3_stmt* s, int at) {
    const auto v = domain::from_text<Enum>(Value<std::string_view>::get(s, at));
    if (!v) strange_value(s, at);
    return *v;
  }
};
template <class T>
struct Value<std::optional<T>> {
  static std::optional<T> get(sqlite3_stmt* s, int at) {
    if (sqlite3_column_type(s, at) == SQLITE_NULL) return std::nullopt;
    return Value<T>::get(s, at);
  }
};

/// The columns of a row, read from left to right.
class Columns {
 public:
  explicit Columns(sqlite3_stmt* s) : s_(s) {}

  template <class T>
  T next() {
    return Value<T>::get(s_, at_++);
  }
  /// The next columns into these fields.
  template <class... T>
  void into(T&... fields) {
    ((fields = next<T>()), ...);
  }

 private:
  sqlite3_stmt* s_;
  int at_ = 0;
};

}  // namespace onsale::store::sqlite
