#include "app/demo.h"

#include <date/tz.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "app/execute.h"
#include "http/password.h"

namespace onsale::app {
namespace {

using namespace std::chrono_literals;
using domain::EventId;
using domain::PerformanceId;

// A winter evening in Seoul on which it is already the next day there.
constexpr domain::Timestamp now = std::chrono::sys_days{std::chrono::January / 31 / 2026} + 16h;

class Demo : public testing::Test {
 protected:
  Demo() : store_(*store::open("memory:", store::Access::read_write)) {
    engine_ = *engine::Engine::start(*store_, clock_, {}, {});
    reader_ = *store_->reader();
  }

  DemoFill fill() { return *fill_demo(*engine_, *store_); }
  const engine::Catalogue& catalogue() {
    shown_ = engine_->views().catalogue();
    return *shown_;
  }
  std::vector<store::SeatOnMap> seats_of(std::int64_t performance) {
    std::vector<store::SeatOnMap> seats;
    EXPECT_TRUE(reader_->each_seat(PerformanceId{performance},
                                   [&](const store::SeatOnMap& seat) { seats.push_back(seat); }));
    return seats;
  }
  std::vector<std::int64_t> performances_of(std::int64_t event) {
    std::vector<std::int64_t> ids;
    for (const auto id : catalogue().performances_of.at(EventId{event})) ids.push_back(id.value);
    return ids;
  }
  /// "2026-03-03 19:00", what clocks in Seoul show when it starts.
  std::string starts(std::int64_t performance) {
    const auto at = catalogue().performance(PerformanceId{performance})->performance.starts_at;
    return date::format("%Y-%m-%d %H:%M", date::floor<std::chrono::minutes>(
                                              date::locate_zone("Asia/Seoul")->to_local(at)));
  }

  engine::ManualClock clock_{now};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<store::Reader> reader_;
  std::shared_ptr<const engine::Catalogue> shown_;
};

TEST_F(Demo, HasAThousandFansThenOrganiserAndStaff) {
  ASSERT_EQ(fill(), DemoFill::filled);
  std::int64_t next = 1;
  ASSERT_TRUE(reader_->each_user([&](const domain::User& user) {
    EXPECT_EQ(user.id.value, next++);
    if (user.id.value > 1000) return;
    EXPECT_EQ(user.email, "fan" + std::to_string(user.id.value) + "@example.com");
    EXPECT_EQ(user.name, "Fan " + std::to_string(user.id.value));
    EXPECT_EQ(user.role, domain::Role::buyer);
  }));
  EXPECT_EQ(next, 1003);
  const auto organiser = **reader_->user_by_email("organiser@example.com");
  EXPECT_EQ(organiser.role, domain::Role::organiser);
  EXPECT_TRUE(http::verify_password("onsale", organiser.password_hash));
  EXPECT_EQ((*reader_->user_by_email("staff@example.com"))->role, domain::Role::staff);
  EXPECT_EQ((*reader_->wallet(domain::UserId{7}))->balance.minor, 0);
}

TEST_F(Demo, HasThreeEventsGuardedByTheDefaultRoom) {
  ASSERT_EQ(fill(), DemoFill::filled);
  ASSERT_EQ(catalogue().events.size(), 3U);
  for (const auto& [id, event] : catalogue().events) {
    EXPECT_EQ(event.room, domain::default_room);
    EXPECT_EQ(catalogue().venues.at(event.venue).time_zone, "Asia/Seoul");
    EXPECT_FALSE(event.sales_close_at);
  }
  EXPECT_LT(catalogue().event(EventId{1})->sales_open_at, now);
  EXPECT_LT(catalogue().event(EventId{2})->sales_open_at, now);
  EXPECT_EQ(catalogue().event(EventId{3})->sales_open_at, now + std::chrono::days{7});
}

TEST_F(Demo, PlaysOnSevenInTheEveningInSeoul) {
  ASSERT_EQ(fill(), DemoFill::filled);
  ASSERT_THAT(performances_of(1), testing::ElementsAre(1, 2, 3));
  ASSERT_THAT(performances_of(2), testing::ElementsAre(4, 5));
  ASSERT_THAT(performances_of(3), testing::ElementsAre(6, 7, 8));
  EXPECT_EQ(starts(1), "2026-03-03 19:00");
  EXPECT_EQ(starts(2), "2026-03-04 19:00");
  EXPECT_EQ(starts(3), "2026-03-05 19:00");
  EXPECT_EQ(starts(4), "2026-03-06 19:00");
  EXPECT_EQ(starts(5), "2026-03-07 19:00");
  EXPECT_EQ(starts(6), "2026-03-03 19:00");
  EXPECT_EQ(starts(8), "2026-03-05 19:00");
}

TEST_F(Demo, HallHasFiftySeatsInOrder) {
  ASSERT_EQ(fill(), DemoFill::filled);
  for (const std::int64_t performance : {1, 2, 3, 6, 7, 8}) {
    const auto seats = seats_of(performance);
    ASSERT_EQ(seats.size(), 50U);
    std::int64_t lowest = seats[0].seat.price.minor;
    std::int64_t highest = lowest;
    for (std::size_t i = 0; i < seats.size(); ++i) {
      EXPECT_EQ(seats[i].seat.label, std::to_string(i + 1));
      EXPECT_EQ(seats[i].seat.id.value, seats[0].seat.id.value + static_cast<std::int64_t>(i));
      EXPECT_EQ(seats[i].seat.status, domain::SeatStatus::available);
      lowest = std::min(lowest, seats[i].seat.price.minor);
      highest = std::max(highest, seats[i].seat.price.minor);
    }
    EXPECT_EQ(lowest, 70'000);
    EXPECT_EQ(highest, 150'000);
  }
  EXPECT_EQ(seats_of(1)[0].seat.id.value, 1);
  EXPECT_EQ(seats_of(2)[0].seat.id.value, 51);
}

TEST_F(Demo, ArenaHasMoreThanTenThousandSeats) {
  ASSERT_EQ(fill(), DemoFill::filled);
  const auto seats = seats_of(4);
  EXPECT_GT(seats.size(), 10'000U);
  EXPECT_EQ(seats_of(5).size(), seats.size());
  std::map<std::int64_t, int> prices;
  for (const auto& seat : seats) {
    ++prices[seat.seat.price.minor];
    EXPECT_FALSE(seat.place.section.empty());
  }
  EXPECT_EQ(prices.size(), 6U);
  EXPECT_EQ(prices.begin()->first, 70'000);
  EXPECT_EQ(prices.rbegin()->first, 220'000);
}

TEST_F(Demo, IsOneTransaction) {
  ASSERT_EQ(fill(), DemoFill::filled);
  EXPECT_EQ(reader_->journal_end()->value, 1);
}

TEST_F(Demo, IsFilledOnce) {
  ASSERT_EQ(fill(), DemoFill::filled);
  EXPECT_EQ(fill(), DemoFill::has_demo);
  EXPECT_EQ(catalogue().events.size(), 3U);
}

TEST_F(Demo, LeavesOtherDataAlone) {
  ASSERT_TRUE(execute(*engine_, domain::CreateUser{.email = "a@b.c", .name = "A"}));
  EXPECT_EQ(fill(), DemoFill::not_empty);
  EXPECT_TRUE(catalogue().events.empty());
}

}  // namespace
}  // namespace onsale::app
