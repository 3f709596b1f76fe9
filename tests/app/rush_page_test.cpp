// The page of a rush. tests/e2e/test_rush.py writes one of a real one.
#include "app/rush_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace onsale::app {
namespace {

using rush::Ask;
using rush::Stage;
using rush::Tally;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const RushReport report{.server = "http://box.example",
                        .plan = {{"Arrivals", "decay"}, {"Seed", "7"}},
                        .began_at = http::Timestamp{std::chrono::seconds{1'780'308'000}},
                        .took = std::chrono::milliseconds{2345}};

/// Three come; one waits, one buys two seats, one is failed.
Tally a_morning() {
  Tally tally(3);
  tally.moved(Stage::to_come, Stage::waiting);
  tally.moved(Stage::to_come, Stage::active);
  tally.answered(Ask::enter, 201, Tally::Clock::now());
  tally.answered(Ask::hold, 201, Tally::Clock::now());
  tally.seats_left(48);
  tally.close_second();
  tally.moved(Stage::active, Stage::bought);
  tally.seats_bought(2);
  for (int i = 0; i < 4321; ++i) tally.asked_again(Ask::pay);
  tally.answered(Ask::pay, 500, Tally::Clock::now());
  tally.moved(Stage::to_come, Stage::failed);
  tally.complain("pay: 500 <script>alert(\"1 & 2\")</script>");
  tally.close_second();
  return tally;
}

TEST(RushPage, HasTheFiguresAndTheDrawings) {
  const std::string page = rush_page(report, a_morning());
  for (const char* part : {"<td id=\"took\">2.3 s</td>",
                           "<td id=\"buyers\">3</td>",
                           "<td id=\"seats-bought\">2</td>",
                           "<td id=\"seats-left\">48</td>",
                           "<th scope=\"row\">bought</th><td>1</td>",
                           "The server failed 1 of the buyers.",
                           "<code>http://box.example</code>",
                           "2026-06-01 10:00:00",
                           "<th scope=\"row\">Arrivals</th><td>decay</td>",
                           "<th scope=\"row\">Seed</th><td>7</td>",
                           "<svg id=\"rush-people\"",
                           "<svg id=\"rush-admissions\"",
                           "<svg id=\"rush-throughput\"",
                           "<svg id=\"rush-latency\"",
                           "<svg id=\"rush-seats\"",
                           "Waiting in line",
                           "Active",
                           "Admissions per second",
                           "Answers per second",
                           "Holds per second",
                           "Failures per second",
                           "Asked again per second",
                           "<td>1</td><td>0</td><td>1</td><td>4321</td>",
                           ">p99</text>",
                           "First seen: 48; in the end: 48.",
                           "Each step is a second."}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(RushPage, NeedsNothingElse) {
  RushReport local = report;
  local.server = "here";
  const std::string page = rush_page(local, a_morning());
  for (const char* part : {"<script", "http://", "https://", "src=", "href=", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
}

TEST(RushPage, EscapesWhatCameFromOutside) {
  RushReport hostile = report;
  hostile.server = "http://x/<b>";
  hostile.plan = {{"<i>", "\"'&\n"}};
  const std::string page = rush_page(hostile, a_morning());
  EXPECT_THAT(page, AllOf(HasSubstr("<code>http://x/&lt;b&gt;</code>"),
                          HasSubstr("<th scope=\"row\">&lt;i&gt;</th><td>&quot;'&amp; </td>"),
                          HasSubstr("<li>pay: 500 &lt;script&gt;alert(&quot;1 &amp; 2&quot;)")));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<b>")), Not(HasSubstr("<i>")), Not(HasSubstr("<script"))));
}

TEST(RushPage, OfARushThatNeverBegan) {
  const std::string page = rush_page(report, Tally(0));
  EXPECT_THAT(page, AllOf(HasSubstr("The server failed nobody."), HasSubstr("unknown"),
                          Not(HasSubstr("<svg")), Not(HasSubstr("Complaints"))));
}

TEST(RushPage, OfSeatsThatNobodySaw) {
  Tally tally(1);
  tally.close_second();
  EXPECT_THAT(rush_page(report, tally), HasSubstr("Nobody came to look at the seats."));
}

TEST(RushPage, OfHoursStaysSmall) {
  Tally tally(1);
  for (int second = 0; second < 4 * 3600; ++second) {
    tally.answered(Ask::look, 200, Tally::Clock::now());
    tally.seats_left(second);
    tally.close_second();
  }
  const std::string page = rush_page(report, tally);
  EXPECT_THAT(page, AllOf(HasSubstr("Each step is 60 s; "), HasSubstr(">4 h</text>")));
  EXPECT_LT(page.size(), 200'000U);
}

}  // namespace
}  // namespace onsale::app
