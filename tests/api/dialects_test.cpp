// What the documents' APIs share: how they read numbers, dates and decimals, and word problems.
#include "api/dialects/dialects.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/dialects/decimal.h"
#include "api/dialects/office.h"
#include "api/dialects/words.h"
#include "api/problems.h"
#include "api/time_zone.h"

namespace onsale::api::dialects {
namespace {

TEST(Dialects, HaveNamesThatReadBack) {
  for (const Dialect dialect : all_dialects)
    EXPECT_EQ(dialect_from_text(to_text(dialect)), dialect);
  EXPECT_FALSE(dialect_from_text("Dates"));
  EXPECT_FALSE(dialect_from_text(""));
}

TEST(Dialects, OnlyOneOfThemProvesWhoAsks) {
  for (const Dialect dialect : all_dialects) {
    EXPECT_EQ(authenticates(dialect), dialect == Dialect::performances) << to_text(dialect);
  }
}

TEST(DialectNumbers, ArePositiveDecimalAndFit) {
  EXPECT_EQ(number_of("1"), 1);
  EXPECT_EQ(number_of("9223372036854775807"), 9223372036854775807);
  for (const char* text :
       {"", "0", "-1", "+1", "01", "1.0", "1e3", " 1", "1 ", "x", "9223372036854775808", "가"}) {
    EXPECT_FALSE(number_of(text)) << text;
  }
}

TEST(DialectDates, AreRealDates) {
  for (const char* text : {"2024-10-11", "2024-02-29", "0000-01-01", "9999-12-31"}) {
    EXPECT_TRUE(is_date(text)) << text;
  }
  for (const char* text : {"", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1",
                           "20241011", "2024/10/11", "2024-10-11T00", "-024-10-11", "2024-10-1 "}) {
    EXPECT_FALSE(is_date(text)) << text;
  }
}

TEST(DialectDates, AreThoseOfTheVenue) {
  const auto evening = *http::parse_timestamp("2024-10-11T15:30:00Z");
  EXPECT_EQ(local_date("Asia/Seoul", evening), "2024-10-12");
  EXPECT_EQ(local_date("America/New_York", evening), "2024-10-11");
  EXPECT_EQ(local_date("No/Where", evening), "2024-10-11");
}

TEST(DialectTimes, MayDoWithoutMilliseconds) {
  EXPECT_EQ(without_milliseconds(*http::parse_timestamp("2024-10-06T12:00:00.999Z")),
            "2024-10-06T12:00:00Z");
}

TEST(SeatNumbers, AreNumbersWhereTheyCanBe) {
  EXPECT_EQ(http::write(SeatNumber{"12"}), "12");
  EXPECT_EQ(http::write(SeatNumber{"A-12"}), R"("A-12")");
  EXPECT_EQ(http::write(SeatNumber{"012"}), R"("012")");
}

// ---- decimals ----------------------------------------------------------------------

/// The amount in minor units that a JSON text is, as text; "no" if it is none.
std::string amount(std::string_view json, std::string_view currency) {
  const auto decimal = decimal_of(boost::json::parse(boost::json::string_view(json)));
  const auto money = decimal ? money_of(*decimal, minor_digits(currency)) : std::nullopt;
  return money ? std::to_string(money->minor) : "no";
}

TEST(Decimals, AreExactInEachCurrency) {
  struct Line {
    const char* json;
    const char* won;
    const char* dollars;
    const char* dinars;
  };
  for (const auto& [json, won, dollars, dinars] :
       std::initializer_list<Line>{{"10000", "10000", "1000000", "10000000"},
                                   {"10000.0", "10000", "1000000", "10000000"},
                                   {R"("10000")", "10000", "1000000", "10000000"},
                                   {R"("010000.00")", "10000", "1000000", "10000000"},
                                   {"1e4", "10000", "1000000", "10000000"},
                                   {"0", "0", "0", "0"},
                                   {"0.1", "no", "10", "100"},
                                   {R"("0.10")", "no", "10", "100"},
                                   {"19.99", "no", "1999", "19990"},
                                   {"10000.5", "no", "1000050", "10000500"},
                                   {"0.005", "no", "no", "5"},
                                   {R"("9007199254740993")", "9007199254740993",
                                    "900719925474099300", "9007199254740993000"},
                                   {"9223372036854775807", "9223372036854775807", "no", "no"},
                                   {"1e308", "no", "no", "no"},
                                   {"1e-308", "no", "no", "no"},
                                   {"-1", "no", "no", "no"},
                                   {R"("-1")", "no", "no", "no"},
                                   {R"("")", "no", "no", "no"},
                                   {R"("1.")", "no", "no", "no"},
                                   {R"(".5")", "no", "no", "no"},
                                   {R"("1e4")", "no", "no", "no"},
                                   {R"(" 1")", "no", "no", "no"},
                                   {R"("1,000")", "no", "no", "no"},
                                   {"null", "no", "no", "no"},
                                   {"true", "no", "no", "no"},
                                   {"[1]", "no", "no", "no"}}) {
    EXPECT_EQ(amount(json, "KRW"), won) << json;
    EXPECT_EQ(amount(json, "USD"), dollars) << json;
    EXPECT_EQ(amount(json, "KWD"), dinars) << json;
  }
}

TEST(Decimals, AreWrittenInMajorUnits) {
  EXPECT_EQ(http::write(decimal_value({10'000}, 0)), "10000");
  EXPECT_EQ(http::write(decimal_value({1'999}, 2)), "19.99");
  EXPECT_EQ(http::write(decimal_value({100'000'000'000'001}, 2)), "1000000000000.01");
}

// ---- words -------------------------------------------------------------------------

constexpr http::ProblemType odd{"odd", 418, "Something odd"};

TEST(DialectWords, AreTheDialectsOwnThenTheCommonOnesThenTheProblems) {
  const std::array own{Wording{&problems::seat_taken, 400, "내 말", "MINE"},
                       Wording{&problems::sale_closed, 0, {}, "CLOSED"}};
  const auto text = [&](const http::Problem& problem) {
    const Said said = say(problem, own);
    return std::to_string(said.status) + " " + std::string(said.code) + " " + said.message;
  };
  EXPECT_EQ(text(http::Problem(problems::seat_taken)), "400 MINE 내 말");
  EXPECT_EQ(text(http::Problem(problems::sale_closed)), "409 CLOSED 예매가 종료되었습니다.");
  EXPECT_EQ(text(http::Problem(odd)), "418  Something odd");
  EXPECT_EQ(text(http::Problem(odd, "In detail.")), "418  In detail.");
  EXPECT_EQ(text(http::invalid_field("amount", "must be odd")),
            "400  요청 값이 올바르지 않습니다. amount: must be odd");
}

}  // namespace
}  // namespace onsale::api::dialects
