// Where a server listens, as written in `--listen`: "127.0.0.1:8080", "[::1]:8080".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onsale::app {

struct ListenAddress {
  std::string address;     ///< numeric IPv4 or IPv6, without brackets
  std::uint16_t port = 0;  ///< 0: any free one
};

/// A numeric IPv4 address, an IPv6 address in brackets or "localhost" (which is 127.0.0.1), a
/// colon and a port. None for anything else. Looks nothing up; any thread.
[[nodiscard]] std::optional<ListenAddress> parse_listen_address(std::string_view text);

/// "127.0.0.1:8080", "[::1]:8080".
[[nodiscard]] std::string to_text(const ListenAddress& listen);

/// Can only this machine reach it?
[[nodiscard]] bool is_loopback(const ListenAddress& listen);

}  // namespace onsale::app
