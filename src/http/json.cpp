#include "http/json.h"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <cstring>

namespace onsale::http {

namespace json = boost::json;
using detail::Path;

namespace {

/// Builds the document like json::parser does, and counts the keys it was given: if the finished
/// objects hold fewer, some key came twice (Boost.JSON would silently keep the last).
struct BuildHandler {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  using Error = boost::system::error_code;

  explicit BuildHandler(json::storage_ptr memory, unsigned char* buffer, std::size_t size)
      : stack(json::storage_ptr(), buffer, size) {
    stack.reset(std::move(memory));
  }

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return true; }
  bool on_object_end(std::size_t n, Error&) {
    keys += n;
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(std::size_t n, Error&) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view text, std::size_t, Error&) {
    stack.push_chars(text);
    return true;
  }
  bool on_key(json::string_view text, std::size_t, Error&) {
    stack.push_key(text);
    return true;
  }
  bool on_string_part(json::string_view text, std::size_t, Error&) {
    stack.push_chars(text);
    return true;
  }
  bool on_string(json::string_view text, std::size_t, Error&) {
    stack.push_string(text);
    return true;
  }
  bool on_number_part(json::string_view, Error&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, Error&) {
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, Error&) {
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double value, json::string_view text, Error&) {
    // Boost 1.81 may be off by a unit in the last place; the standard library never is. The text is
    // the whole number because the document is given in one piece.
    std::from_chars(text.data(), text.data() + text.size(), value);
    stack.push_double(value);
    return true;
  }
  bool on_bool(bool value, Error&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(Error&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, Error&) { return true; }
  bool on_comment(json::string_view, Error&) { return true; }

  json::value_stack stack;
  std::size_t keys = 0;
};

std::size_t count_keys(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& entry : *object) count += count_keys(entry.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) count += count_keys(item);
  }
  return count;
}

std::string range_text(std::int64_t min, std::int64_t max) {
  return "must be from " + std::to_string(min) + " to " + std::to_string(max);
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool looks_like_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.size() > 254) return false;
  const std::string_view domain = text.substr(at + 1);
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; };
  return !domain.empty() && domain.find('@') == std::string_view::npos && domain.front() != '.' &&
         domain.back() != '.' && std::ranges::none_of(text, is_odd);
}

/// What is wrong with a string's length, or nothing.
std::string length_fault(std::string_view text, const Rule& rule) {
  if (rule.length_min == 0 && rule.length_max == Rule::kNoLimit) return {};
  const std::size_t length = count_characters(text);
  if (length < rule.length_min) {
    if (rule.length_min == 1) return "must not be empty";
    return "must have at least " + std::to_string(rule.length_min) + " characters";
  }
  if (length > rule.length_max) {
    return "must have at most " + std::to_string(rule.length_max) + " characters";
  }
  return {};
}

}  // namespace

Problem ParseError::to_problem() && {
  if (malformed()) return Problem(problems::kMalformedJson, std::move(message));
  std::string detail = fields.front().field.empty()
                           ? "The body " + fields.front().message
                           : fields.front().field + " " + fields.front().message;
  if (fields.size() > 1) detail += " (and " + std::to_string(fields.size() - 1) + " more)";
  return Problem(problems::kInvalidRequest, std::move(detail)).with_errors(std::move(fields));
}

namespace detail {

Document::Document(std::string_view text) : memory_(first_block_, sizeof(first_block_)) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  std::array<unsigned char, 2048> scratch;
  json::basic_parser<BuildHandler> parser(options, &memory_, scratch.data(), scratch.size());
  boost::system::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) error = json::error::extra_data;
  if (error) {
    error_ = error.message() + " at byte " + std::to_string(used);
    return;
  }
  value_.emplace(parser.handler().stack.release());
  if (count_keys(*value_) != parser.handler().keys) error_ = "an object has the same key twice";
}

std::string Path::to_string() const {
  std::string text = parent ? parent->to_string() : std::string();
  if (name.empty() && parent) return text + "[" + std::to_string(index) + "]";
  if (!text.empty()) text += ".";
  return text.append(name);
}

void Reader::fail(const Path& path, std::string message) {
  if (!full()) errors_.push_back({.field = path.to_string(), .message = std::move(message)});
}

