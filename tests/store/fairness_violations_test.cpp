// The fairness audit against journals made by hand in which something is wrong: each thing that a
// waiting room promises not to do is found where it was done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/fairness.h"
#include "tests/support/journal_script.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> violations(const std::string& journal, const Policy& defaults = {}) {
  TableReader reader = JournalScript(journal).reader();
  return store::audit_fairness(reader, defaults).value().violations;
}

// ---- numbers ---------------------------------------------------------------------------

TEST(Unfairness, NumbersHaveNoGaps) {
  EXPECT_THAT(
      violations(R"(
    at 10:00:00  1 enters
    at 10:00:01  3 enters
    at 10:00:02  2 enters
    at 10:00:03  4 enters
  )"),
      ElementsAre("room 1: number 3 was given after 1", "room 1: number 2 was given after 3"));
}

TEST(Unfairness, EachRoomHasItsOwnNumbers) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters in=1
    and          1 enters in=2
    and          2 enters in=1
    and          1 is admitted in=1
    and          1 is admitted in=2
  )"),
              IsEmpty());
}

TEST(Unfairness, NobodyIsThereTwice) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    at 10:00:01  1 enters
  )"),
              ElementsAre("room 1: number 1 was given after 1", "room 1: number 1 is there twice"));
}

// ---- order -----------------------------------------------------------------------------

TEST(Unfairness, NobodyIsAdmittedBeforeALowerNumberWhoWaits) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    at 10:00:01  2 enters
    at 10:00:02  2 is admitted
    at 10:00:03  1 is admitted
  )"),
              ElementsAre("room 1: number 2 was admitted at 2026-06-01T10:00:02.000Z before number "
                          "1, who waited since 2026-06-01T10:00:00.000Z"));
}

TEST(Unfairness, AlsoWithinOneEntry) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    and          2 enters
    and          2 is admitted
    and          1 is admitted
  )"),
              SizeIs(1));
}

TEST(Unfairness, WhoWasOvertakenIsNamedOnce) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    and          2 enters
    and          3 enters
    and          4 enters
    at 10:00:01  3 is admitted
    at 10:00:02  2 is admitted
    at 10:00:03  4 is admitted
  )"),
              ElementsAre(HasSubstr("number 3 was admitted at 2026-06-01T10:00:01.000Z before "
                                    "number 1")));
}

TEST(Unfairness, WhoIsGoneIsNotOvertaken) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    and          2 enters until=10:00:05
    and          3 enters
    at 10:00:01  1 leaves
    at 10:00:05  3 is admitted       # number 2 is overdue: nobody wrote it down yet
    at 10:00:05  2 expires
  )"),
              IsEmpty());
}

TEST(Unfairness, WhoIsHeardOfIsNotOverdue) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters until=10:00:05
    and          2 enters
    at 10:00:04  1 is heard until=10:00:09
    at 10:00:05  2 is admitted
  )"),
              ElementsAre(HasSubstr("number 2 was admitted at 2026-06-01T10:00:05.000Z before "
                                    "number 1")));
}

TEST(Unfairness, PlacesAreTheNumbers) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    at 10:00:01  2 enters place=1
    at 10:00:02  3 enters
    at 10:00:03  1 is admitted
    and          2 is admitted
    and          3 is admitted place=1
  )"),
              ElementsAre("room 1: number 2 stands at place 1",
                          "room 1: number 3 had place 3 and was admitted with 1"));
}

TEST(Unfairness, StepsFollowEachOther) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 is admitted
    at 10:00:01  1 enters
    and          1 is admitted
    and          1 is admitted
    and          2 is heard
    at 10:00:02  1 pays
    and          1 leaves
    and          2 enters
    and          2 pays
  )"),
              ElementsAre("room 1: number 1 was admitted, but is not there",
                          "room 1: number 1 was admitted twice",
                          "room 1: number 2 was heard of, but is not there",
                          "room 1: number 1 was ended, but is not there",
                          "room 1: number 2 completed a session without being admitted"));
}

TEST(Unfairness, NobodyExpiresBeforeTheirTime) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    and          1 is admitted until=10:02:00
    and          2 enters
    at 10:01:59  1 expires
    and          2 expires
  )"),
              ElementsAre("room 1: number 1 expired at 2026-06-01T10:01:59.000Z, before its time",
                          "room 1: number 2 expired at 2026-06-01T10:01:59.000Z, before its time"));
}

// ---- limits ----------------------------------------------------------------------------

