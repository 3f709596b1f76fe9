#include "rush/nights.h"

#include <gtest/gtest.h>

namespace onsale::rush {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

Night night(std::int64_t id, bool to_be_had, std::chrono::hours begins = 10h) {
  return {.event = 1,
          .performance = id,
          .waiting_room = 1,
          .to_be_had = to_be_had,
          .starts_at = sys_days{2024y / 10 / 11} + begins,
          .time_zone = "Asia/Seoul",
          .currency = "KRW"};
}

std::int64_t chosen(const std::vector<Night>& nights, const Wanted& wanted) {
  const auto choice = choose(nights, wanted);
  return choice ? choice->performance : 0;
}

TEST(Nights, TheFirstThatIsToBeHadIsChosenWithoutAWish) {
  const std::vector nights{night(1, false), night(2, true), night(3, true)};
  EXPECT_EQ(chosen(nights, {}), 2);
}

TEST(Nights, AnIdIsTakenAtItsWord) {
  const std::vector nights{night(1, false), night(2, true)};
  EXPECT_EQ(chosen(nights, {.id = 1, .date = {}}), 1);
}

TEST(Nights, OfADateTheOneThatIsToBeHad) {
  const std::vector nights{night(1, true, 20h), night(2, false), night(3, true), night(4, true)};
  EXPECT_EQ(chosen(nights, {.id = {}, .date = "2024-10-11"}), 3);
  EXPECT_EQ(chosen({night(2, false)}, {.id = {}, .date = "2024-10-11"}), 2);
}

TEST(Nights, NoneIsSaidAsItWasAskedFor) {
  const std::vector nights{night(1, false)};
  EXPECT_EQ(choose(nights, {}).error(), "nothing is on sale there");
  EXPECT_EQ(choose(nights, {.id = 9, .date = {}}).error(), "there is no performance 9");
  EXPECT_EQ(choose(nights, {.id = {}, .date = "2024-10-10"}).error(),
            "there is no performance on 2024-10-10");
}

TEST(Nights, TheDateIsThatOfTheVenue) {
  EXPECT_EQ(night(1, true, 14h).date(), "2024-10-11");
  EXPECT_EQ(night(1, true, 15h).date(), "2024-10-12");  // midnight in Seoul
  Night west = night(1, true, 6h);
  west.time_zone = "America/Los_Angeles";
  EXPECT_EQ(west.date(), "2024-10-10");
}

TEST(Nights, TheDateIsOfUtcWhereTheTimeZoneIsNotKnown) {
  Night nowhere = night(1, true, 23h);
  nowhere.time_zone = "Nowhere/At_All";
  EXPECT_EQ(nowhere.date(), "2024-10-11");
}

}  // namespace
}  // namespace onsale::rush
