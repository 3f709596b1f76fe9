#include "api/client_address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <ranges>

namespace onsale::api {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view none = "none";
constexpr unsigned v4_bits_before = 96;  // of ::ffff:0:0/96

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::optional<unsigned> parse_number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ip::address> parse_plain(std::string_view text) {
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text), error);
  return error ? std::nullopt : std::optional(address);
}

Address bytes_of(const ip::address& address) {
  if (address.is_v6()) return address.to_v6().to_bytes();
  return ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

/// What is left of "[2001:db8::1]:4711" and "203.0.113.7:4711" without brackets and port; none if
/// what stands there is no port.
std::optional<std::string_view> without_port(std::string_view text) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos) return std::nullopt;
  // Several colons without brackets are an IPv6 address, which has no port then.
  if (!bracketed && (end == std::string_view::npos || end != text.rfind(':'))) return text;
  const std::string_view host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  const std::string_view rest = text.substr(bracketed ? end + 1 : end);
  const auto port = rest.empty() ? std::optional(0U) : parse_number(rest.substr(1));
  const bool sound = rest.empty() || (rest.front() == ':' && port && *port <= 0xffff);
  // Brackets are for IPv6 alone, and so is nothing else in them.
  if (!sound || bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  return host;
}

bool same_start(const Address& a, const Address& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

/// All entries, also of several headers, in the order that they were added.
std::vector<std::string_view> forwarded_for(const http::Request& request) {
  std::vector<std::string_view> hops;
  const auto [first, last] = request.headers.equal_range("X-Forwarded-For");
  for (const auto& header : std::ranges::subrange(first, last)) {
    std::string_view rest(header.value().data(), header.value().size());
    for (;;) {
      const std::size_t comma = rest.find(',');
      hops.push_back(trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return hops;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const auto host = without_port(text);
  const auto address = host ? parse_plain(*host) : std::nullopt;
  return address ? std::optional(bytes_of(*address)) : std::nullopt;
}

std::string network_of(const Address& address) {
  const ip::address_v6 v6(address);
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
  Address network{};
  std::copy_n(address.begin(), 8, network.begin());
  return ip::address_v6(network).to_string() + "/64";
}

std::optional<TrustedProxies::Network> TrustedProxies::parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_plain(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned before = address->is_v4() ? v4_bits_before : 0;
  auto bits = std::optional(128 - before);
  if (slash != std::string_view::npos) bits = parse_number(text.substr(slash + 1));
  if (!bits || *bits > 128 - before) return std::nullopt;
  return Network{.base = bytes_of(*address), .bits = before + *bits, .text = std::string(text)};
}

std::optional<TrustedProxies> TrustedProxies::parse(std::string_view text) {
  TrustedProxies proxies;
  if (trimmed(text) == none) return proxies;
  for (const auto part : std::views::split(text, ',')) {
    auto network = parse_network(trimmed(std::string_view(part.begin(), part.end())));
    if (!network) return std::nullopt;
    proxies.networks_.push_back(*std::move(network));
  }
  return proxies.networks_.empty() ? std::nullopt : std::optional(std::move(proxies));
}

std::string TrustedProxies::to_text() const {
  std::string text;
  for (const Network& network : networks_) {
    if (!text.empty()) text += ", ";
    text += network.text;
  }
  return text.empty() ? std::string(none) : text;
}

bool TrustedProxies::contains(const Address& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) {
    return same_start(network.base, address, network.bits);
  });
}

Address client_of(const http::Request& request, const TrustedProxies& proxies) {
  Address client = parse_address(request.remote_address).value_or(Address{});
  if (!proxies.contains(client)) return client;
  for (const std::string_view hop : forwarded_for(request) | std::views::reverse) {
    const auto before = parse_address(hop);
    if (!before) break;
    client = *before;
    if (!proxies.contains(client)) break;
  }
  return client;
}

}  // namespace onsale::api
