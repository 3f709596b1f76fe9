#include "api/dialects/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace onsale::api::dialects {
namespace {

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Decimal> from_text(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (fraction.empty()) return std::nullopt;
  }
  if (whole.empty() || !all_digits(whole) || !all_digits(fraction)) return std::nullopt;
  const std::size_t first = std::min(whole.find_first_not_of('0'), whole.size() - 1);
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  return Decimal{.digits = std::string(whole.substr(first)), .fraction = std::string(fraction)};
}

/// The shortest digits that mean this number, never with an exponent.
std::optional<Decimal> from_double(double number) {
  if (!std::isfinite(number)) return std::nullopt;
  std::array<char, 400> text{};  // the largest double has 309 digits
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  return from_text({text.data(), end});
}

struct CurrencyDigits {
  std::string_view currency;
  int digits = 2;
};

/// Those of ISO 4217 that do not have two.
constexpr auto other_digits = std::to_array<CurrencyDigits>({
    {"BIF", 0}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"ISK", 0}, {"JPY", 0}, {"KMF", 0}, {"KRW", 0},
    {"PYG", 0}, {"RWF", 0}, {"UGX", 0}, {"VND", 0}, {"VUV", 0}, {"XAF", 0}, {"XOF", 0}, {"XPF", 0},
    {"BHD", 3}, {"IQD", 3}, {"JOD", 3}, {"KWD", 3}, {"LYD", 3}, {"OMR", 3}, {"TND", 3},
});

}  // namespace

std::optional<Decimal> decimal_of(const boost::json::value& value) {
  if (value.is_string()) return from_text(value.get_string());
  if (value.is_int64()) return from_text(std::to_string(value.get_int64()));
  if (value.is_uint64()) return from_text(std::to_string(value.get_uint64()));
  if (value.is_double()) return from_double(value.get_double());
  return std::nullopt;
}

int minor_digits(std::string_view currency) {
  const auto found = std::ranges::find(other_digits, currency, &CurrencyDigits::currency);
  return found == other_digits.end() ? 2 : found->digits;
}

std::optional<domain::Money> money_of(const Decimal& decimal, int minor_digits) {
  const auto places = static_cast<std::size_t>(minor_digits);
  if (decimal.fraction.size() > places) return std::nullopt;
  std::string minor = decimal.digits + decimal.fraction;
  minor.append(places - decimal.fraction.size(), '0');
  domain::Money money;
  const char* last = minor.data() + minor.size();
  const auto [end, error] = std::from_chars(minor.data(), last, money.minor);
  if (error != std::errc() || end != last) return std::nullopt;
  return money;
}

double decimal_value(domain::Money money, int minor_digits) {
  return static_cast<double>(money.minor) / std::pow(10.0, minor_digits);
}

}  // namespace onsale::api::dialects

namespace onsale::http {

boost::json::value Wire<api::dialects::Decimal>::to(const api::dialects::Decimal& decimal) {
  return boost::json::string(decimal.digits +
                             (decimal.fraction.empty() ? "" : "." + decimal.fraction));
}

std::expected<api::dialects::Decimal, std::string> Wire<api::dialects::Decimal>::from(
    const boost::json::value& value) {
  auto decimal = api::dialects::decimal_of(value);
  if (!decimal) return std::unexpected("must be a decimal number, not negative");
  return *std::move(decimal);
}

}  // namespace onsale::http
