// The seat map as text: worded once for each version, whoever asks.
#include "api/seat_map_text.h"

#include <gtest/gtest.h>

namespace onsale::api {
namespace {

using domain::SeatStatus;

/// Three seats of performance 7, as the third version of a map that began with the first.
engine::SeatMap map_of_three() {
  auto layout = std::make_shared<engine::SeatLayout>();
  layout->names = {"", "A"};
  for (int i = 1; i <= 3; ++i) {
    engine::PlacedSeat seat;
    seat.id = domain::SeatId{i};
    seat.label = std::to_string(i);
    seat.tier = 1;
    seat.price = domain::Money{100};
    layout->seats.push_back(std::move(seat));
  }
  return {.performance = domain::PerformanceId{7},
          .version = 3,
          .layout = std::move(layout),
          .status = {SeatStatus::held, SeatStatus::sold, SeatStatus::available},
          .changed_at = {2, 3, 1},
          .changes_since = 1,
          .available = 1};
}

bool tells(const http::SharedBody& body, int seat) {
  return body->find(R"({"id":)" + std::to_string(seat)) != std::string::npos;
}

TEST(SeatMapText, TellsWhatChangedAfterAVersion) {
  SeatMapText text;
  const auto map = map_of_three();
  const auto since_first = text.changes(map, 1);
  EXPECT_TRUE(tells(since_first, 1) && tells(since_first, 2) && !tells(since_first, 3));
  const auto since_second = text.changes(map, 2);
  EXPECT_TRUE(!tells(since_second, 1) && tells(since_second, 2) && !tells(since_second, 3));
  EXPECT_EQ(*text.changes(map, 3), R"({"performance_id":7,"version":3,"seats":[]})");
}

TEST(SeatMapText, WordsTheSameChangesOnce) {
  SeatMapText text;
  const auto map = map_of_three();
  EXPECT_EQ(text.changes(map, 1), text.changes(map, 1)) << "not equal only: the very same";
  EXPECT_NE(text.changes(map, 1), text.changes(map, 2));
}

TEST(SeatMapText, ForgetsChangesWithTheirVersion) {
  SeatMapText text;
  const auto old = map_of_three();
  (void)text.changes(old, 2);
  auto fresh = old;
  fresh.version = 4;
  fresh.status.set(2, SeatStatus::held);
  fresh.changed_at.set(2, 4);
  const auto since_second = text.changes(fresh, 2);
  EXPECT_TRUE(tells(since_second, 2) && tells(since_second, 3));
  // Somebody who still has the old map in hand gets that one's, and the new one's stay.
  EXPECT_FALSE(tells(text.changes(old, 2), 3));
  EXPECT_EQ(text.changes(fresh, 2), since_second);
}

TEST(SeatMapText, WordsTheChangesSinceAnyVersionHoweverManyAreAskedFor) {
  SeatMapText text;
  auto map = map_of_three();
  map.version = 100;
  for (std::int64_t since = 1; since < 100; ++since) {
    EXPECT_EQ(tells(text.changes(map, since), 2), since < 3) << since;
  }
  EXPECT_EQ(text.changes(map, 1), text.changes(map, 1)) << "what was asked last is kept";
}

TEST(SeatMapText, KeepsOnlyWhatIsLittle) {
  SeatMapText text;
  auto map = map_of_three();
  auto layout = std::make_shared<engine::SeatLayout>(*map.layout);
  layout->seats[0].label = std::string(100'000, 'x');
  map.layout = std::move(layout);
  EXPECT_EQ(*text.changes(map, 1), *text.changes(map, 1));
  EXPECT_NE(text.changes(map, 1), text.changes(map, 1)) << "worded anew";
}

}  // namespace
}  // namespace onsale::api
