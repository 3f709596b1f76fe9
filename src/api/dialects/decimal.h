// Money as documents write it in decimals: major units, with a fraction where the currency has one.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "api/wire.h"

namespace onsale::api::dialects {

/// A decimal as it came: a JSON number or a string that is one. Exact; no sign, no exponent.
struct Decimal {
  std::string digits;    ///< before the point, without leading zeros but for a single one
  std::string fraction;  ///< behind it, without trailing zeros
};

/// 10000, 10000.0, "10000" and "10000.00" are all the same; else none. A number may be written with
/// an exponent; it is taken for what JSON readers make of it.
[[nodiscard]] std::optional<Decimal> decimal_of(const boost::json::value& value);

/// How many decimals a currency has by ISO 4217: 0 for KRW, 2 for most.
[[nodiscard]] int minor_digits(std::string_view currency);

/// None if the currency does not have so small a fraction, or the amount does not fit.
[[nodiscard]] std::optional<domain::Money> money_of(const Decimal& decimal, int minor_digits);

/// Money in major units. Exact as JSON shows it: a balance has at most 16 digits, see
/// wallet_balance_max.
[[nodiscard]] double decimal_value(domain::Money money, int minor_digits);

}  // namespace onsale::api::dialects

namespace onsale::http {

template <>
struct Wire<api::dialects::Decimal> {
  using type = boost::json::value;
  static boost::json::value to(const api::dialects::Decimal& decimal);
  static std::expected<api::dialects::Decimal, std::string> from(const boost::json::value& value);
  static boost::json::object schema() {
    return {{"type", {"number", "string"}}, {"minimum", 0}, {"pattern", "^[0-9]+([.][0-9]+)?$"}};
  }
};

}  // namespace onsale::http
