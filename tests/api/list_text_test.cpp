// The list of all performances of document 000: the text that is put together is that of its shape.
#include "api/dialects/performances/list_text.h"

#include <gtest/gtest.h>

#include "domain/reservation.h"

namespace onsale::api::dialects::performances {
namespace {

constexpr domain::Timestamp today = domain::from_millis(1'800'000'000'000);
const QueueData session{.id = "x", .issued_timestamp = 1, .active_timestamp = 2};

void add_performance(engine::Catalogue& to, std::int64_t event, std::int64_t id,
                     domain::Duration ahead, std::int64_t available) {
  auto& entry = to.performances[{id}];
  entry.performance = {.id = {id}, .event = {event}, .name = "Night", .starts_at = today + ahead};
  entry.seats = std::make_shared<engine::Seats>();
  auto map = std::make_shared<engine::SeatMap>();
  map->performance = {id};
  map->layout = std::make_shared<engine::SeatLayout>();
  map->available = available;
  entry.seats->keep(std::move(map));
  to.performances_of[{event}].push_back({id});
}

/// Three events, one of them without dates; of the others dates that are over and that sell.
engine::Catalogue catalogue() {
  engine::Catalogue all;
  all.venues[{1}] = {.id = {1}, .name = "Hall \"A\"", .location = "Seoul", .time_zone = "UTC"};
  for (const std::int64_t id : {1, 2, 3}) {
    all.events[{id}] = {.id = {id}, .title = "Show", .artist = "They", .venue = {id % 2}};
  }
  add_performance(all, 1, 1, -std::chrono::hours{50}, 5);
  add_performance(all, 1, 2, std::chrono::hours{1}, 12);
  add_performance(all, 1, 3, std::chrono::hours{2}, 7);
  add_performance(all, 3, 4, -std::chrono::hours{1}, 9);
  add_performance(all, 3, 5, std::chrono::hours{1}, 0);
  all.index();
  return all;
}

std::string as_shape(const engine::Catalogue& all, domain::Timestamp now) {
  PerformanceList list{.data = {}, .queue_data = session};
  for (const auto& [id, event] : all.events) {
    auto& performance = list.data.emplace_back(performance_of<StagingDate>(all, event));
    const auto of = all.performances_of.find(id);
    if (of == all.performances_of.end()) continue;
    for (const auto staging : of->second) {
      const auto& entry = *all.performance(staging);
      const bool closed = now >= sales_window(event, entry.performance).closes_at;
      performance.performance_staging_date.push_back(
          {.id = staging,
           .staging_date = entry.performance.starts_at,
           .reserveable_seats_count = closed ? 0 : entry.seats->summary()->available});
    }
  }
  return http::write(list);
}

TEST(PerformanceListText, IsTheTextOfTheShape) {
  const auto all = catalogue();
  PerformanceListText text;
  EXPECT_EQ(text.body(all, today, session), as_shape(all, today));
  EXPECT_EQ(text.body({}, today, session), as_shape({}, today)) << "nothing at all";
}

TEST(PerformanceListText, CountsTheSeatsOfNow) {
  const auto all = catalogue();
  PerformanceListText text;
  (void)text.body(all, today, session);
  auto map = std::make_shared<engine::SeatMap>(*all.performance({2})->seats->get());
  map->available = 3;
  all.performance({2})->seats->keep(std::move(map));
  EXPECT_TRUE(text.is_worded(all, today));
  EXPECT_EQ(text.body(all, today, session), as_shape(all, today));
}

TEST(PerformanceListText, ShowsNoneWhereTheSaleHasClosed) {
  const auto all = catalogue();
  PerformanceListText text;
  (void)text.body(all, today, session);
  for (const auto later :
       {std::chrono::minutes{59}, std::chrono::minutes{60}, std::chrono::minutes{200}}) {
    EXPECT_EQ(text.body(all, today + later, session), as_shape(all, today + later));
  }
  EXPECT_EQ(text.body(all, today, session), as_shape(all, today)) << "the clock was set back";
}

TEST(PerformanceListText, FollowsTheCatalogue) {
  const auto all = catalogue();
  PerformanceListText text;
  (void)text.body(all, today, session);
  auto other = all;
  EXPECT_TRUE(text.is_worded(other, today)) << "only rooms may be different";
  other.shows = std::make_shared<const engine::Catalogue::Shows>();
  other.events.at({1}).title = "Another";
  EXPECT_FALSE(text.is_worded(other, today));
  EXPECT_EQ(text.body(other, today, session), as_shape(other, today));
}

}  // namespace
}  // namespace onsale::api::dialects::performances
