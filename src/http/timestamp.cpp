// RFC 3339 by hand: std::format and chrono parsing are not in GCC 12, and this is on the path of
// every reservation that is written.
#include <algorithm>
#include <chrono>

#include "http/json.h"

namespace onsale::http {

namespace chrono = std::chrono;

namespace {

/// Puts `value` with exactly `digits` digits at `to`.
char* put(char* to, int value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
  return to + digits;
}

/// Takes fixed-width parts off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// The number in the next `digits` digits, or fails.
  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

  /// True and one step on if the next character is one of `any`.
  bool take(std::string_view any) {
    if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(std::string_view any) {
    if (!take(any)) fail();
  }

  /// Milliseconds of a fraction of one or more digits; further digits are cut.
  int fraction() {
    int value = 0;
    int digits = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      if (digits < 3) value = value * 10 + (rest_.front() - '0');
      ++digits;
      rest_.remove_prefix(1);
    }
    if (digits == 0) return fail();
    for (; digits < 3; ++digits) value *= 10;
    return value;
  }

  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  int fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// "Z", "+09:00" or "-05:30".
chrono::minutes scan_offset(Scanner& scanner) {
  if (scanner.take("Zz")) return chrono::minutes(0);
  const bool west = scanner.take("-");
  if (!west) scanner.expect("+");
  const int hours = scanner.number(2);
  scanner.expect(":");
  const int minutes = scanner.number(2);
  if (hours > 23 || minutes > 59) scanner.expect("");
  const chrono::minutes offset = chrono::hours(hours) + chrono::minutes(minutes);
  return west ? -offset : offset;
}

}  // namespace

namespace detail {

void write_time(TextWriter& out, Timestamp time) {
  constexpr Timestamp kFirst = chrono::sys_days(chrono::year(0) / 1 / 1);
  constexpr Timestamp kLast =
      chrono::sys_days(chrono::year(10000) / 1 / 1) - chrono::milliseconds(1);
  const Timestamp shown = std::clamp(time, kFirst, kLast);
  const auto day = chrono::floor<chrono::days>(shown);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(shown - day);
  constexpr std::size_t length = 26;
  char* at = out.room(length);
  *at++ = '"';
  at = put(at, static_cast<int>(date.year()), 4);
  *at++ = '-';
  at = put(at, static_cast<int>(static_cast<unsigned>(date.month())), 2);
  *at++ = '-';
  at = put(at, static_cast<int>(static_cast<unsigned>(date.day())), 2);
  *at++ = 'T';
  at = put(at, static_cast<int>(clock.hours().count()), 2);
  *at++ = ':';
  at = put(at, static_cast<int>(clock.minutes().count()), 2);
  *at++ = ':';
  at = put(at, static_cast<int>(clock.seconds().count()), 2);
  *at++ = '.';
  at = put(at, static_cast<int>(clock.subseconds().count()), 3);
  *at++ = 'Z';
  *at++ = '"';
  out.wrote(at);
}

}  // namespace detail

std::string format_timestamp(Timestamp time) {
  const std::string quoted = write(time);
  return quoted.substr(1, quoted.size() - 2);
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scanner(text);
  const chrono::year year(scanner.number(4));
  scanner.expect("-");
  const chrono::month month(static_cast<unsigned>(scanner.number(2)));
  scanner.expect("-");
  const chrono::day day(static_cast<unsigned>(scanner.number(2)));
  scanner.expect("Tt ");
  const int hour = scanner.number(2);
  scanner.expect(":");
  const int minute = scanner.number(2);
  scanner.expect(":");
  const int second = scanner.number(2);
  const int millisecond = scanner.take(".") ? scanner.fraction() : 0;
  const chrono::minutes offset = scan_offset(scanner);
  const chrono::year_month_day date(year, month, day);
  if (!scanner.done() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Timestamp(chrono::sys_days(date)) + chrono::hours(hour) + chrono::minutes(minute) +
         chrono::seconds(second) + chrono::milliseconds(millisecond) - offset;
}

}  // namespace onsale::http
