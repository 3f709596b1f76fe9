// JSON to structs and back, from one description of each struct (Boost.Describe) and the rules
// beside it (rules.h). Boost.JSON parses; this walks the description, because Boost 1.81's own
// value_to takes no missing optional and cannot name the field that is wrong.
//
// Types: std::int64_t, std::int32_t and other integers, bool, double, std::string, std::optional<T>
// (missing or null is nullopt; written as null), std::vector<T>, std::map<std::string, T>,
// described structs and enums (as strings), Timestamp (RFC 3339), boost::json::value (anything, as
// it is), and whatever a Wire<T> teaches.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/problem.h"
#include "http/rules.h"
#include "http/text_writer.h"

namespace onsale::http {

/// Milliseconds since 1970 UTC. Written as "2024-05-01T00:00:00.000Z"; read from any RFC 3339
/// date-time, whose offset is applied and whose digits beyond milliseconds are cut.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2024-05-01T00:00:00.000Z". Years 0000 to 9999; beyond them the nearest of these.
[[nodiscard]] std::string format_timestamp(Timestamp time);
/// nullopt if `text` is no RFC 3339 date-time. A leap second (:60) is read as the next second.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

/// Teaches the binder a type that travels as another one. Specialise it:
///
///   template <> struct http::Wire<SeatId> {
///     using type = std::int64_t;
///     static std::int64_t to(SeatId id) { return id.value(); }
///     static SeatId from(std::int64_t value) { return SeatId(value); }
///     static constexpr http::Rule rule = http::rule("").min(1);   // optional
///     static boost::json::object schema();   // optional: where the carrier's says too little
///   };
///
/// `from` may instead return std::expected<T, std::string>, the error being the field's message.
template <class T>
struct Wire;

/// What to do with a field that the struct does not have.
enum class Unknown : std::uint8_t { refuse, ignore };

/// Why a body could not be read.
struct ParseError {
  /// Empty: the text is no acceptable JSON at all (`message` says why) and a client gets 400.
  /// Otherwise at most kErrorsMax fields, in the order of the struct, and a client gets 422.
  std::vector<FieldError> fields;
  std::string message;

  static constexpr std::size_t kErrorsMax = 32;

  [[nodiscard]] bool malformed() const { return fields.empty(); }
  /// kMalformedJson or kInvalidRequest with `errors`.
  [[nodiscard]] Problem to_problem() &&;
};

/// Arrays and objects within each other, at most.
inline constexpr std::size_t kJsonDepthMax = 32;

/// Reads one JSON document as a T. Refused as malformed: syntax errors, anything after the
/// document, invalid UTF-8, nesting beyond kJsonDepthMax, the same key twice in one object.
/// Refused field by field: unknown fields (unless ignored), missing fields, wrong types, numbers
/// that do not fit, strings with NUL, and whatever the rules say. A whole number may be written
/// 1.0 or 1e0, as JSON Schema has it. Never throws but std::bad_alloc; any thread.
template <class T>
[[nodiscard]] std::expected<T, ParseError> parse(std::string_view text,
                                                 Unknown unknown = Unknown::refuse);

/// Reads a T from text pairs such as a query string: numbers, booleans ("true", "false"), strings,
/// enums and timestamps; a repeated name or a member of type std::vector collects all its values.
template <class T>
[[nodiscard]] std::expected<T, ParseError> parse_pairs(
    const std::vector<std::pair<std::string, std::string>>& pairs,
    Unknown unknown = Unknown::refuse);

/// Writes `value` as JSON, without white space. Strings must be UTF-8; a number that JSON does not
/// have (NaN, infinity) is written as null. Any thread.
template <class T>
void write_to(TextWriter& out, const T& value);

template <class T>
[[nodiscard]] std::string write(const T& value) {
  TextWriter out;
  write_to(out, value);
  return std::move(out).text();
}

}  // namespace onsale::http

#include "http/json_read.h"   // IWYU pragma: export
#include "http/json_write.h"  // IWYU pragma: export