TEST(Unfairness, SilenceCountsOnlyWhilePeopleCanBeHeard) {
  const char* const outage = R"(
    at 10:00:00  room idle=30s sessions=1
    at 10:00:00  1 enters until=10:00:30
    and          2 enters until=10:00:30
    at 10:01:00  people can be heard again
    and          1 is excused until=10:01:30
  )";
  EXPECT_THAT(violations(outage), IsEmpty());
  EXPECT_THAT(violations(std::string(outage) + R"(
    at 10:01:29  2 expires
  )"),
              ElementsAre("room 1: number 2 expired at 2026-06-01T10:01:29.000Z, before its time"));
  EXPECT_THAT(violations(std::string(outage) + R"(
    at 10:01:30  2 expires
    and          1 expires
  )"),
              IsEmpty());
}

TEST(Unfairness, NobodyIsOvertakenForASilenceThatDoesNotCount) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  room idle=30s sessions=1
    at 10:00:00  1 enters until=10:00:30
    and          2 enters until=10:00:30
    at 10:01:00  people can be heard again
    at 10:01:10  2 is admitted
  )"),
              ElementsAre(HasSubstr("number 2 was admitted")));
}

TEST(Unfairness, NorDoesWhoWasAdmittedAndCouldNotBeHeardLoseTheSlot) {
  const char* const outage = R"(
    at 10:00:00  room claim=60s session=600s
    at 10:00:00  1 enters
    at 10:00:10  1 is admitted until=10:01:10
    at 10:05:00  people can be heard again
  )";
  EXPECT_THAT(violations(std::string(outage) + "at 10:05:01  1 expires\n"),
              ElementsAre(HasSubstr("number 1 expired")));
  EXPECT_THAT(violations(std::string(outage) + "at 10:06:00  1 expires\n"), IsEmpty());
  EXPECT_THAT(violations(std::string(outage) + R"(
    at 10:05:30  1 is heard until=10:10:10
    at 10:10:09  1 expires
  )"),
              ElementsAre(HasSubstr("number 1 expired")));
}

TEST(Unfairness, NobodyIsExcusedWhoCouldBeHeard) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters until=10:00:30
    at 10:00:30  1 is excused until=10:01:00
  )"),
              ElementsAre(HasSubstr("number 1 was excused at 2026-06-01T10:00:30.000Z, but")));
}

TEST(Unfairness, NoMoreAreActiveThanTheRoomAllowsAtTheTime) {
  const std::string journal = R"(
    at 10:00:00  room sessions=2
    at 10:00:00  1 enters
    and          2 enters
    and          3 enters
    and          4 enters
    and          5 enters
    and          1 is admitted
    and          2 is admitted
    at 10:00:01  room sessions=1      # nobody is thrown out
    at 10:00:02  1 pays
    at 10:00:03  2 pays
    and          3 is admitted
    at 10:00:04  room sessions=2
    and          4 is admitted
  )";
  EXPECT_THAT(violations(journal), IsEmpty());
  EXPECT_THAT(
      violations(journal + "at 10:00:05  5 is admitted"),
      ElementsAre("room 1: number 5 was admitted while 2 were active already; 2 are allowed "
                  "(the room's own)"));
}

TEST(Unfairness, TheConfigurationCountsForWhatARoomDoesNotSet) {
  EXPECT_THAT(
      violations(R"(
    at 10:00:00  room rate=60000
    at 10:00:00  1 enters
    and          2 enters
    and          1 is admitted
    and          2 is admitted
  )",
                 {.room = {.active_sessions_max = 1}}),
      ElementsAre("room 1: number 2 was admitted while 1 were active already; 1 are allowed "
                  "(the configuration's default)"));
}

TEST(Unfairness, NoFasterThanTheRate) {
  const std::string journal = R"(
    at 10:00:00    room rate=120      # two a second, and as many at once
    at 10:00:00    1 enters
    and            2 enters
    and            3 enters
    and            4 enters
    at 10:00:10    1 is admitted
    and            2 is admitted
    at 10:00:10.5  3 is admitted
  )";
  EXPECT_THAT(violations(journal), IsEmpty());
  EXPECT_THAT(violations(journal + "at 10:00:10.9  4 is admitted"),
              ElementsAre("room 1: number 4 was admitted too soon after those before; 120 a minute "
                          "are allowed (the room's own)"));
  EXPECT_THAT(violations(journal + "at 10:00:11  4 is admitted"), IsEmpty());
  EXPECT_THAT(violations(journal + R"(
    at 10:00:10.5  room rate=0
    and            4 is admitted)"),
              IsEmpty());
}

