// The box office's clock, on a machine whose clocks are turned by hand.
#include "engine/office_clock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace onsale::engine {
namespace {

using namespace std::chrono_literals;
using domain::Duration;
using domain::Timestamp;

constexpr Timestamp noon = domain::from_millis(1'900'000'000'000);

class TurnedMachine final : public Machine {
 public:
  [[nodiscard]] Wall wall() const override { return wall_; }
  [[nodiscard]] Steady steady() const override { return steady_; }
  void set(Duration by) { wall_ += by; }
  void pass(Duration by) {
    wall_ += by;
    steady_ += by;
  }

 private:
  Wall wall_ = noon;
  Steady steady_{1000h};
};

class OfficeClockTest : public ::testing::Test {
 protected:
  TurnedMachine machine;
  OfficeClock clock{machine};

  /// So much time passes, in which the clock is looked at again and again and never goes backwards.
  /// Returns how far it went.
  Duration pass(Duration span, Duration looked_every = 10ms) {
    const Timestamp before = clock.now();
    Timestamp last = before;
    for (Duration passed{0}; passed < span; passed += looked_every) {
      machine.pass(looked_every);
      const Timestamp now = clock.now();
      EXPECT_GE(now, last);
      last = now;
    }
    return last - before;
  }
  /// How far it is ahead of the machine's time of day.
  Duration ahead() const {
    return std::chrono::floor<Duration>(clock.now() - std::chrono::floor<Duration>(machine.wall()));
  }
};

TEST_F(OfficeClockTest, GoesAsTheMachineGoes) {
  EXPECT_EQ(clock.now(), noon);
  EXPECT_EQ(pass(1h, 1s), 1h);
  EXPECT_EQ(clock.now(), noon + 1h);
}

TEST_F(OfficeClockTest, WhatIsOffByLittleIsMadeUpForBySpeed) {
  machine.set(400ms);
  EXPECT_EQ(pass(100ms), 150ms);
  EXPECT_EQ(pass(10s), 10'350ms);
  EXPECT_EQ(ahead(), 0ms);
  machine.set(-400ms);
  EXPECT_EQ(pass(100ms), 50ms);
  EXPECT_EQ(pass(10s), 9'650ms);
  EXPECT_EQ(ahead(), 0ms);
}

TEST_F(OfficeClockTest, AStepThatIsTakenBackIsNotFollowed) {
  for (const Duration step : {40s, -40s}) {
    machine.set(step);
    EXPECT_EQ(pass(500ms), 500ms);
    EXPECT_FALSE(clock.follow_step());
    machine.set(-step);
    EXPECT_EQ(pass(10s), 10s);
    EXPECT_FALSE(clock.follow_step());
    EXPECT_EQ(ahead(), 0ms);
  }
}

TEST_F(OfficeClockTest, AStepAheadThatLastsIsFollowedByWhoeverAnswersForIt) {
  machine.set(40s);
  EXPECT_EQ(pass(4900ms), 4900ms);
  EXPECT_FALSE(clock.follow_step());
  EXPECT_EQ(pass(200ms), 200ms) << "not by itself";
  EXPECT_TRUE(clock.follow_step());
  EXPECT_EQ(ahead(), 0ms);
  EXPECT_FALSE(clock.follow_step()) << "once";
  EXPECT_EQ(pass(1s), 1s);
}

TEST_F(OfficeClockTest, AStepThatIsFollowedByAnotherHasToLastAnew) {
  machine.set(40s);
  pass(4s);
  machine.set(1h);
  pass(4s);
  EXPECT_FALSE(clock.follow_step());
  pass(2s);
  EXPECT_TRUE(clock.follow_step());
  EXPECT_EQ(ahead(), 0ms);
}

TEST_F(OfficeClockTest, SetBackItGoesAtHalfSpeedUntilItHasCaughtUp) {
  machine.set(-1h);
  EXPECT_EQ(pass(5s), 5s);
  EXPECT_NEAR(static_cast<double>(pass(10min).count()), 300'000, 20);
  EXPECT_FALSE(clock.follow_step());
  pass(2h, 1s);
  EXPECT_EQ(ahead(), 0ms);
}

TEST_F(OfficeClockTest, GoesOnFromWhatWasDecidedByAClockThatWasAhead) {
  clock.not_before(noon - 1h);
  EXPECT_EQ(clock.now(), noon);
  clock.not_before(noon + 1h);
  EXPECT_EQ(clock.now(), noon + 1h);
  EXPECT_EQ(pass(5s), 5s);
  EXPECT_NEAR(static_cast<double>(pass(10min).count()), 300'000, 20) << "it does not stand still";
  clock.not_before(noon + 48h);
  EXPECT_LT(clock.now(), noon + 2h) << "a clock that was plainly wrong";
}

TEST_F(OfficeClockTest, IsLedByTheStoresClock) {
  clock.steer(machine.steady(), machine.wall() + 5s);
  EXPECT_EQ(clock.now(), noon + 5s) << "nobody has seen another time yet";
  machine.set(-1h);
  EXPECT_EQ(pass(1h, 1s), 1h) << "whatever is done to the machine's";
  const Timestamp now = clock.now();
  clock.steer(machine.steady(), now + 300ms);
  pass(10s);
  EXPECT_EQ(clock.now(), now + 10'300ms);
  // Another primary, and another clock.
  const Timestamp then = clock.now();
  clock.steer(machine.steady(), then - 3s);
  EXPECT_EQ(pass(5s), 5s);
  EXPECT_NEAR(static_cast<double>(pass(4s).count()), 2000, 20);
  pass(1min);
  EXPECT_EQ(clock.now(), then - 3s + 69s);
}

TEST(OfficeClock, NoThreadSeesItGoBackwards) {
  const OfficeClock clock;
  std::atomic<std::int64_t> latest = 0;
  std::atomic<int> backwards = 0;
  const auto look = [&] {
    for (int i = 0; i < 20'000; ++i) {
      const std::int64_t seen = latest.load();
      const std::int64_t now = domain::to_millis(clock.now());
      if (now < seen) ++backwards;
      std::int64_t known = seen;
      while (known < now && !latest.compare_exchange_weak(known, now)) {
      }
      if (i % 1000 == 0) clock.not_before(domain::from_millis(now + 3));
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(look);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(backwards, 0);
}

}  // namespace
}  // namespace onsale::engine