std::optional<std::int64_t> whole_number(const json::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  const auto* real = value.if_double();
  // Beyond 2^53 a double no longer says which whole number was meant.
  constexpr double kExact = 9007199254740992.0;
  if (!real || !(std::abs(*real) <= kExact) || std::trunc(*real) != *real) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

bool read_integer(Reader& reader, const Path& path, const json::value& value, std::int64_t min,
                  std::int64_t max, std::int64_t& out) {
  if (const auto whole = whole_number(value)) {
    out = *whole;
    if (out >= min && out <= max) return true;
    reader.fail(path, range_text(min, max));
    return false;
  }
  const double* real = value.if_double();
  const bool too_far = value.is_uint64() || (real && std::trunc(*real) == *real);
  reader.fail(path, too_far ? range_text(min, max) : "must be a whole number");
  return false;
}

bool read_double(Reader& reader, const Path& path, const json::value& value, const Rule& rule,
                 double& out) {
  if (!value.is_number()) {
    reader.fail(path, "must be a number");
    return false;
  }
  out = value.to_number<double>();
  const Rule anything;
  const bool reaches =
      rule.min_value == anything.min_value || out >= static_cast<double>(rule.min_value);
  const bool keeps =
      rule.max_value == anything.max_value || out <= static_cast<double>(rule.max_value);
  if (!std::isfinite(out)) {
    reader.fail(path, "is too large a number");
  } else if (!reaches || !keeps) {
    reader.fail(path, range_text(rule.min_value, rule.max_value));
  } else {
    return true;
  }
  return false;
}

bool read_string(Reader& reader, const Path& path, const json::value& value, const Rule& rule,
                 std::string& out) {
  const auto* text = value.if_string();
  std::string fault;
  if (!text) {
    fault = "must be a string";
  } else if (std::string_view(*text).find('\0') != std::string_view::npos) {
    fault = "must not contain NUL";
  } else if (fault = length_fault(*text, rule); fault.empty()) {
    if (rule.is_email && !looks_like_email(*text)) fault = "must be an email address";
  }
  if (!fault.empty()) {
    reader.fail(path, std::move(fault));
    return false;
  }
  out.assign(text->data(), text->size());
  return true;
}

bool read_timestamp(Reader& reader, const Path& path, const json::value& value, Timestamp& out) {
  const auto* text = value.if_string();
  const auto time = text ? parse_timestamp(*text) : std::nullopt;
  if (!time) {
    reader.fail(path, "must be an RFC 3339 time such as 2024-05-01T09:00:00.000Z");
    return false;
  }
  out = *time;
  return true;
}

bool check_items(Reader& reader, const Path& path, std::size_t size, const Rule& rule) {
  if (size < rule.items_min) {
    reader.fail(path, rule.items_min == 1
                          ? "must not be empty"
                          : "must have at least " + std::to_string(rule.items_min) + " items");
  } else if (size > rule.items_max) {
    reader.fail(path, "must have at most " + std::to_string(rule.items_max) + " items");
  }
  return size >= rule.items_min && size <= rule.items_max;
}

namespace {

/// Whether one of these eight bytes has to be escaped: each test leaves a high bit where it is
/// true.
bool any_escaped(std::uint64_t bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t high = 0x80 * ones;
  const auto zero = [](std::uint64_t of) { return (of - ones) & ~of; };
  const std::uint64_t control = (bytes - 0x20 * ones) & ~bytes;
  return ((control | zero(bytes ^ ('"' * ones)) | zero(bytes ^ ('\\' * ones))) & high) != 0;
}

bool is_escaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// How many bytes of the text need no escape before one that does.
std::size_t clean_bytes(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t next = 0; at + sizeof(next) <= text.size(); at += sizeof(next)) {
    std::memcpy(&next, text.data() + at, sizeof(next));
    if (any_escaped(next)) break;
  }
  while (at < text.size() && !is_escaped(text[at])) ++at;
  return at;
}

void write_escaped(TextWriter& out, char c) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out.append("\\\"");
      break;
    case '\\':
      out.append("\\\\");
      break;
    case '\n':
      out.append("\\n");
      break;
    case '\r':
      out.append("\\r");
      break;
    case '\t':
      out.append("\\t");
      break;
    default:
      out.append("\\u00");
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
}

}  // namespace

void write_string(TextWriter& out, std::string_view text) {
  out.push_back('"');
  for (;;) {
    const std::size_t clean = clean_bytes(text);
    out.append(text.substr(0, clean));
    if (clean == text.size()) break;
    write_escaped(out, text[clean]);
    text.remove_prefix(clean + 1);
  }
  out.push_back('"');
}

void write_integer(TextWriter& out, std::int64_t value) {
  constexpr std::size_t digits_max = 20;
  char* const at = out.room(digits_max);
  out.wrote(std::to_chars(at, at + digits_max, value).ptr);
}

void write_double(TextWriter& out, double value) {
  if (!std::isfinite(value)) {
    out.append("null");
    return;
  }
  // The shortest form that reads back the same; with an exponent only where that helps a reader.
  constexpr double plain_below = 1e16;
  constexpr double plain_from = 1e-6;
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= plain_from && size < plain_below);
  constexpr std::size_t digits_max = 40;
  const auto format = plain ? std::chars_format::fixed : std::chars_format::general;
  char* const at = out.room(digits_max);
  out.wrote(std::to_chars(at, at + digits_max, value, format).ptr);
}

void write_any(TextWriter& out, const json::value& value) { out.append(json::serialize(value)); }

}  // namespace detail
}  // namespace onsale::http
