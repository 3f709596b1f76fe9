// Where a request comes from: the peer of the socket, or, behind proxies that the operator trusts,
// the address that the last of them saw. What anybody else writes into X-Forwarded-For counts for
// nothing, since everybody can.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace onsale::api {

/// The 16 bytes of an IPv6 address; an IPv4 address is ::ffff:a.b.c.d, however it was written.
using Address = std::array<unsigned char, 16>;

/// An address as proxies write it: "203.0.113.7", "203.0.113.7:4711", "2001:db8::1",
/// "[2001:db8::1]", "[2001:db8::1]:4711". None for anything else. Looks nothing up.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

/// Those that count as one for limits: an IPv4 address by itself, IPv6 by the first 64 bits, of
/// which each household has all the rest. "203.0.113.7", "2001:db8:0:1::/64".
[[nodiscard]] std::string network_of(const Address& address);

/// The proxies in front of this server. Nothing changes after construction; any thread.
class TrustedProxies {
 public:
  /// None at all.
  TrustedProxies() = default;

  /// "none", or addresses and networks with commas: "10.0.0.0/8, 2001:db8::1".
  [[nodiscard]] static std::optional<TrustedProxies> parse(std::string_view text);
  /// As parse() takes it.
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] bool contains(const Address& address) const;

 private:
  struct Network {
    Address base{};
    unsigned bits = 128;  ///< that count
    std::string text;
  };
  static std::optional<Network> parse_network(std::string_view text);

  std::vector<Network> networks_;
};

/// Who sent the request: from the socket on back through X-Forwarded-For, the first that is no
/// trusted proxy. An entry that is no address ends the way: then it is who passed it on. All zero
/// if the request has no peer.
[[nodiscard]] Address client_of(const http::Request& request, const TrustedProxies& proxies);

}  // namespace onsale::api
