#include "api/seating_plan_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <ranges>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace onsale::api {
namespace {

using domain::PlanSeat;
using domain::SeatingPlan;

// Two zones: the first with two rows, the second with what else the editor writes.
constexpr std::string_view small_plan = R"({
  "name": "작은 홀", "size": {"width": 600, "height": 400},
  "categories": [{"name": "R석", "color": "#e63946"}, {"name": "S석"}],
  "zones": [
    {"name": "1층", "position": {"x": 100, "y": 10.5}, "rows": [
      {"row_number": "A", "position": {"x": 20, "y": 1}, "seats": [
        {"seat_number": "1", "seat_guid": "g1", "position": {"x": 0.1, "y": 0}, "category": "R석"},
        {"seat_number": 2, "seat_guid": "g2", "position": {"x": 25, "y": 0}, "category": "R석"}]},
      {"row_number": 7, "seats": [
        {"seat_number": "1", "seat_guid": "g3", "position": {"x": 0, "y": 0}, "category": "S석"}]}]},
    {"position": {"x": 0, "y": 0}, "zone_id": "z", "uuid": "1f", "areas": [{"shape": "circle",
       "circle": {"radius": 9}, "text": {"text": "Bar", "position": {"x": 1, "y": 1}}}], "rows": [
      {"row_number": "", "row_number_position": null, "row_label": "Row %s", "seat_label": null,
       "uuid": "2f", "position": {"x": 0, "y": 0}, "seats": [
        {"seat_number": "9", "seat_guid": "g4", "uuid": "3f", "radius": 10,
         "start_direction": "<>", "position": {"x": -3, "y": 4}, "category": "S석"}]}]}]})";

std::string edited(std::string_view from, std::string_view to) {
  std::string json(small_plan);
  const std::size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << "the case edits what is not there: " << from;
  return json.replace(at, from.size(), to);
}

std::string problem_of(std::string_view json) {
  const auto parsed = parse_seating_plan(json);
  return parsed ? "accepted" : parsed.error().message();
}