// ---- what a server declares ------------------------------------------------------------

constexpr const char* two_at_once = R"(
    and          1 is admitted
    and          2 is admitted
)";

TEST(Unfairness, TheDefaultsAreThoseThatWereDeclaredAtTheTime) {
  const Policy one_a_second{.room = {.admission_rate_per_minute = 60}};
  const std::string entered = R"(
    at 10:00:00  1 enters
    and          2 enters
  )";
  EXPECT_THAT(violations("at 09:00:00  policy rate=60" + entered + two_at_once),
              ElementsAre("room 1: number 2 was admitted too soon after those before; 60 a minute "
                          "are allowed (the configuration's default)"))
      << "though today's configuration has no limit";
  EXPECT_THAT(violations("at 09:00:00  policy rate=0" + entered + two_at_once, one_a_second),
              IsEmpty())
      << "though today's configuration has one";
  EXPECT_THAT(violations("at 09:00:00  policy rate=60" + entered + "at 10:00:00  policy rate=0\n" +
                         two_at_once),
              IsEmpty())
      << "it was restarted in between";
  EXPECT_THAT(violations(entered + two_at_once, one_a_second), SizeIs(1))
      << "an older journal has nothing but today's configuration";
  EXPECT_THAT(violations("at 09:00:00  policy sessions=1" + entered + two_at_once),
              ElementsAre(HasSubstr("1 are allowed (the configuration's default)")));
  EXPECT_THAT(
      violations("at 09:00:00  policy rate=60" + entered + "and  room rate=0\n" + two_at_once),
      IsEmpty())
      << "what a room sets itself goes before it";
}

TEST(Unfairness, TimesFollowTheOrderOfTheJournal) {
  const std::string journal = R"(
    at 10:00:00  1 enters
    and          2 enters
    at 10:00:05  1 is admitted
    at 10:00:03  2 is admitted
  )";
  EXPECT_THAT(violations("at 09:00:00  policy sessions=9" + journal),
              ElementsAre("room 1: what happened to number 2 at 2026-06-01T10:00:03.000Z comes "
                          "after what happened at 2026-06-01T10:00:05.000Z"));
  EXPECT_THAT(violations(journal), IsEmpty()) << "a server of before, whose clock was set back";
}

TEST(Unfairness, AClockThatIsBehindAdmitsNoFaster) {
  EXPECT_THAT(violations(R"(
    at 09:00:00  policy rate=60
    at 10:00:00  1 enters
    and          2 enters
    at 10:00:05  1 is admitted
    at 10:00:03  2 is admitted
  )"),
              ElementsAre(HasSubstr("what happened to number 2"), HasSubstr("too soon")));
}

TEST(Unfairness, NobodyIsAdmittedWhileTheRoomIsPausedOrClosed) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    and          2 enters
    and          3 enters
    at 10:00:01  room paused
    at 10:00:02  1 is admitted
    at 10:00:03  room open
    at 10:00:04  2 is admitted
    at 10:00:05  room closed
    at 10:00:06  3 is admitted
    at 10:00:07  4 enters
  )"),
              ElementsAre("room 1: number 1 was admitted while the room was paused",
                          "room 1: number 3 was admitted while the room was closed",
                          "room 1: number 4 entered while the room was closed"));
}

TEST(Unfairness, NobodyIsAdmittedBeforeTheRoomOpens) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  room opens=10:05:00
    at 10:00:01  1 enters
    and          2 enters
    at 10:04:59  1 is admitted
    at 10:05:00  2 is admitted
  )"),
              ElementsAre("room 1: number 1 was admitted before the room opened"));
}

// ---- lotteries -------------------------------------------------------------------------

// The order of the lots of 1 to 5 in room 1, by script_seed, is 2 5 1 3 4.
const std::string lottery = R"(
  at 10:00:00  room order=lottery opens=10:05:00 by=1001
  at 10:00:01  1 enters by lot
  and          2 enters by lot
  and          3 enters by lot
  and          4 enters by lot
  and          5 enters by lot
  at 10:04:00  1 leaves
)";

TEST(Unfairness, AnotherOrderThanTheDrawsIsFound) {
  EXPECT_THAT(violations(lottery + R"(
    at 10:05:00  the draw is held
    and          2 is admitted
    and          3 is admitted
  )"),
              ElementsAre(HasSubstr("number 3 was admitted at 2026-06-01T10:05:00.000Z before "
                                    "number 5")));
  EXPECT_THAT(violations(lottery + R"(
    at 10:05:00  the draw is held
    and          6 enters
    and          6 is admitted
  )"),
              ElementsAre(HasSubstr("number 6 was admitted at 2026-06-01T10:05:00.000Z before "
                                    "number 2")));
}

