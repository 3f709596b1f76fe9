#include "app/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/execute.h"
#include "tests/app/temporary_folder.h"

namespace onsale::app {
namespace {

using testing::HasSubstr;

const std::string plan = R"({"name": "P", "size": {"width": 10, "height": 10},
  "categories": [{"name": "A", "color": "red"}],
  "zones": [{"name": "", "position": {"x": 0, "y": 0}, "rows": [{"row_number": "",
    "seats": [{"seat_guid": "1", "seat_number": "1", "category": "A", "position": {"x": 0, "y": 0}},
              {"seat_guid": "2", "seat_number": "2", "category": "A", "position": {"x": 1, "y": 0}}
    ]}]}]})";

const std::string event = R"({
  "event": {"title": "T", "artist": "", "sales_open_at": "2027-01-01T00:00:00Z"},
  "venue": {"name": "V", "time_zone": "Asia/Seoul"},
  "performances": [{"name": "N", "starts_at": "2027-02-01T19:00:00+09:00",
    "price_tiers": [{"name": "A", "price": 5}], "seating_plan": "plan.json"}]})";

std::string with(const std::string& text, const std::string& from, const std::string& to) {
  std::string changed = text;
  const std::size_t at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return changed.replace(at, from.size(), to);
}

class EventFile : public testing::Test {
 protected:
  EventFile() { folder_.write("plan.json", plan); }

  std::expected<SetUpOffice, std::string> read(std::string_view text) {
    return read_event_file(folder_.write("event.json", text));
  }
  std::string refusal(const std::string& from, const std::string& to) {
    const auto set_up = read(with(event, from, to));
    return set_up ? "accepted" : set_up.error();
  }

  TemporaryFolder folder_;
};

TEST_F(EventFile, IsReadWithItsPlans) {
  const auto set_up = read(event);
  ASSERT_TRUE(set_up) << set_up.error();
  EXPECT_TRUE(set_up->users.empty());
  EXPECT_EQ(set_up->venues.at(0).time_zone, "Asia/Seoul");
  const SetUpOffice::Show& show = set_up->shows.at(0);
  EXPECT_EQ(show.event.room, domain::default_room);
  EXPECT_EQ(show.performances.at(0).plan->seats.size(), 2U);
  EXPECT_EQ(show.performances.at(0).performance.starts_at,
            std::chrono::sys_days{std::chrono::February / 1 / 2027} + std::chrono::hours{10});
}

TEST_F(EventFile, ExampleIsValid) {
  const auto set_up = read_event_file(ONSALE_SOURCE_DIR "/data/events/hall-concert.json");
  ASSERT_TRUE(set_up) << set_up.error();
  EXPECT_EQ(set_up->shows.at(0).performances.at(1).plan->seats.size(), 50U);
}

TEST_F(EventFile, RefusalsNameFileAndPlace) {
  EXPECT_THAT(refusal(R"("title": "T")", R"("title": "")"),
              HasSubstr("event.json: event.title: must not be empty"));
  EXPECT_THAT(refusal(R"("price": 5)", R"("price": -5)"),
              HasSubstr("event.json: performances[0].price_tiers[0].price"));
  EXPECT_THAT(refusal(R"("artist": "")", R"("artist": "", "singer": "")"),
              HasSubstr("event.json: event.singer"));
  EXPECT_THAT(refusal("Asia/Seoul", "Asia/Sole"), HasSubstr("event.json: venue.time_zone"));
  EXPECT_THAT(refusal("2027-01-01T00:00:00Z", "New Year"), HasSubstr("event.sales_open_at"));
  EXPECT_THAT(refusal(R"(2027-01-01T00:00:00Z")",
                      R"(2027-01-01T00:00:00Z", "sales_close_at": "2027-01-01T00:00:00Z")"),
              HasSubstr("event.json: event.sales_close_at: must be later"));
  EXPECT_THAT(refusal(R"([{"name": "A", "price": 5}])", R"([{"name": "B", "price": 5}])"),
              HasSubstr("performances[0].price_tiers: has no price for the seating plan's category "
                        "\"A\""));
  EXPECT_THAT(refusal(R"({"name": "A", "price": 5})",
                      R"({"name": "A", "price": 5}, {"name": "A", "price": 6})"),
              HasSubstr("performances[0].price_tiers: has \"A\" twice"));
  EXPECT_THAT(refusal(R"("event": {)", R"("event": )"), HasSubstr("event.json: "));
}

TEST_F(EventFile, RefusalsOfPlansNameThePlanAndThePlace) {
  EXPECT_THAT(refusal("plan.json", "other.json"), HasSubstr("other.json: No such file"));
  folder_.write("bad.json", with(plan, R"("seat_guid": "2")", R"("seat_guid": "1")"));
  EXPECT_THAT(refusal("plan.json", "bad.json"),
              HasSubstr("bad.json: zones[0].rows[0].seats[1].seat_guid: duplicates"));
}

TEST_F(EventFile, OfASeatingPlanAsksForThePerformance) {
  const auto set_up = read(plan);
  ASSERT_FALSE(set_up);
  EXPECT_THAT(set_up.error(), HasSubstr("is a seating plan: say which performance"));
}

class EventImport : public EventFile {
 protected:
  EventImport() : store_(*store::open("memory:", store::Access::read_write)) {
    engine_ = *engine::Engine::start(*store_, clock_, {}, {});
  }

  engine::ManualClock clock_{std::chrono::sys_days{std::chrono::May / 1 / 2026}};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
};

TEST_F(EventImport, CreatesAllOfIt) {
  const auto outcome = execute(*engine_, *read(event));
  ASSERT_TRUE(outcome) << outcome.error();
  ASSERT_EQ(outcome->result, SetUpResult::done);
  EXPECT_EQ(outcome->shows.at(0).event.value, 1);
  EXPECT_EQ(outcome->shows.at(0).performances.at(0).seat_count, 2);
  const auto catalogue = engine_->views().catalogue();
  EXPECT_EQ(catalogue->venues.size(), 1U);
  EXPECT_EQ(catalogue->performance(domain::PerformanceId{1})->performance.seat_count, 2);
}

TEST_F(EventImport, OfAnUnknownRoomChangesNothing) {
  const auto outcome = execute(
      *engine_, *read(with(event, R"("artist": "")", R"("artist": "", "waiting_room_id": 9)")));
  ASSERT_TRUE(outcome) << outcome.error();
  EXPECT_EQ(outcome->result, SetUpResult::room_not_found);
  EXPECT_TRUE(engine_->views().catalogue()->venues.empty());
  EXPECT_EQ((*store_->reader())->journal_end()->value, 0);
}

TEST_F(EventImport, OfAnUncheckedShowChangesNothing) {
  SetUpOffice set_up = *read(event);
  set_up.shows[0].performances[0].performance.price_tiers.clear();
  ASSERT_TRUE(find_problem(set_up.shows[0]));
  EXPECT_FALSE(execute(*engine_, std::move(set_up)));
  EXPECT_TRUE(engine_->views().catalogue()->venues.empty());
  EXPECT_EQ((*store_->reader())->journal_end()->value, 0);
}

}  // namespace
}  // namespace onsale::app