std::string file(const std::string& name) {
  std::ifstream in(std::string(ONSALE_SOURCE_DIR "/data/plans/") + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(SeatingPlanJson, reads_seats_with_labels_and_absolute_positions) {
  const auto plan = parse_seating_plan(small_plan);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->name, "작은 홀");
  EXPECT_EQ(plan->width, 600);
  EXPECT_EQ(plan->height, 400);
  EXPECT_EQ(plan->categories, (std::vector<domain::PlanCategory>{{"R석", "#e63946"}, {"S석", ""}}));
  EXPECT_EQ(plan->seats, (std::vector<PlanSeat>{
                             {"g1", "1층-A-1", "1층", "A", "1", "R석", 120.1, 11.5},
                             {"g2", "1층-A-2", "1층", "A", "2", "R석", 145, 11.5},
                             {"g3", "1층-7-1", "1층", "7", "1", "S석", 100, 10.5},
                             {"g4", "9", "", "", "9", "S석", -3, 4},
                         }));
}

TEST(SeatingPlanJson, numbers_stand_for_their_text) {
  for (const auto& [number, text] : std::vector<std::pair<std::string, std::string>>{
           {"12", "12"}, {"12.0", "12"}, {"1.5", "1.5"}, {"-3", "-3"}}) {
    const auto plan =
        parse_seating_plan(edited("\"seat_number\": 2", "\"seat_number\": " + number));
    ASSERT_TRUE(plan) << plan.error().message();
    EXPECT_EQ(plan->seats[1].number, text);
  }
}

TEST(SeatingPlanJson, a_byte_order_mark_is_skipped) {
  EXPECT_EQ(parse_seating_plan("\xEF\xBB\xBF" + std::string(small_plan)),
            parse_seating_plan(small_plan));
}

struct Case {
  std::string from, to, expected;
};

TEST(SeatingPlanJson, a_problem_names_its_place) {
  const std::vector<Case> cases = {
      {"\"name\": \"작은 홀\",", "", "name: missing"},
      {"\"작은 홀\"", "\"\"", "name: empty"},
      {"\"작은 홀\"", "3", "name: must be a string, but is a number"},
      {"\"작은 홀\"", '"' + std::string(201, 'x') + '"', "name: longer than 200 bytes"},
      {"작은 홀", "a\\u0000b", "name: must not contain control characters"},
      {"{\"width\": 600, \"height\": 400}", "[]", "size: must be an object, but is an array"},
      {"\"width\": 600, ", "", "size.width: missing"},
      {"\"width\": 600", "\"width\": \"600\"", "size.width: must be a number, but is a string"},
      {"\"height\": 400", "\"height\": 0", "size.height: out of range"},
      {"\"categories\"", "\"kinds\"", "categories: missing"},
      {"{\"name\": \"S석\"}", "null", "categories[1]: must be an object, but is null"},
      {"{\"name\": \"S석\"}", "{\"name\": \"R석\"}",
       "categories[1].name: duplicates categories[0].name \"R석\""},
      {"#e63946", "#e6394", "categories[0].color: must be a colour such as \"#7f4a91\" or \"red\""},
      {"\"zones\"", "\"zone\"", "zones: missing"},
      {"\"name\": \"1층\"", "\"name\": null", "zones[0].name: must be a string, but is null"},
      {"\"name\": \"1층\"", "\"name\": \"" + std::string(101, 'z') + '"',
       "zones[0].name: longer than 100 bytes"},
      {"1층", "1\\n층", "zones[0].name: must not contain control characters"},
      {"\"y\": 10.5", "\"y\": null", "zones[0].position.y: must be a number, but is null"},
      {"\"row_number\": \"A\", ", "", "zones[0].rows[0].row_number: missing"},
      {"\"row_number\": 7", "\"row_number\": true",
       "zones[0].rows[1].row_number: must be a string, but is a boolean"},
      {"\"seats\": [\n", "\"seats\": 5, \"x\": [\n",
       "zones[0].rows[0].seats: must be an array, but is a number"},
      {"\"seat_guid\": \"g2\", ", "", "zones[0].rows[0].seats[1].seat_guid: missing"},
      {"\"g3\"", "\"g1\"",
       "zones[0].rows[1].seats[0].seat_guid: duplicates zones[0].rows[0].seats[0].seat_guid "
       "\"g1\""},
      {"\"g4\"", "\"\"", "zones[1].rows[0].seats[0].seat_guid: empty"},
      {"\"seat_number\": 2", "\"seat_number\": \"1\"",
       "zones[0].rows[0].seats[1]: would have the same label as zones[0].rows[0].seats[0], "
       "\"1층-A-1\""},
      {"\"row_number\": 7", "\"row_number\": \"A\"",
       "zones[0].rows[1].seats[0]: would have the same label as zones[0].rows[0].seats[0], "
       "\"1층-A-1\""},
      {"\"seat_number\": \"9\"", "\"seat_number\": \"\"",
       "zones[1].rows[0].seats[0].seat_number: empty"},
      {"\"category\": \"S석\"", "\"category\": \"\"",
       "zones[0].rows[1].seats[0].category: unknown category \"\""},
      {"\"x\": -3", "\"x\": 1e300",
       "zones[1].rows[0].seats[0].position.x: 1e+300 is beyond what a plan can hold"},
      {"\"x\": -3", "\"x\": \"-3\"",
       "zones[1].rows[0].seats[0].position.x: must be a number, but is a string"},
      // Each part is within the limit, their sum is not.
      {"\"x\": 20", "\"x\": 999999", "zones[0].rows[0].seats[0].position.x: out of range"},
  };
  for (const Case& it : cases) {
    SCOPED_TRACE(it.to);
    EXPECT_EQ(problem_of(edited(it.from, it.to)), it.expected);
  }
}

TEST(SeatingPlanJson, malformed_json_names_line_and_column) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "line 1, column 1: the document ends too early"},
      {"{\"name\":\n  \"a\",\n  oops}", "line 3, column 3: not valid JSON"},
      {"{\"name\": \"a\"} x", "line 1, column 15: not valid JSON"},
      {"{\"name\": \"\xFF\"}", "line 1, column 11: not valid JSON"},
      {"{\"x\": NaN}", "line 1, column 7: not valid JSON"},
      {"{\"zones\": [\n{", "line 2, column 2: the document ends too early"},
      {std::string(40, '['), "line 1, column 33: nested deeper than 32"},
  };
  for (const auto& [json, expected] : cases) {
    SCOPED_TRACE(json);
    EXPECT_TRUE(problem_of(json).starts_with(expected)) << problem_of(json);
  }
  EXPECT_EQ(problem_of("[]"), "must be an object, but is an array");
}

TEST(SeatingPlanJson, a_number_beyond_double_is_refused) {
  EXPECT_EQ(problem_of(edited("\"x\": -3", "\"x\": 1e999")),
            "zones[1].rows[0].seats[0].position.x: inf is beyond what a plan can hold");
}

TEST(SeatingPlanJson, an_oversized_document_is_refused_unread) {
  EXPECT_EQ(problem_of(std::string(plan_json_bytes_max + 1, ' ')), "larger than 32 MiB");
}

TEST(SeatingPlanJson, a_plan_without_seats_is_refused) {
  EXPECT_EQ(problem_of(R"({"name": "n", "size": {"width": 1, "height": 1},
                           "categories": [{"name": "c"}], "zones": []})"),
            "zones: no seats");
}

