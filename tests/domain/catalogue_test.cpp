// Setting up what is sold: venues, events, performances and their seats.
#include "domain/catalogue.h"

#include <gtest/gtest.h>

#include "tests/support/office.h"

namespace onsale::testing {
namespace {

using namespace domain;  // every other word here is the catalogue's

constexpr Timestamp at{std::chrono::hours{10}};
constexpr Timestamp later = at + std::chrono::hours{1};

class Catalogue : public ::testing::Test {
 protected:
  CreateEvent event_command() { return {.title = "Show", .venue = venue_, .sales_open_at = at}; }
  CreatePerformance performance_command() {
    return {.event = event_,
            .name = "Fri",
            .starts_at = later,
            .price_tiers = {{"VIP", Money{300}}, {"Floor", Money{100}}}};
  }
  static std::shared_ptr<SeatingPlan> plan_of(std::vector<std::string> categories) {
    auto plan = std::make_shared<SeatingPlan>();
    for (const auto& category : categories) {
      plan->categories.push_back({category, ""});
      plan->seats.push_back({.guid = "g-" + category,
                             .label = category + "-1",
                             .section = category,
                             .row = "R",
                             .number = "1",
                             .category = category,
                             .x = 3,
                             .y = 4});
    }
    return plan;
  }

  Office office_;
  VenueId venue_ = office_.run(CreateVenue{"Hall", "Seoul", "Asia/Seoul"}, at).venue.id;
  EventId event_ = office_.run(event_command(), at).event.id;
  PerformanceId performance_ = office_.run(performance_command(), at).performance.id;
};

TEST_F(Catalogue, AnEventHasARevenueAccount) {
  const auto outcome = office_.run(event_command(), at);
  EXPECT_EQ(outcome.result, CreateEventResult::created);
  EXPECT_EQ(outcome.event.room, default_room);
  const Account& revenue = office_.tables().accounts.rbegin()->second;
  EXPECT_EQ(revenue.kind, AccountKind::revenue);
  EXPECT_EQ(revenue.owner, outcome.event.id.value);
}

TEST_F(Catalogue, VenueNotFoundBeforeRoomNotFoundBeforeInvalidWindow) {
  CreateEvent command = event_command();
  command.sales_close_at = at;
  command.room = {9};
  command.venue = {9};
  EXPECT_EQ(office_.run(command, at).result, CreateEventResult::venue_not_found);
  command.venue = venue_;
  EXPECT_EQ(office_.run(command, at).result, CreateEventResult::room_not_found);
  command.room = default_room;
  EXPECT_EQ(office_.run(command, at).result, CreateEventResult::invalid_window);
  command.sales_close_at = at + Duration{1};
  EXPECT_EQ(office_.run(command, at).result, CreateEventResult::created);
}

TEST_F(Catalogue, EventNotFoundBeforeDuplicateTierBeforeInvalidWindow) {
  CreatePerformance command = performance_command();
  command.sales_open_at = later;
  command.sales_close_at = at;
  command.price_tiers.push_back({"VIP", Money{1}});
  command.event = {9};
  EXPECT_EQ(office_.run(command, at).result, CreatePerformanceResult::event_not_found);
  command.event = event_;
  EXPECT_EQ(office_.run(command, at).result, CreatePerformanceResult::duplicate_tier);
  command.price_tiers.pop_back();
  EXPECT_EQ(office_.run(command, at).result, CreatePerformanceResult::invalid_window);
  command.sales_open_at.reset();  // one end alone is no window
  EXPECT_EQ(office_.run(command, at).result, CreatePerformanceResult::created);
}

TEST_F(Catalogue, SeatsComeFromThePlanWithThePriceOfTheirTier) {
  const auto outcome = office_.run(CreateSeats{performance_, plan_of({"Floor", "VIP"})}, at);
  EXPECT_EQ(outcome.result, CreateSeatsResult::created);
  EXPECT_EQ(outcome.seat_count, 2);
  EXPECT_EQ(office_.tables().performances.at(performance_).seat_count, 2);
  const Seat& floor = office_.tables().seats.at({1});
  const Seat& vip = office_.tables().seats.at({2});
  EXPECT_EQ(floor.label, "Floor-1");
  EXPECT_EQ(floor.price, Money{100});
  EXPECT_EQ(vip.price, Money{300});
  EXPECT_EQ(vip.status, SeatStatus::available);
  EXPECT_EQ(vip.performance, performance_);
  const SeatPlace& place = office_.tables().places.at(vip.id);
  EXPECT_EQ(place.guid, "g-VIP");
  EXPECT_EQ(office_.tables().price_tiers.at(place.tier).name, "VIP");
  EXPECT_EQ(place.x, 3);
  EXPECT_EQ(place.y, 4);
}

TEST_F(Catalogue, PerformanceNotFoundBeforeHasSeatsBeforeUnknownTier) {
  EXPECT_EQ(office_.run(CreateSeats{{9}, plan_of({"Roof"})}, at).result,
            CreateSeatsResult::performance_not_found);
  const auto unknown =
      office_.run(CreateSeats{performance_, plan_of({"Roof", "VIP", "Cellar"})}, at);
  EXPECT_EQ(unknown.result, CreateSeatsResult::unknown_tier);
  EXPECT_EQ(unknown.unknown_tiers, (std::vector<std::string>{"Roof", "Cellar"}));
  EXPECT_TRUE(office_.tables().seats.empty());  // all or nothing
  EXPECT_EQ(office_.run(CreateSeats{performance_, plan_of({"VIP"})}, at).result,
            CreateSeatsResult::created);
  EXPECT_EQ(office_.run(CreateSeats{performance_, plan_of({"Roof"})}, at).result,
            CreateSeatsResult::has_seats);
}

TEST_F(Catalogue, TwoPlansInOneBatchAreOnePlan) {
  const auto outcomes = office_.batch(
      {CreateSeats{performance_, plan_of({"VIP"})}, CreateSeats{performance_, plan_of({"Floor"})}},
      at);
  EXPECT_EQ(std::get<CreateSeatsOutcome>(outcomes[1]).result, CreateSeatsResult::has_seats);
  EXPECT_EQ(office_.tables().seats.size(), 1U);
}

}  // namespace
}  // namespace onsale::testing
