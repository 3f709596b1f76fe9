// What the fairness audit tells of honest journals, made by hand and by crowds, and what it says
// when it cannot know. What is not fair: fairness_violations_test.cpp.
#include "store/fairness.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/crowd.h"
#include "tests/support/journal_script.h"
#include "tests/support/script_text.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

store::FairnessReport audit(const std::string& journal, const Policy& defaults = {}) {
  TableReader reader = JournalScript(journal).reader();
  return store::audit_fairness(reader, defaults).value();
}

store::FairnessRoom room(const std::string& journal) {
  auto report = audit(journal);
  EXPECT_THAT(report.violations, IsEmpty());
  return std::move(report.rooms.at(0));
}

// ---- what is fair ----------------------------------------------------------------------

TEST(Fairness, AJournalWithoutVisitorsIsFair) {
  const auto report = audit("at 10:00:00  nothing");
  EXPECT_TRUE(report.fair());
  EXPECT_THAT(report.rooms, IsEmpty());
  EXPECT_EQ(report.journal_entries, 1);
}

TEST(Fairness, CountsWhatBecameOfEverybody) {
  const auto found = room(R"(
    at 10:00:00  room sessions=2 name=Hall by=1001
    at 10:00:00  1 enters
    and          1 is admitted until=10:10:00
    and          1 is heard
    and          2 enters
    and          2 is admitted until=10:02:00
    and          3 enters
    and          4 enters
    and          5 enters
    and          6 enters until=10:01:00
    and          7 enters
    and          8 enters
    at 10:00:30  3 leaves
    at 10:01:00  4 is revoked by=1001
    at 10:01:00  6 expires
    at 10:01:30  1 pays
    and          5 is admitted until=10:03:30
    at 10:02:00  2 expires
    and          7 is admitted until=10:04:00
    at 10:02:30  5 is heard until=10:02:40
    at 10:02:40  5 expires
    and          8 is admitted until=10:04:40
    at 10:03:00  9 enters
    and          10 enters
    at 10:03:10  7 leaves
    and          9 is admitted until=10:05:10
    at 10:03:20  8 is revoked by=1002
  )");
  EXPECT_EQ(found.name, "Hall");
  EXPECT_EQ(found.arrivals, 10);
  EXPECT_EQ(found.admitted, 6);
  EXPECT_EQ(found.while_waiting.left, 1);
  EXPECT_EQ(found.while_waiting.revoked, 1);
  EXPECT_EQ(found.while_waiting.expired, 1);
  EXPECT_EQ(found.after_admission.completed, 1);
  EXPECT_EQ(found.after_admission.unclaimed, 1);
  EXPECT_EQ(found.after_admission.expired, 1);
  EXPECT_EQ(found.after_admission.left, 1);
  EXPECT_EQ(found.after_admission.revoked, 1);
  EXPECT_EQ(found.still_waiting, 1);
  EXPECT_EQ(found.still_active, 1);
  EXPECT_EQ(found.waiting_max, 6);
  EXPECT_EQ(found.active_max, 2);
}

TEST(Fairness, NamesWhoLostAPlaceAndWhy) {
  const auto found = room(R"(
    at 10:00:00  1 enters until=10:01:00
    and          2 enters
    and          3 enters
    and          4 enters
    at 10:01:00  1 expires
    at 10:01:01  2 is revoked by=1001
    at 10:01:02  3 leaves
    at 10:01:03  4 is admitted until=10:03:03
    at 10:03:03  4 expires
  )");
  std::vector<std::string> lines;
  lines.reserve(found.exceptions.size());
  for (const auto& e : found.exceptions) {
    lines.push_back(fmt::format("{} {}{}, {} to {}, by {}", e.number, to_text(e.cause),
                                e.admitted ? " after admission" : "", time_text(e.entered_at),
                                time_text(e.ended_at), e.by.value));
  }
  EXPECT_THAT(lines, ElementsAre("1 idle for too long, 10:00:00 to 10:01:00, by 0",
                                 "2 revoked, 10:00:00 to 10:01:01, by 1001",
                                 "3 left, 10:00:00 to 10:01:02, by 0",
                                 "4 did not show up after admission, 10:00:00 to 10:03:03, by 0"));
}

