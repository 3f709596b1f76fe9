// Whole days in virtual time, each drawn from its seed: whatever happens in them, the auditor
// has nothing to say. A run that fails prints its seed; the same seed plays the same day.
#include "sim/rehearsal.h"

#include <gtest/gtest.h>

#include <iostream>

namespace onsale::test {
namespace {

constexpr std::int64_t visitors = 20'000;

// A sanitizer looks at the code, not at the rules, and makes a day take half a minute.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t seeds = 2;
#else
constexpr std::uint64_t seeds = 8;
#endif

class SmallDay : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SmallDay, NobodyIsTreatedUnfairlyAndNoSlotIsLost) {
  const sim::Scenario scenario = sim::small_day(GetParam(), visitors);
  std::cout << "seed " << scenario.seed << '\n';
  const sim::Report report = sim::rehearse(scenario);
  EXPECT_TRUE(report.clean()) << report.text();
  EXPECT_EQ(report.crowd.came, visitors);
  EXPECT_LT(report.capacity_lost(), 0.001);
  // It was a day worth playing.
  EXPECT_GT(report.audit.waiting_most, visitors / 10);
  EXPECT_GT(report.audit.expired, 0);
  EXPECT_GT(report.audit.revoked, 0);
  EXPECT_GT(report.crowd.seats_bought, 0);
  EXPECT_GT(report.crowd.cut_off, 0);
  EXPECT_GT(report.audit.positions_checked, 1000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SmallDay, testing::Range<std::uint64_t>(1, seeds + 1));

TEST(Rehearsal, TheSameSeedPlaysTheSameDayAndAnotherAnother) {
  const auto digest_of = [](std::uint64_t seed) {
    return sim::rehearse(sim::small_day(seed, 2'000)).audit.digest;
  };
  EXPECT_EQ(digest_of(7), digest_of(7));
  EXPECT_NE(digest_of(7), digest_of(8));
}

TEST(Rehearsal, ManySmallDaysOfEveryKind) {
  for (std::uint64_t seed = 100; seed < 100 + 8 * seeds; ++seed) {
    const sim::Report report = sim::rehearse(sim::small_day(seed, 300));
    ASSERT_TRUE(report.clean()) << report.text();
  }
}

/// On disk the same day happens as in memory: the store decides nothing.
TEST(Rehearsal, TheStoreMakesNoDifference) {
  const std::string path = testing::TempDir() + "rehearsal-" + std::to_string(::getpid()) + ".db";
  const sim::Scenario scenario = sim::small_day(3, 300);
  auto store = store::open("sqlite:" + path, store::Access::read_write);
  ASSERT_TRUE(store) << store.error().message;
  const sim::Report on_disk = sim::Rehearsal(scenario, **store).play();
  store->reset();
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::remove((path + suffix).c_str());
  EXPECT_TRUE(on_disk.clean()) << on_disk.text();
  EXPECT_EQ(on_disk.audit.digest, sim::rehearse(scenario).audit.digest);
}

}  // namespace
}  // namespace onsale::test
