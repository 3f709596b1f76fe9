// The write-ahead log is copied into the file while commits go on, and stays bounded.
#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "store/sqlite/settings.h"
#include "store/turn.h"
#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::store {
namespace {

using testing::Box;
using testing::must;
using testing::TempDir;

constexpr std::uintmax_t page_bytes = 4'096;

TEST(Checkpoint, TheLogStaysBounded) {
  const TempDir dir;
  const std::string file = dir.file("onsale.db");
  Box box(must(open("sqlite:" + file, Access::read_write)));
  std::uintmax_t longest = 0;
  const std::uintmax_t round = sqlite::checkpoint_pages * page_bytes;
  for (int i = 0; i < 100; ++i) {  // of 3 MB each
    must(box.write({.fresh = {.users = 1}}, [&](domain::Rows& rows) {
      const domain::UserId id = rows.ids.users.take();
      rows.users.add(
          id,
          {.id = id, .email = std::to_string(i) + "@x.org", .name = std::string(3'000'000, 'n')});
    }));
    longest = std::max(longest, std::filesystem::file_size(file + "-wal"));
  }
  EXPECT_LT(longest, 5 * round);
  EXPECT_GT(std::filesystem::file_size(file), 200'000'000U) << "it went into the file";
}

TEST(Turn, IsGivenInTheOrderOfAsking) {
  Turn turn;
  ASSERT_TRUE(turn.take(turn_timeout));
  EXPECT_FALSE(turn.take(std::chrono::milliseconds{1})) << "it is somebody else's";
  std::vector<int> order;
  std::vector<std::thread> lanes;
  for (int lane = 0; lane < 3; ++lane) {
    lanes.emplace_back([&, lane] {
      EXPECT_TRUE(turn.take(std::chrono::seconds{30}));
      order.push_back(lane);
      turn.give_back();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  turn.give_back();
  for (std::thread& lane : lanes) lane.join();
  EXPECT_THAT(order, ::testing::ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace onsale::store