TEST(Fairness, ListsOnlySoManyExceptionsAndCountsTheRest) {
  std::string journal = "at 10:00:00  nothing\n";
  for (int n = 1; n <= 510; ++n) {
    journal += fmt::format("and  {} enters\nand  {} leaves\n", n, n);
  }
  const auto found = room(journal);
  EXPECT_THAT(found.exceptions, SizeIs(store::fairness_exceptions_max));
  EXPECT_EQ(found.exceptions_left_out, 10);
}

TEST(Fairness, MeasuresHowLongPeopleWaited) {
  std::string journal = "at 10:00:00  nothing\n";
  for (int n = 1; n <= 100; ++n) journal += fmt::format("and  {} enters\n", n);
  for (int n = 1; n <= 100; ++n) {
    journal += fmt::format("at 10:{:02}:{:02}  {} is admitted\n", n / 60, n % 60, n);
  }
  const auto found = room(journal);
  const auto near = [](Duration wait, std::int64_t seconds) {
    return std::abs(wait.count() - seconds * 1000) <= seconds;  // a thousandth of it
  };
  EXPECT_EQ(found.waits.count(), 100);
  EXPECT_EQ(found.waits.longest(), Duration{100'000});
  EXPECT_TRUE(near(found.waits.percentile(50), 50)) << found.waits.percentile(50).count();
  EXPECT_TRUE(near(found.waits.percentile(99), 99)) << found.waits.percentile(99).count();
  EXPECT_EQ(found.waits.percentile(100), Duration{100'000});
}

TEST(Fairness, KeepsARoomsHistoryInSpansOfTime) {
  const auto found = room(R"(
    at 10:00:00.500  1 enters
    at 10:00:01      2 enters
    at 10:00:03.100  1 is admitted
    and              2 is admitted
    at 10:00:14      3 enters
    at 10:01:03      3 is admitted
  )");
  EXPECT_EQ(found.timeline.begin(), parse_time("10:00:00"));
  EXPECT_EQ(found.timeline.span(), Duration{1000});
  std::vector<std::int64_t> waiting;
  std::vector<double> per_minute;
  for (std::size_t i = 0; i < 16; ++i) {
    waiting.push_back(found.timeline.spans().at(i).waiting_max);
    per_minute.push_back(found.timeline.admitted_per_minute(i));
  }
  EXPECT_THAT(waiting, ElementsAre(1, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1));
  EXPECT_THAT(per_minute, ElementsAre(0, 0, 0, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 0, 0, 0));
  EXPECT_THAT(found.timeline.spans(), SizeIs(64));
  EXPECT_EQ(found.timeline.admitted_in_a_minute_max(), 2) << "the third came a minute later";
}

TEST(Fairness, ALongHistoryHasLongerSpans) {
  store::Timeline timeline;
  for (int hour = 0; hour < 1000; ++hour) {
    timeline.note(midnight + std::chrono::hours{hour}, hour, 0, /*admission=*/true);
  }
  EXPECT_LE(timeline.spans().size(), store::Timeline::spans_max);
  EXPECT_GE(timeline.spans().size(), store::Timeline::spans_max / 2);
  std::int64_t admitted = 0;
  for (const auto& span : timeline.spans()) admitted += span.admitted;
  EXPECT_EQ(admitted, 1000);
  EXPECT_EQ(timeline.spans().back().waiting_max, 999);
  EXPECT_LE(timeline.admitted_in_a_minute_max(), 1);
}

TEST(Fairness, SaysWhatOrganisersChanged) {
  const auto found = room(R"(
    at 10:00:00  room sessions=2 by=1001
    at 10:01:00  room paused by=1002
    at 10:02:00  room open sessions=default rate=60 by=1001
  )");
  std::vector<std::string> lines;
  lines.reserve(found.changes.size());
  for (const auto& change : found.changes) {
    lines.push_back(fmt::format("{} {}: {}", time_text(change.at), change.by.value, change.what));
  }
  EXPECT_THAT(lines, ElementsAre("10:00:00 1001: active_sessions_max 2", "10:01:00 1002: paused",
                                 "10:02:00 1001: open, active_sessions_max default, "
                                 "admission_rate_per_minute 60"));
}

// ---- lotteries -------------------------------------------------------------------------

TEST(Fairness, ALotteryAdmitsInTheOrderOfTheDraw) {
  const auto found = room(R"(
    at 10:00:00  room order=lottery opens=10:05:00 by=1001
    at 10:00:01  1 enters by lot           # the order of the lots is 2 5 1 3 4
    and          2 enters by lot
    and          3 enters by lot
    and          4 enters by lot
    and          5 enters by lot
    at 10:04:00  1 leaves
    at 10:05:00  the draw is held
    and          6 enters
    and          2 is admitted
    at 10:05:01  5 is admitted
    and          3 is admitted
    and          4 is admitted
    and          6 is admitted
  )");
  ASSERT_TRUE(found.draw.has_value());
  EXPECT_EQ(found.draw->seed, script_seed);
  EXPECT_EQ(found.draw->numbers, 5);
  EXPECT_EQ(found.draw->left, 1);
  EXPECT_EQ(found.draw->at, parse_time("10:05:00"));
}

// ---- what the journal does not have ------------------------------------------------------

TEST(Fairness, SaysThatTheConfigurationsLimitsAreTodays) {
  EXPECT_THAT(room(R"(
    at 10:00:00  room rate=60000
    at 10:00:00  1 enters
    and          1 is admitted
  )")
                  .notes,
              ElementsAre("What the room did not set itself was taken from the configuration as it "
                          "is now, since the journal does not have what it was: 1000 sessions at a "
                          "time, no limit of the rate."));
}

TEST(Fairness, NothingIsAssumedOnceDefaultsWereDeclared) {
  const auto found = room(R"(
    at 09:00:00  policy rate=60
    at 10:00:00  room name=R
    at 10:00:00  1 enters
    and          1 is admitted
    at 11:00:00  policy rate=120 sessions=5
    at 11:00:00  policy rate=120 sessions=5
  )");
  EXPECT_THAT(found.notes, IsEmpty());
  ASSERT_EQ(found.changes.size(), 2U);
  EXPECT_EQ(found.changes[1].what,
            "defaults: active_sessions_max 5, admission_rate_per_minute 120");
}

TEST(Fairness, NothingIsAssumedOfARoomThatSetsAllItself) {
  EXPECT_THAT(room(R"(
    at 10:00:00  room sessions=2 rate=60
    at 10:00:00  1 enters
    and          1 is admitted
  )")
                  .notes,
              IsEmpty());
}

TEST(Fairness, SaysThatARoomWithoutChangesIsTakenAsItIs) {
  TableReader reader = JournalScript("at 10:00:00  1 enters").reader();
  const auto notes = [&] { return store::audit_fairness(reader, {}).value().rooms.at(0).notes; };
  EXPECT_THAT(notes(), ElementsAre("The journal has no change of this room: it was taken to be "
                                   "open all the time."));
  reader.tables.rooms.at({1}).policy.active_sessions_max = 1;
  EXPECT_THAT(notes(), ElementsAre("The journal has no change of this room: it was taken to be "
                                   "open all the time, with the limits and the opening it has "
                                   "now."));
}

TEST(Fairness, SaysWhenTheStoreCannotBeRead) {
  TableReader reader = JournalScript("at 10:00:00  1 enters").reader();
  reader.broken = store::Error{store::Failure::damaged, "not a database"};
  EXPECT_EQ(store::audit_fairness(reader, {}).error().message, "not a database");
}

TEST(FairnessOfCrowds, WhateverACrowdDoesIsFair) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    Crowd crowd(seed, 30);
    const WaitingRoom scene = crowd.office().tables().rooms.at({1});
    for (int i = 0; i < 100; ++i) crowd.step(20);
    TableReader reader{crowd.office().tables()};
    // The crowd's house was set up without commands.
    reader.journal.front().records.insert(reader.journal.front().records.begin(),
                                          RoomMoved{RoomStep::changed, scene});
    EXPECT_THAT(store::audit_fairness(reader, crowd.office().policy).value().violations, IsEmpty())
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace onsale::testing
