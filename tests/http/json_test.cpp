#include "http/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

namespace onsale::http {
namespace sample {

enum class Colour { red, green, default_ };
BOOST_DESCRIBE_ENUM(Colour, red, green, default_)

struct Token {
  std::int64_t value = 0;
  bool operator==(const Token&) const = default;
};

struct Seat {
  std::int64_t seat_id = 0;
  std::optional<std::string> label;
  bool operator==(const Seat&) const = default;
};
BOOST_DESCRIBE_STRUCT(Seat, (), (seat_id, label))
constexpr auto rules(const Seat*) {
  return rule_list(rule("seat_id").min(1), rule("label").not_empty().max_length(5));
}

struct Order {
  std::int64_t event_id = 0;
  std::int32_t quantity = 0;
  bool adjacent = false;
  double factor = 0;
  std::string email;
  std::vector<Seat> seats;
  Timestamp at;
  Colour colour = Colour::red;
  Token token;
  std::optional<std::int64_t> limit;
  std::string mode = "fast";
  std::map<std::string, std::int64_t> tiers;
  bool operator==(const Order&) const = default;
};
BOOST_DESCRIBE_STRUCT(Order, (),
                      (event_id, quantity, adjacent, factor, email, seats, at, colour, token, limit,
                       mode, tiers))
constexpr auto rules(const Order*) {
  return rule_list(rule("event_id").min(1).max(1000), rule("email").email(),
                   rule("seats").not_empty().max_items(3), rule("mode").defaulted());
}

struct Page {
  std::optional<std::int64_t> limit;
  std::optional<bool> all;
  std::optional<std::string> after;
  std::vector<std::int64_t> id;
  bool operator==(const Page&) const = default;
};
BOOST_DESCRIBE_STRUCT(Page, (), (limit, all, after, id))
constexpr auto rules(const Page*) {
  return rule_list(rule("limit").min(1).max(100), rule("id").defaulted());
}

}  // namespace sample

template <>
struct Wire<sample::Token> {
  using type = std::int64_t;
  static std::int64_t to(const sample::Token& token) { return token.value; }
  static std::expected<sample::Token, std::string> from(std::int64_t value) {
    if (value % 2 != 0) return std::unexpected("must be even");
    return sample::Token{value};
  }
  static constexpr Rule rule = http::rule("").min(0);
};

namespace {

using sample::Order;
using sample::Page;
using sample::Seat;
using testing::ElementsAre;
using testing::HasSubstr;

/// A valid order, with one field's text replaced.
std::string order(std::string_view field = "", std::string_view text = "") {
  const std::vector<std::pair<std::string, std::string>> fields{
      {"event_id", "7"},
      {"quantity", "2"},
      {"adjacent", "true"},
      {"factor", "0.5"},
      {"email", "\"a@b.example\""},
      {"seats", R"([{"seat_id":1}])"},
      {"at", "\"2024-05-01T00:00:00.000Z\""},
      {"colour", "\"green\""},
      {"token", "4"},
      {"tiers", R"({"A":1})"}};
  std::string out = "{";
  for (const auto& [name, value] : fields) {
    out += (out.size() > 1 ? ",\"" : "\"") + name +
           "\":" + (name == field ? std::string(text) : value);
  }
  return out + "}";
}

/// "field: message" of each error, or "malformed: ...", or "ok".
template <class T>
std::vector<std::string> verdict(std::string_view text, Unknown unknown = Unknown::refuse) {
  const auto parsed = parse<T>(text, unknown);
  if (parsed) return {"ok"};
  if (parsed.error().malformed()) return {"malformed: " + parsed.error().message};
  std::vector<std::string> out;
  for (const auto& error : parsed.error().fields) out.push_back(error.field + ": " + error.message);
  return out;
}

TEST(JsonTest, ReadsEveryKindOfField) {
  const auto parsed = parse<Order>(order());
  ASSERT_TRUE(parsed) << parsed.error().fields.front().field;
  EXPECT_EQ(parsed->event_id, 7);
  EXPECT_TRUE(parsed->adjacent);
  EXPECT_EQ(parsed->seats, (std::vector<Seat>{{.seat_id = 1, .label = std::nullopt}}));
  EXPECT_EQ(parsed->colour, sample::Colour::green);
  EXPECT_EQ(parsed->token.value, 4);
  EXPECT_EQ(parsed->limit, std::nullopt);
  EXPECT_EQ(parsed->mode, "fast");
}

TEST(JsonTest, NamesTheFieldThatIsWrong) {
  struct Case {
    std::string_view field, text, error;
  };
  constexpr std::string_view kTime =
      "at: must be an RFC 3339 time such as 2024-05-01T09:00:00.000Z";
  const Case cases[] = {
      {"event_id", "0", "event_id: must be from 1 to 1000"},
      {"event_id", "1", "ok"},
      {"event_id", "1000", "ok"},
      {"event_id", "1001", "event_id: must be from 1 to 1000"},
      {"event_id", "1.0", "ok"},
      {"event_id", "1e2", "ok"},
      {"event_id", "1.5", "event_id: must be a whole number"},
      {"event_id", "\"1\"", "event_id: must be a whole number"},
      {"event_id", "null", "event_id: must be a whole number"},
      {"event_id", "9223372036854775808", "event_id: must be from 1 to 1000"},
      {"event_id", "99999999999999999999999", "event_id: must be from 1 to 1000"},
      {"event_id", "1e300", "event_id: must be from 1 to 1000"},
      {"quantity", "2147483647", "ok"},
      {"quantity", "2147483648", "quantity: must be from -2147483648 to 2147483647"},
      {"quantity", "-2147483648", "ok"},
      {"quantity", "-2147483649", "quantity: must be from -2147483648 to 2147483647"},
      {"adjacent", "1", "adjacent: must be true or false"},
      {"factor", "true", "factor: must be a number"},
      {"factor", "1e308", "ok"},
      {"factor", "1e400", "factor: is too large a number"},
      {"email", "\"a\"", "email: must be an email address"},
      {"email", "\"@b\"", "email: must be an email address"},
      {"email", "\"a b@c\"", "email: must be an email address"},
      {"email", "\"a\\u0000@b\"", "email: must not contain NUL"},
      {"email", "5", "email: must be a string"},
      {"seats", "[]", "seats: must not be empty"},
      {"seats", "{}", "seats: must be an array"},
      {"seats", R"([{"seat_id":1},{"seat_id":2},{"seat_id":3},{"seat_id":4}])",
       "seats: must have at most 3 items"},
      {"seats", R"([{"seat_id":1},{"seat_id":0}])",
       "seats[1].seat_id: must be from 1 to 9223372036854775807"},
      {"seats", R"([{"seat_id":1},{}])", "seats[1].seat_id: is required"},
      {"seats", R"([{"seat_id":1},7])", "seats[1]: must be an object"},
      {"seats", R"([{"seat_id":1,"colour":2}])", "seats[0].colour: is not a field of this request"},
      {"seats", R"([{"seat_id":1,"label":""}])", "seats[0].label: must not be empty"},
      {"seats", R"([{"seat_id":1,"label":null}])", "ok"},
      {"seats", R"([{"seat_id":1,"label":"äöüßé"}])", "ok"},
      {"seats", R"([{"seat_id":1,"label":"123456"}])",
       "seats[0].label: must have at most 5 characters"},
      {"at", "\"2024-05-01\"", kTime},
      {"at", "\"2024-02-30T00:00:00Z\"", kTime},
      {"at", "\"2024-05-01T24:00:00Z\"", kTime},
      {"at", "\"2024-05-01T00:00:00\"", kTime},
      {"at", "0", kTime},
      {"colour", "\"default\"", "ok"},
      {"colour", "\"blue\"", "colour: must be one of: red, green, default"},
      {"colour", "1", "colour: must be one of: red, green, default"},
      {"token", "3", "token: must be even"},
      {"token", "-2", "token: must be from 0 to 9223372036854775807"},
      {"token", "\"x\"", "token: must be a whole number"},
      {"tiers", R"({"A":"x"})", "tiers.A: must be a whole number"},
  };
  for (const auto& [field, text, error] : cases) {
    EXPECT_THAT(verdict<Order>(order(field, text)), ElementsAre(error)) << field << " = " << text;
  }
}

TEST(JsonTest, ReportsAllFieldsInTheOrderOfTheStruct) {
  EXPECT_THAT(verdict<Seat>(R"({"more":1,"label":"","seat_id":0})"),
              ElementsAre("seat_id: must be from 1 to 9223372036854775807",
                          "label: must not be empty", "more: is not a field of this request"));
  EXPECT_THAT(verdict<Seat>("[]"), ElementsAre(": must be an object"));
}

TEST(JsonTest, StopsReportingAtTheLimit) {
  std::string text = R"({"seat_id":1)";
  for (int i = 0; i < 1000; ++i) text += ",\"x" + std::to_string(i) + "\":0";
  EXPECT_EQ(verdict<Seat>(text + "}").size(), ParseError::kErrorsMax);
  std::string wrong = "[0";
  for (int i = 0; i < 1000; ++i) wrong += ",0";
  EXPECT_EQ(verdict<std::vector<Seat>>(wrong + "]").size(), ParseError::kErrorsMax);
}

TEST(JsonTest, IgnoresUnknownFieldsWhenTold) {
  EXPECT_THAT(verdict<Seat>(R"({"seat_id":1,"x":{"y":[1]}})", Unknown::ignore), ElementsAre("ok"));
}

TEST(JsonTest, RefusesWhatIsNotJson) {
  const std::string deep = std::string(33, '[') + std::string(33, ']');
  const std::string bottomless(1'000'000, '[');
  const std::string_view texts[] = {"",
                                    " ",
                                    "{",
                                    "{}}",
                                    "{} {}",
                                    "nul",
                                    "NaN",
                                    "{\"seat_id\":NaN}",
                                    "{\"seat_id\":1,}",
                                    "{'seat_id':1}",
                                    "{\"seat_id\":01}",
                                    "// no\n{}",
                                    "{\"seat_id\":1,\"label\":\"\xff\"}",
                                    "{\"seat_id\":1,\"label\":\"\xc0\xaf\"}",
                                    "{\"seat_id\":1,\"label\":\"\xed\xa0\x80\"}",
                                    "{\"seat_id\":1,\"label\":\"\\ud800\"}",
                                    "{\"seat_id\":1,\"seat_id\":1}",
                                    R"({"seat_id":1,"x":[{"a":1,"a":2}]})",
                                    deep,
                                    bottomless};
  for (const auto text : texts) {
    EXPECT_THAT(verdict<Seat>(text, Unknown::ignore), ElementsAre(HasSubstr("malformed: ")))
        << text.substr(0, 60);
  }
  EXPECT_THAT(verdict<boost::json::value>(std::string(32, '[') + std::string(32, ']')),
              ElementsAre("ok"));
}

TEST(JsonTest, ReadsTimesWithOffsets) {
  const auto time = [](std::string_view text) {
    const auto parsed = parse_timestamp(text);
    return parsed ? format_timestamp(*parsed) : "none";
  };
  EXPECT_EQ(time("2024-05-01T09:00:00+09:00"), "2024-05-01T00:00:00.000Z");
  EXPECT_EQ(time("2024-05-01t00:00:00.1z"), "2024-05-01T00:00:00.100Z");
  EXPECT_EQ(time("2024-04-30T18:30:00.123456789-05:30"), "2024-05-01T00:00:00.123Z");
  EXPECT_EQ(time("1969-12-31T23:59:59.999Z"), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(time("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
  for (const auto text : {"2024-05-01T00:00:00.Z", "2024-05-01T00:00:00Zx", "2024-13-01T00:00:00Z",
                          "2024-05-01T00:00:00+24:00", "24-05-01T00:00:00Z", ""}) {
    EXPECT_EQ(time(text), "none") << text;
  }
}

TEST(JsonTest, WritesWithoutSpacesAndWithNulls) {
  EXPECT_EQ(write(Seat{.seat_id = 3, .label = std::nullopt}), R"({"seat_id":3,"label":null})");
  EXPECT_EQ(write(Seat{.seat_id = -1, .label = "a\"\\\n\x01/é"}),
            "{\"seat_id\":-1,\"label\":\"a\\\"\\\\\\n\\u0001/é\"}");
  EXPECT_EQ(write(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(write(std::vector<double>{0.1, 1e21}), "[0.1,1e+21]");
  EXPECT_EQ(write(std::vector<bool>{true, false}), "[true,false]");
  EXPECT_EQ(write(sample::Colour::default_), "\"default\"");
}

// Clean text is looked at eight bytes at a time.
TEST(JsonTest, EscapesEachByteThatNeedsItWhereverItStands) {
  constexpr std::size_t length = 20;
  for (int byte = 1; byte < 256; ++byte) {
    const char odd = static_cast<char>(byte);
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      text[at] = odd;
      const bool escaped = byte < 0x20 || odd == '"' || odd == '\\';
      const std::string written = write(text);
      EXPECT_EQ(written.size() > length + 2, escaped) << "byte " << byte << " at " << at;
      if (byte < 0x80) {
        EXPECT_EQ(*parse<std::string>(written), text) << "byte " << byte << " at " << at;
      } else {
        EXPECT_EQ(written, '"' + text + '"');
      }
    }
  }
}

TEST(JsonTest, GrowsWithWhatIsWritten) {
  std::vector<std::string> many;
  for (std::size_t i = 0; i < 300; ++i) many.push_back(std::string(i * 7 % 600, 'y') + "\n");
  EXPECT_EQ(*parse<std::vector<std::string>>(write(many)), many);
}

TEST(JsonTest, BindsQueryPairs) {
  const auto page = parse_pairs<Page>(
      {{"limit", "5"}, {"all", "true"}, {"after", "7"}, {"id", "1"}, {"id", "2"}});
  ASSERT_TRUE(page);
  EXPECT_EQ(*page, (Page{.limit = 5, .all = true, .after = "7", .id = {1, 2}}));
  const auto wrong = parse_pairs<Page>({{"limit", "x"}, {"id", "[1]"}, {"more", "1"}});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().fields,
              ElementsAre(FieldError{"limit", "must be a whole number"},
                          FieldError{"id[0]", "must be a whole number"},
                          FieldError{"more", "is not a field of this request"}));
}

/// Code points that JSON strings of ours may hold.
std::string any_text() {
  std::string out;
  for (const auto point :
       *rc::gen::container<std::vector<char32_t>>(rc::gen::inRange<char32_t>(1, 0x10FFFF))) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    if (point < 0x80) {
      out.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
      out.push_back(static_cast<char>(0xC0 | point >> 6));
      out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    } else if (point < 0x10000) {
      out.push_back(static_cast<char>(0xE0 | point >> 12));
      out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    } else {
      out.push_back(static_cast<char>(0xF0 | point >> 18));
      out.push_back(static_cast<char>(0x80 | (point >> 12 & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    }
  }
  return out;
}

Order any_order() {
  Order out;
  out.event_id = *rc::gen::inRange<std::int64_t>(1, 1001);
  out.quantity = *rc::gen::arbitrary<std::int32_t>();
  out.adjacent = *rc::gen::arbitrary<bool>();
  out.factor = *rc::gen::arbitrary<double>();
  if (!std::isfinite(out.factor)) out.factor = 1;
  out.email = "a@b";
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
    out.seats.push_back({.seat_id = *rc::gen::positive<std::int64_t>(), .label = "x"});
  }
  constexpr std::int64_t kYear10000 = 253402300800000;
  out.at = Timestamp(
      std::chrono::milliseconds(*rc::gen::inRange<std::int64_t>(-kYear10000 / 5, kYear10000)));
  out.colour =
      *rc::gen::element(sample::Colour::red, sample::Colour::green, sample::Colour::default_);
  out.token = {*rc::gen::inRange<std::int64_t>(0, 1'000'000) * 2};
  if (*rc::gen::arbitrary<bool>()) out.limit = *rc::gen::arbitrary<std::int64_t>();
  out.mode = any_text();
  out.tiers[any_text()] = *rc::gen::arbitrary<std::int64_t>();
  return out;
}

TEST(JsonTest, WhatIsWrittenIsReadBack) {
  EXPECT_TRUE(rc::check([] {
    const Order before = any_order();
    const auto after = parse<Order>(write(before));
    RC_ASSERT(after.has_value());
    RC_ASSERT(*after == before);
  }));
}

TEST(JsonTest, DamagedTextIsReadOrRefusedButNeverFatal) {
  EXPECT_TRUE(rc::check([] {
    std::string text = order();
    for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      text[at] = *rc::gen::arbitrary<char>();
    }
    text.resize(*rc::gen::inRange<std::size_t>(0, text.size() + 1));
    const auto parsed = parse<Order>(text);
    if (!parsed) RC_ASSERT(parsed.error().malformed() != !parsed.error().fields.empty());
  }));
}

}  // namespace
}  // namespace onsale::http
