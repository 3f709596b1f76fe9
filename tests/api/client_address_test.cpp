#include "api/client_address.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace onsale::api {
namespace {

std::string network(std::string_view text) {
  const auto address = parse_address(text);
  return address ? network_of(*address) : "none";
}

TEST(ClientAddress, IsReadAsProxiesWriteIt) {
  struct Line {
    const char* text;
    const char* network;
  };
  const std::vector<Line> lines{{"203.0.113.7", "203.0.113.7"},
                                {"203.0.113.7:4711", "203.0.113.7"},
                                {"::ffff:203.0.113.7", "203.0.113.7"},
                                {"[::ffff:203.0.113.7]:4711", "203.0.113.7"},
                                {"2001:db8:0:1::7", "2001:db8:0:1::/64"},
                                {"[2001:db8:0:1::7]", "2001:db8:0:1::/64"},
                                {"[2001:DB8:0:1::8]:4711", "2001:db8:0:1::/64"},
                                {"2001:db8:0:2::7", "2001:db8:0:2::/64"},
                                {"fe80::1%1", "fe80::/64"},
                                {"::1", "::/64"},
                                {"", "none"},
                                {"unknown", "none"},
                                {"_hidden", "none"},
                                {"203.0.113", "none"},
                                {"203.0.113.256", "none"},
                                {"203.0.113.7:", "none"},
                                {"203.0.113.7:http", "none"},
                                {"203.0.113.7:65536", "none"},
                                {"[203.0.113.7]", "none"},
                                {"[203.0.113.7]:80", "none"},
                                {"[2001:db8::1", "none"},
                                {"[2001:db8::1]4711", "none"},
                                {"[]", "none"},
                                {"\"203.0.113.7\"", "none"},
                                {"203.0.113.7 203.0.113.8", "none"}};
  for (const auto& [text, wanted] : lines) EXPECT_EQ(network(text), wanted) << text;
}

TEST(TrustedProxies, AreAddressesAndNetworks) {
  for (const char* text : {"none", "10.0.0.0/8", "10.0.0.1, 2001:db8::/32", "0.0.0.0/0, ::/0"}) {
    const auto proxies = TrustedProxies::parse(text);
    ASSERT_TRUE(proxies) << text;
    EXPECT_EQ(proxies->to_text(), text);
  }
  EXPECT_EQ(TrustedProxies().to_text(), "none");
  EXPECT_EQ(TrustedProxies::parse(" 10.0.0.1 ,\t10.0.0.2 ")->to_text(), "10.0.0.1, 10.0.0.2");
  for (const char* text : {"", ",", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "2001:db8::/129",
                           "10.0.0.1,", "proxy.example.com", "none, 10.0.0.1", "10.0.0.1:80"}) {
    EXPECT_FALSE(TrustedProxies::parse(text)) << text;
  }
}

TEST(TrustedProxies, HaveTheBitsThatCount) {
  struct Line {
    const char* proxies;
    const char* address;
    bool trusted;
  };
  const std::vector<Line> lines{{"none", "10.0.0.1", false},
                                {"10.0.0.1", "10.0.0.1", true},
                                {"10.0.0.1", "10.0.0.2", false},
                                {"10.0.0.1", "::ffff:10.0.0.1", true},
                                {"::ffff:10.0.0.1", "10.0.0.1", true},
                                {"10.0.0.0/9", "10.127.0.1", true},
                                {"10.0.0.0/9", "10.128.0.1", false},
                                {"10.1.2.3/8", "10.200.0.1", true},
                                {"0.0.0.0/0", "192.0.2.1", true},
                                {"0.0.0.0/0", "2001:db8::1", false},
                                {"::/0", "2001:db8::1", true},
                                {"2001:db8::/33", "2001:db8:7fff::1", true},
                                {"2001:db8::/33", "2001:db8:8000::1", false},
                                {"192.0.2.1, 2001:db8::1", "2001:db8::1", true}};
  for (const auto& [proxies, address, trusted] : lines) {
    EXPECT_EQ(TrustedProxies::parse(proxies)->contains(*parse_address(address)), trusted)
        << proxies << " has " << address;
  }
}

struct Hops {
  const char* proxies;
  const char* peer;
  std::vector<const char*> forwarded;  // a header each
  const char* client;
};

TEST(ClientAddress, IsTheLastThatNoTrustedProxyIs) {
  const char* near = "10.0.0.0/8";
  const std::vector<Hops> table{
      {"none", "192.0.2.1", {}, "192.0.2.1"},
      {"none", "192.0.2.1", {"203.0.113.7"}, "192.0.2.1"},
      {near, "192.0.2.1", {"203.0.113.7"}, "192.0.2.1"},
      {near, "10.0.0.1", {}, "10.0.0.1"},
      {near, "10.0.0.1", {"203.0.113.7"}, "203.0.113.7"},
      {near, "::ffff:10.0.0.1", {"203.0.113.7"}, "203.0.113.7"},
      {near, "10.0.0.1", {"198.51.100.9, 203.0.113.7"}, "203.0.113.7"},
      {near, "10.0.0.1", {"198.51.100.9,203.0.113.7 , 10.9.9.9"}, "203.0.113.7"},
      {near, "10.0.0.1", {"198.51.100.9", "203.0.113.7"}, "203.0.113.7"},
      {near, "10.0.0.1", {"198.51.100.9, 203.0.113.7", "10.9.9.9"}, "203.0.113.7"},
      {near, "10.0.0.1", {"10.1.1.1, 10.2.2.2"}, "10.1.1.1"},
      {near, "10.0.0.1", {"203.0.113.7:4711"}, "203.0.113.7"},
      {near, "10.0.0.1", {"[2001:db8:0:1::7]:4711"}, "2001:db8:0:1::/64"},
      {near, "10.0.0.1", {"203.0.113.7, unknown"}, "10.0.0.1"},
      {near, "10.0.0.1", {"203.0.113.7, unknown, 10.9.9.9"}, "10.9.9.9"},
      {near, "10.0.0.1", {""}, "10.0.0.1"},
      {near, "10.0.0.1", {"203.0.113.7,"}, "10.0.0.1"},
      {near, "", {"203.0.113.7"}, "::/64"}};
  for (const Hops& hops : table) {
    http::Request request;
    request.remote_address = hops.peer;
    for (const char* header : hops.forwarded) request.headers.insert("x-forwarded-for", header);
    const auto proxies = TrustedProxies::parse(hops.proxies);
    EXPECT_EQ(network_of(client_of(request, *proxies)), hops.client)
        << hops.peer << " " << testing::PrintToString(hops.forwarded);
  }
}

}  // namespace
}  // namespace onsale::api