TEST(SeatingPlanJson, every_truncation_is_refused_with_a_place) {
  const std::string json = file("hall.json");
  const std::size_t end = json.find_last_of('}');
  ASSERT_NE(end, std::string::npos) << "hall.json could not be read";
  for (std::size_t length = 0; length <= end; ++length) {
    const auto parsed = parse_seating_plan(std::string_view(json).substr(0, length));
    ASSERT_FALSE(parsed) << length;
    ASSERT_TRUE(parsed.error().place.starts_with("line ")) << parsed.error().message();
  }
}

// ---- the plans of the demo -----------------------------------------------------------------

TEST(DemoPlans, the_hall_has_seats_1_to_50_in_order) {
  const auto plan = parse_seating_plan(file("hall.json"));
  ASSERT_TRUE(plan) << plan.error().message();
  ASSERT_EQ(plan->seats.size(), 50u);
  std::map<std::string, int> seats_of;
  for (std::size_t i = 0; i < plan->seats.size(); ++i) {
    EXPECT_EQ(plan->seats[i].label, std::to_string(i + 1));
    EXPECT_TRUE(plan->seats[i].x > 0 && plan->seats[i].x < plan->width);
    EXPECT_TRUE(plan->seats[i].y > 0 && plan->seats[i].y < plan->height);
    ++seats_of[plan->seats[i].category];
  }
  EXPECT_EQ(seats_of, (std::map<std::string, int>{{"VIP", 10}, {"R", 10}, {"S", 10}, {"A", 20}}));
}

class Arena : public testing::Test {
 protected:
  void SetUp() override {
    auto parsed = parse_seating_plan(file("arena.json"));
    ASSERT_TRUE(parsed) << parsed.error().message();
    plan = std::move(*parsed);  // valid: guids and labels are unique
  }
  SeatingPlan plan;
};

TEST_F(Arena, is_a_full_bowl) {
  EXPECT_GE(plan.seats.size(), 11'000u);
  EXPECT_LE(plan.seats.size(), 13'000u);
  for (const PlanSeat& seat : plan.seats) {
    ASSERT_TRUE(seat.x > 0 && seat.x < plan.width && seat.y > 0 && seat.y < plan.height)
        << seat.label;
  }
}

TEST_F(Arena, uses_every_category) {
  EXPECT_EQ(plan.categories.size(), 6u);
  for (const auto& category : plan.categories) {
    EXPECT_TRUE(std::ranges::count(plan.seats, category.name, &PlanSeat::category) > 100)
        << category.name;
  }
}

TEST_F(Arena, no_two_seats_are_closer_than_40_centimetres) {
  constexpr double units_per_metre = 50;
  std::ranges::sort(plan.seats, {}, &PlanSeat::x);
  double closest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < plan.seats.size(); ++i) {
    for (std::size_t j = i + 1; j < plan.seats.size(); ++j) {
      const double dx = plan.seats[j].x - plan.seats[i].x;
      if (dx > units_per_metre) break;
      closest = std::min(closest, std::hypot(dx, plan.seats[j].y - plan.seats[i].y));
    }
  }
  EXPECT_GT(closest / units_per_metre, 0.4);
}

TEST_F(Arena, outer_rows_have_no_fewer_seats) {
  std::map<std::string, std::map<std::string, int>> sections;
  for (const PlanSeat& seat : plan.seats) ++sections[seat.section][seat.row];
  for (const auto& [section, rows] : sections) {
    const auto counts = std::views::values(rows);
    EXPECT_TRUE(std::ranges::is_sorted(counts)) << section;
  }
}

// Written flat (one zone and row per seat) the plan must come back the same.
TEST_F(Arena, survives_a_round_trip) {
  namespace json = boost::json;
  json::array categories;
  for (const auto& it : plan.categories)
    categories.push_back(json::object{{"name", it.name}, {"color", it.color}});
  const json::object origin{{"x", 0}, {"y", 0}};
  json::array zones;
  for (const PlanSeat& it : plan.seats) {
    json::object seat{{"seat_guid", it.guid},
                      {"seat_number", it.number},
                      {"category", it.category},
                      {"position", json::object{{"x", it.x}, {"y", it.y}}}};
    json::object row{{"row_number", it.row}, {"seats", json::array{std::move(seat)}}};
    zones.push_back(json::object{
        {"name", it.section}, {"position", origin}, {"rows", json::array{std::move(row)}}});
  }
  const json::object document{{"name", plan.name},
                              {"size", {{"width", plan.width}, {"height", plan.height}}},
                              {"categories", std::move(categories)},
                              {"zones", std::move(zones)}};
  const auto again = parse_seating_plan(json::serialize(document));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(*again == plan);
}

}  // namespace
}  // namespace onsale::api
