// What is counted in a rush, and the line and the document that tell it.
#include "rush/tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rush/summary.h"

namespace onsale::rush {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int fine = 200;

TEST(Tally, KnowsThePhase) {
  Tally tally(2);
  EXPECT_EQ(tally.phase(), Phase::arriving);
  tally.moved(Stage::to_come, Stage::waiting);
  EXPECT_EQ(tally.phase(), Phase::arriving);
  tally.moved(Stage::to_come, Stage::active);
  EXPECT_EQ(tally.phase(), Phase::in_line);
  tally.moved(Stage::waiting, Stage::gave_up);
  EXPECT_EQ(tally.phase(), Phase::selling);
  tally.seats_left(1);
  EXPECT_EQ(tally.phase(), Phase::selling);
  tally.seats_left(0);
  EXPECT_EQ(tally.phase(), Phase::settling);
  tally.moved(Stage::active, Stage::bought);
  EXPECT_EQ(tally.phase(), Phase::over);
}

TEST(Tally, TheLineSaysThePhaseAndTheSeatsLeft) {
  Tally tally(1);
  EXPECT_THAT(progress_text(tally, tally.close_second()),
              AllOf(HasSubstr("1 s  arriving  to come      1"), HasSubstr("seats left     ?")));
  tally.moved(Stage::to_come, Stage::waiting);
  tally.seats_left(47);
  EXPECT_THAT(progress_text(tally, tally.close_second()),
              AllOf(HasSubstr("2 s  in line   to come      0"), HasSubstr("seats left    47")));
}

TEST(Tally, SeatsLeftAreUnknownAtFirstAndThenAsLastSeen) {
  Tally tally(1);
  tally.close_second();
  tally.seats_left(12);
  tally.close_second();
  tally.close_second();
  EXPECT_EQ(tally.seconds()[0].seats_left, std::nullopt);
  EXPECT_EQ(tally.seconds()[1].seats_left, 12);
  EXPECT_EQ(tally.seconds()[2].seats_left, 12);
  const std::string json = summary_json(tally, std::chrono::seconds{3});
  EXPECT_THAT(json, AllOf(HasSubstr(R"("seats_left":null)"), HasSubstr(R"("seats_left":12)")));
}

TEST(Tally, ASecondHasTheLongestOfItsOwnAnswers) {
  Tally tally(1);
  tally.answered(Ask::look, fine, Tally::Clock::now() - std::chrono::seconds{9});
  EXPECT_GE(tally.close_second().longest, std::chrono::seconds{9});
  tally.answered(Ask::look, fine, Tally::Clock::now() + std::chrono::seconds{9});  // no time at all
  EXPECT_LT(tally.close_second().longest, std::chrono::seconds{9});
}

TEST(Tally, WhatIsAskedAgainIsNoAnswerAndNoFailure) {
  Tally tally(1);
  tally.asked_again(Ask::pay);
  tally.asked_again(Ask::pay);
  const Second second = tally.close_second();
  EXPECT_EQ(second.retried, 2);
  EXPECT_EQ(second.answers, 0);
  EXPECT_EQ(second.failures, 0);
  EXPECT_THAT(progress_text(tally, second), HasSubstr("retried/s     2"));
  tally.answered(Ask::pay, fine, Tally::Clock::now());
  EXPECT_EQ(tally.close_second().retried, 0);
  EXPECT_EQ(tally.of(Ask::pay).retried, 2);
  EXPECT_EQ(tally.of(Ask::pay).failed, 0);
  const std::string json = summary_json(tally, std::chrono::seconds{2});
  EXPECT_THAT(json, HasSubstr(R"("fine":1,"refused":0,"failed":0,"retried":2,)"));
  EXPECT_THAT(json, HasSubstr(R"("failures":0,"retried":2,)"));
  EXPECT_THAT(summary_text(tally, std::chrono::seconds{2}),
              HasSubstr("pay              1        0       0        2 "));
}

TEST(Tally, AComplaintIsOneLineOfText) {
  Tally tally(1);
  tally.complain("pay: 500 <b>\r\n\x1b[2J \xff\xc3 추첨");
  tally.complain("pay: 500 <b>\r\n\x1b[2J \xff\xc3 추첨");
  EXPECT_THAT(tally.complaints(), ElementsAre("pay: 500 <b>   [2J ?? 추첨"));
}

TEST(Tally, AComplaintIsCutBetweenCharacters) {
  Tally tally(1);
  std::string body = "x";
  for (int i = 0; i < 10'000; ++i) body += "é";
  tally.complain(body);
  const std::string& kept = tally.complaints().front();
  EXPECT_EQ(kept.size(), 299U + 3);  // of 300 bytes the last is half a character
  EXPECT_TRUE(kept.ends_with("é..."));
}

}  // namespace
}  // namespace onsale::rush
