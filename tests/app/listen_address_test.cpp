#include "app/listen_address.h"

#include <gtest/gtest.h>

namespace onsale::app {
namespace {

std::string parsed(std::string_view text) {
  const auto listen = parse_listen_address(text);
  return listen ? to_text(*listen) : "refused";
}

TEST(ListenAddress, TakesNumericAddressesWithAPort) {
  EXPECT_EQ(parsed("127.0.0.1:8080"), "127.0.0.1:8080");
  EXPECT_EQ(parsed("0.0.0.0:0"), "0.0.0.0:0");
  EXPECT_EQ(parsed("[::1]:8080"), "[::1]:8080");
  EXPECT_EQ(parsed("[0:0:0:0:0:0:0:1]:65535"), "[::1]:65535");
  EXPECT_EQ(parsed("localhost:80"), "127.0.0.1:80");
  EXPECT_EQ(parse_listen_address("[::1]:8080")->address, "::1");
}

TEST(ListenAddress, RefusesEverythingElse) {
  for (const char* text : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:-1", "127.0.0.1:80 ", "127.0.0.1:http", "::1:8080", "[::1]",
                           "[127.0.0.1]:80", "example.com:80", "1.2.3:80", "http://127.0.0.1:80"}) {
    EXPECT_EQ(parsed(text), "refused") << text;
  }
}

TEST(ListenAddress, KnowsWhatOnlyThisMachineReaches) {
  for (const char* text : {"127.0.0.1:1", "127.8.9.10:1", "[::1]:1", "[::ffff:127.0.0.1]:1"}) {
    EXPECT_TRUE(is_loopback(*parse_listen_address(text))) << text;
  }
  for (const char* text : {"0.0.0.0:1", "192.168.1.5:1", "[::]:1", "[::ffff:10.0.0.1]:1"}) {
    EXPECT_FALSE(is_loopback(*parse_listen_address(text))) << text;
  }
}

}  // namespace
}  // namespace onsale::app
