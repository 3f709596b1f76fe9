#include "rush/apis.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace onsale::rush {
namespace {

TEST(Apis, AreTheNativeOneAndTheDialectsByName) {
  const auto all = apis();
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all.front().name, "native");
  EXPECT_TRUE(std::ranges::is_sorted(all.subspan(1), {}, &Api::name));
}

TEST(Apis, MakeASaleEach) {
  asio::io_context context;
  Client client(context, {}, {});
  Tally tally(0);
  for (const Api& api : apis()) {
    EXPECT_NE(api.sale(client, tally, {}), nullptr) << api.name;
    EXPECT_GE(api.party_max, 1) << api.name;
  }
}

}  // namespace
}  // namespace onsale::rush
