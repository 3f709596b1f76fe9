// The layout of a venue: which seats there are, what they are called and where they lie. A plan
// knows no prices and no performances; a performance takes a valid plan's seats when it is set up.
// Pure values and checks: any thread, no I/O. How a plan is written in a file is another room's
// matter (api/seating_plan_json.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onsale::domain {

// Limits of a plan. Lengths are in bytes of UTF-8.
inline constexpr std::size_t plan_seats_max = 200'000;
inline constexpr std::size_t plan_categories_max = 100;
inline constexpr std::size_t plan_name_bytes_max = 200;
inline constexpr std::size_t plan_category_bytes_max = 100;
inline constexpr std::size_t plan_color_bytes_max = 32;
inline constexpr std::size_t plan_guid_bytes_max = 200;
inline constexpr std::size_t plan_section_bytes_max = 100;
inline constexpr std::size_t plan_row_bytes_max = 50;
inline constexpr std::size_t plan_number_bytes_max = 50;
inline constexpr std::size_t plan_label_bytes_max =
    plan_section_bytes_max + plan_row_bytes_max + plan_number_bytes_max + 2;
/// Also the largest width and height. In plan units; ours are 2 cm, the unit is the drawer's own.
inline constexpr double plan_coordinate_max = 1e6;

struct PlanSeat {
  std::string guid;      ///< names the seat for machines; unique in its plan, never shown
  std::string label;     ///< what the ticket shows; unique in its plan, see `seat_label`
  std::string section;   ///< the zone's name, may be empty
  std::string row;       ///< may be empty
  std::string number;    ///< the seat's number or name in its row
  std::string category;  ///< the name of one of the plan's categories
  double x = 0;          ///< absolute, in plan units, to the right
  double y = 0;          ///< absolute, in plan units, downwards

  friend bool operator==(const PlanSeat&, const PlanSeat&) = default;
};

struct PlanCategory {
  std::string name;   ///< what a price tier is matched with; unique in its plan
  std::string color;  ///< empty, "#" with 3, 4, 6 or 8 hex digits, or a colour's plain name

  friend bool operator==(const PlanCategory&, const PlanCategory&) = default;
};

struct SeatingPlan {
  std::string name;
  double width = 0;   ///< of the drawing, in plan units; a seat may lie outside of it
  double height = 0;  ///< likewise
  std::vector<PlanCategory> categories;
  std::vector<PlanSeat> seats;  ///< in the order of the file, which is the order of their ids

  friend bool operator==(const SeatingPlan&, const SeatingPlan&) = default;
};

/// Zone, row and number, joined by hyphens; parts without a name are left out. Thus "101-A-12",
/// and plain "12" in a plan whose zones and rows have no names.
[[nodiscard]] std::string seat_label(std::string_view section, std::string_view row,
                                     std::string_view number);

/// What a problem is about. `category_*` are counted by `PlanError::index` among the categories,
/// `seat_*` among the seats.
enum class PlanField : std::uint8_t {
  name,
  width,
  height,
  categories,
  category_name,
  category_color,
  seats,
  seat_guid,
  seat_section,
  seat_row,
  seat_number,
  seat_label,
  seat_category,
  seat_x,
  seat_y,
};

enum class PlanFault : std::uint8_t {
  empty,         ///< no text, or no category or seat at all
  too_many,      ///< more categories or seats than the limit
  too_long,      ///< more bytes than the limit
  bad_text,      ///< not UTF-8, a control character, or a colour that is none
  out_of_range,  ///< not finite, beyond `plan_coordinate_max`, or a size that is not positive
  unknown,       ///< a category the plan does not have
  duplicate,     ///< what must be unique is not; `other` came first
};

struct PlanError {
  PlanField field;
  PlanFault fault;
  std::size_t index = 0;  ///< the category or seat concerned
  /// For `duplicate`: the earlier one; index > other.
  std::optional<std::size_t> other = std::nullopt;

  friend bool operator==(const PlanError&, const PlanError&) = default;
};

/// The first thing wrong with a plan, or nothing. In this order: the plan itself (name, size,
/// number of categories and seats), then category by category, then seat by seat; of one category
/// or seat the fields in the order of `PlanField`. Takes linear time. A plan that passes may be
/// put on sale as it is: guids and labels are unique and every seat has a known category.
[[nodiscard]] std::expected<void, PlanError> validate(const SeatingPlan& plan);

}  // namespace onsale::domain