TEST(Unfairness, LotsAreThoseOfTheSeed) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  room order=lottery opens=10:05:00 by=1001
    at 10:00:01  1 enters by lot
    and          2 enters place=-4611686018427387904
    and          3 enters place=-1
    at 10:04:00  3 leaves
    at 10:05:00  the draw is held
  )"),
              ElementsAre("room 1: number 3 got another lot than the one the seed gives",
                          "room 1: number 2 got another lot than the one the seed gives"));
  EXPECT_THAT(violations(lottery + "at 10:05:00  the draw is held seed=" + std::string(64, '6')),
              SizeIs(5));
  EXPECT_THAT(violations(R"(
    at 10:00:00  room order=lottery opens=10:05:00 by=1001
    at 10:05:00  the draw is held seed=secret
  )"),
              ElementsAre("room 1: a draw without a seed was held at 2026-06-01T10:05:00.000Z"));
}

TEST(Unfairness, WhoComesBeforeTheOpeningGetsALotAndNobodyElse) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  room order=lottery opens=10:05:00 by=1001
    at 10:00:01  1 enters by lot
    and          2 enters
    at 10:05:00  3 enters by lot
    and          the draw is held
    at 10:05:01  4 enters by lot
  )"),
              ElementsAre("room 1: number 3 got a lot, but no draw was ahead",
                          "room 1: number 2 came before the opening, but got no lot",
                          "room 1: number 4 got a lot, but no draw was ahead"));
  EXPECT_THAT(violations("at 10:00:00  1 enters by lot"),
              ElementsAre("room 1: number 1 got a lot, but no draw was ahead"));
}

TEST(Unfairness, AFirstComeRoomMayHaveAnOpeningWithoutADraw) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  room opens=10:05:00
    at 10:00:01  1 enters
    at 10:05:00  1 is admitted
  )"),
              IsEmpty());
}

TEST(Unfairness, TheDrawIsHeldOnceAndBeforeAnybodyIsAdmitted) {
  EXPECT_THAT(violations(lottery + R"(
    at 10:05:00  2 is admitted
    at 10:05:01  the draw is held
    at 10:05:02  the draw is held
  )"),
              ElementsAre("room 1: number 2 was admitted before the draw",
                          "room 1: a second draw was held at 2026-06-01T10:05:02.000Z"));
  EXPECT_THAT(violations(lottery + "at 10:04:59  the draw is held"),
              ElementsAre("room 1: the draw was held before the opening"));
}

// ---- what the journal does not have ------------------------------------------------------

TEST(Unfairness, WithoutChangesInTheJournalTheRoomsLimitsOfTodayCount) {
  TableReader reader = JournalScript(R"(
    at 10:00:00  1 enters
    and          2 enters
    and          1 is admitted
    and          2 is admitted
  )")
                           .reader();
  reader.tables.rooms.at({1}).policy.active_sessions_max = 1;
  EXPECT_THAT(store::audit_fairness(reader, {}).value().violations,
              ElementsAre(HasSubstr("while 1 were active already")));
}

TEST(Unfairness, BeforeItsFirstChangeARoomHasNothingSet) {
  EXPECT_THAT(violations(R"(
    at 10:00:00  1 enters
    and          2 enters
    and          1 is admitted
    and          2 is admitted
    at 10:00:01  room sessions=1
  )"),
              IsEmpty());
}

TEST(Unfairness, ARoomThatIsGoneIsAuditedLikeAnyOther) {
  TableReader reader = JournalScript(R"(
    at 10:00:00  1 enters
    and          2 enters
    and          2 is admitted
  )")
                           .reader();
  reader.tables.rooms.clear();
  EXPECT_THAT(store::audit_fairness(reader, {}).value().violations, SizeIs(1));
}

TEST(Unfairness, ListsOnlySoManyViolationsAndCountsTheRest) {
  std::string journal = "at 10:00:00  nothing\n";
  for (int n = 2; n <= 2 * 120; n += 2) journal += "and  " + std::to_string(n) + " enters\n";
  TableReader reader = JournalScript(journal).reader();
  const auto report = store::audit_fairness(reader, {}).value();
  EXPECT_THAT(report.violations, SizeIs(store::fairness_violations_max));
  EXPECT_EQ(report.violations_left_out, 20);
}

}  // namespace
}  // namespace onsale::testing
