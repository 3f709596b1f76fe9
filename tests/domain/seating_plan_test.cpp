#include "domain/seating_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

namespace onsale::domain {

void PrintTo(const PlanError& error, std::ostream* out) {
  *out << "field " << static_cast<int>(error.field) << ", fault " << static_cast<int>(error.fault)
       << ", index " << error.index << ", other "
       << (error.other ? std::to_string(*error.other) : "-");
}

namespace {

PlanSeat seat(const std::string& row, const std::string& number) {
  return {.guid = row + number,
          .label = seat_label("", row, number),
          .section = "",
          .row = row,
          .number = number,
          .category = "R",
          .x = 10,
          .y = 20};
}

SeatingPlan small_plan() {
  return {.name = "공연장",
          .width = 100,
          .height = 50,
          .categories = {{"R", "#e63946"}, {"S", ""}},
          .seats = {seat("A", "1"), seat("A", "2"), seat("B", "1")}};
}

struct Case {
  std::string what;
  std::function<void(SeatingPlan&)> edit;
  PlanError expected;
};

TEST(SeatLabel, joins_what_has_a_name) {
  EXPECT_EQ(seat_label("101", "A", "12"), "101-A-12");
  EXPECT_EQ(seat_label("", "A", "12"), "A-12");
  EXPECT_EQ(seat_label("101", "", "12"), "101-12");
  EXPECT_EQ(seat_label("", "", "12"), "12");
  EXPECT_EQ(seat_label("1층", "가", "3"), "1층-가-3");
}

TEST(SeatingPlan, a_good_plan_is_valid) { EXPECT_TRUE(validate(small_plan())); }

TEST(SeatingPlan, a_bad_plan_is_refused_with_its_first_error) {
  using enum PlanField;
  using enum PlanFault;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Case> cases = {
      {"no name", [](auto& p) { p.name = ""; }, {name, empty}},
      {"long name", [](auto& p) { p.name = std::string(201, 'n'); }, {name, too_long}},
      {"NUL in name", [](auto& p) { p.name = std::string("a\0b", 3); }, {name, bad_text}},
      {"no width", [](auto& p) { p.width = 0; }, {width, out_of_range}},
      {"width not a number", [](auto& p) { p.width = nan; }, {width, out_of_range}},
      {"negative height", [](auto& p) { p.height = -1; }, {height, out_of_range}},
      {"huge height", [](auto& p) { p.height = 1e7; }, {height, out_of_range}},
      {"no categories", [](auto& p) { p.categories.clear(); }, {categories, empty}},
      {"101 categories", [](auto& p) { p.categories.resize(101); }, {categories, too_many}},
      {"no seats", [](auto& p) { p.seats.clear(); }, {seats, empty}},
      {"too many seats", [](auto& p) { p.seats.resize(200'001); }, {seats, too_many}},
      {"nameless category", [](auto& p) { p.categories[1].name = ""; }, {category_name, empty, 1}},
      {"category twice",
       [](auto& p) { p.categories[1].name = "R"; },
       {category_name, duplicate, 1, 0}},
      {"style in a colour",
       [](auto& p) { p.categories[1].color = "red;x:y"; },
       {category_color, bad_text, 1}},
      {"five hex digits",
       [](auto& p) { p.categories[0].color = "#12345"; },
       {category_color, bad_text, 0}},
      {"no guid", [](auto& p) { p.seats[2].guid = ""; }, {seat_guid, empty, 2}},
      {"guid twice", [](auto& p) { p.seats[2].guid = "A1"; }, {seat_guid, duplicate, 2, 0}},
      {"long section",
       [](auto& p) { p.seats[1].section = std::string(101, 's'); },
       {seat_section, too_long, 1}},
      {"line break in row", [](auto& p) { p.seats[1].row = "A\n"; }, {seat_row, bad_text, 1}},
      {"no number", [](auto& p) { p.seats[0].number = ""; }, {seat_number, empty, 0}},
      {"no label", [](auto& p) { p.seats[0].label = ""; }, {seat_label, empty, 0}},
      {"label twice", [](auto& p) { p.seats[2].label = "A-2"; }, {seat_label, duplicate, 2, 1}},
      {"unknown category",
       [](auto& p) { p.seats[1].category = "VIP"; },
       {seat_category, unknown, 1}},
      {"x not a number", [](auto& p) { p.seats[1].x = nan; }, {seat_x, out_of_range, 1}},
      {"infinite y", [](auto& p) { p.seats[1].y = -infinity; }, {seat_y, out_of_range, 1}},
      {"far away", [](auto& p) { p.seats[1].x = 1'000'001; }, {seat_x, out_of_range, 1}},
      {"of two errors the first",
       [](auto& p) {
         p.seats[2].guid = "";
         p.seats[1].y = nan;
       },
       {seat_y, out_of_range, 1}},
  };
  for (const Case& it : cases) {
    SCOPED_TRACE(it.what);
    SeatingPlan plan = small_plan();
    it.edit(plan);
    const auto valid = validate(plan);
    ASSERT_FALSE(valid);
    EXPECT_EQ(valid.error(), it.expected);
  }
}

TEST(SeatingPlan, the_limits_themselves_are_allowed) {
  SeatingPlan plan = small_plan();
  plan.name = std::string(plan_name_bytes_max, 'n');
  plan.width = plan_coordinate_max;
  plan.seats[0].x = -plan_coordinate_max;
  plan.seats[0].guid = std::string(plan_guid_bytes_max, 'g');
  EXPECT_TRUE(validate(plan));
}

TEST(SeatingPlan, colours_as_the_editor_and_people_write_them) {
  for (const char* color : {"", "#fff", "#ffff", "#B5179E", "#b5179e80", "red", "RebeccaPurple"}) {
    SeatingPlan plan = small_plan();
    plan.categories[0].color = color;
    EXPECT_TRUE(validate(plan)) << color;
  }
  for (const char* color : {"#", "#ggg", "rgb(1,2,3)", "red ", "url(x)", "#fffff"}) {
    SeatingPlan plan = small_plan();
    plan.categories[0].color = color;
    EXPECT_FALSE(validate(plan)) << color;
  }
}

}  // namespace
}  // namespace onsale::domain
