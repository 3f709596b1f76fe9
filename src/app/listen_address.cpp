#include "app/listen_address.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace onsale::app {
namespace {

namespace ip = boost::asio::ip;

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  if (error != std::errc{} || end != last) return std::nullopt;
  return port;
}

std::optional<std::string> parse_host(std::string_view text) {
  if (text == "localhost") return "127.0.0.1";
  boost::system::error_code error;
  if (text.starts_with('[') && text.ends_with(']')) {
    const auto address = ip::make_address_v6(text.substr(1, text.size() - 2), error);
    if (error) return std::nullopt;
    return address.to_string();
  }
  const auto address = ip::make_address_v4(text, error);
  if (error) return std::nullopt;
  return address.to_string();
}

}  // namespace

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = parse_host(text.substr(0, colon));
  const auto port = parse_port(text.substr(colon + 1));
  if (!host || !port) return std::nullopt;
  return ListenAddress{.address = std::move(*host), .port = *port};
}

std::string to_text(const ListenAddress& listen) {
  const bool v6 = listen.address.find(':') != std::string::npos;
  return (v6 ? '[' + listen.address + ']' : listen.address) + ':' + std::to_string(listen.port);
}

bool is_loopback(const ListenAddress& listen) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(listen.address, error);
  if (error) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

}  // namespace onsale::app
