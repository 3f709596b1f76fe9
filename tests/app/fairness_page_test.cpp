// What `onsale verify --fairness` prints and the page it writes.
#include "app/fairness_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "app/fairness_words.h"
#include "tests/support/journal_script.h"
#include "tests/support/script_text.h"

namespace onsale::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

store::FairnessReport audit(const std::string& journal) {
  auto reader = onsale::testing::JournalScript(journal).reader();
  return store::audit_fairness(reader, {}).value();
}

// Of five who came, one left, one was revoked, one paid and two are there.
const std::string evening = R"(
  at 10:00:00  room sessions=1 rate=6000 name=<Hall> by=1001
  at 10:00:00  1 enters
  and          1 is admitted until=10:10:00
  at 10:00:10  2 enters
  and          3 enters
  and          4 enters
  and          5 enters
  at 10:00:20  2 leaves
  and          3 is revoked by=1001
  at 10:01:40  1 pays
  and          4 is admitted until=10:10:00
)";

TEST(FairnessWords, SayTheMostInAFewLines) {
  const std::string words = fairness_words(audit(evening));
  for (const char* part :
       {"room 1, <Hall>\n", "        arrivals 5\n", "admitted 2: 1 completed; 1 are active\n",
        "not admitted 1 left, 1 revoked; 1 wait\n", "active at most 1 at a time\n",
        "waited median 0 ms, 99 % at most 1 min 30 s, longest 1 min 30 s\n", " at most 4\n",
        " at most 1 in a minute\n", "revoked number 3 by user 1001 at 2026-06-01T10:00:20.000Z\n",
        "changes 1\n", "fair: nobody was admitted before their turn"}) {
    EXPECT_THAT(words, HasSubstr(part));
  }
  EXPECT_THAT(words, Not(HasSubstr("note")));
}

TEST(FairnessWords, ListViolations) {
  const std::string words = fairness_words(audit(evening + "at 10:02:00  5 is admitted"));
  EXPECT_THAT(words, AllOf(HasSubstr("VIOLATION room 1: number 5 was admitted while 1 were active"),
                           ::testing::EndsWith("\nNOT fair")));
}

TEST(FairnessWords, TellOfADraw) {
  EXPECT_THAT(fairness_words(audit(R"(
    at 10:00:00  room order=lottery opens=10:05:00 by=1001
    at 10:00:01  1 enters by lot
    and          2 enters by lot
    at 10:00:02  1 leaves
    at 10:05:00  the draw is held
  )")),
              HasSubstr("draw 2026-06-01T10:05:00.000Z; 2 numbers, 1 of them had left; their order "
                        "is that of the seed\n"));
}

TEST(FairnessWords, AnEmptyBoxOfficeIsFair) {
  EXPECT_THAT(fairness_words(audit("")), HasSubstr("fair:"));
}

TEST(WaitText, IsShort) {
  const std::pair<std::int64_t, const char*> all[] = {{0, "0 ms"},
                                                      {999, "999 ms"},
                                                      {1000, "1.0 s"},
                                                      {59'990, "59.9 s"},
                                                      {60'000, "1 min 0 s"},
                                                      {3'599'999, "59 min 59 s"},
                                                      {3'600'000, "1 h 0 min"},
                                                      {86'400'000, "1 d 0 h"}};
  for (const auto& [ms, text] : all) EXPECT_EQ(wait_text(domain::Duration{ms}), text);
}

TEST(FairnessPage, HasTheFigures) {
  const std::string page = fairness_page(audit(evening));
  for (const char* part : {"<td id=\"room-1-arrivals\">5</td>", "<td id=\"room-1-admitted\">2</td>",
                           "<td id=\"room-1-after-admission\">1 completed</td>",
                           "<td id=\"room-1-while-waiting\">1 left, 1 revoked</td>",
                           "<td id=\"room-1-waiting\">1</td>", "<td id=\"room-1-active\">1</td>",
                           "<td>3</td><td>revoked</td><td>in line</td>", "<td>user 1001</td>",
                           "active_sessions_max 1, admission_rate_per_minute 6000",
                           "People in line", "Fair: nobody"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(FairnessPage, NeedsNothingElse) {
  const std::string page = fairness_page(audit(evening));
  for (const char* part : {"<script", "http://", "https://", "src=", "href=", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
}

TEST(FairnessPage, EscapesWhatPeopleWrote) {
  const std::string page = fairness_page(audit(evening));
  EXPECT_THAT(page, HasSubstr("<h2>&lt;Hall&gt; <small>"));
  EXPECT_THAT(page, Not(HasSubstr("<Hall>")));
  const std::string quoted = fairness_page(audit("at 10:00:00  room name=\"A&B\""));
  EXPECT_THAT(quoted, HasSubstr("<h2>&quot;A&amp;B&quot; "));
}

TEST(FairnessPage, SaysWhatWasNotFair) {
  const std::string page = fairness_page(audit(evening + "at 10:02:00  5 is admitted"));
  EXPECT_THAT(page, AllOf(HasSubstr("Not fair: 1 violations."),
                          HasSubstr("<li>room 1: number 5 was admitted while 1 were active")));
}

TEST(FairnessPage, SaysWhatIsNotKnown) {
  EXPECT_THAT(fairness_page(audit("at 10:00:00  1 enters")),
              HasSubstr("<h3>What could not be known</h3>"));
  EXPECT_THAT(fairness_page(audit(evening)), Not(HasSubstr("What could not be known")));
}

TEST(FairnessPage, ListsTheSeedOfADraw) {
  EXPECT_THAT(fairness_page(audit(R"(
    at 10:00:00  room order=lottery opens=10:05:00 by=1001
    at 10:05:00  the draw is held
  )")),
              HasSubstr("<code>" + onsale::testing::script_seed + "</code>"));
}

}  // namespace
}  // namespace onsale::app
