// Reads a seating plan in the JSON format of the pretix seating plan editor, for `onsale import`
// and for POST /v1/performances/{id}/seating-plan.
//
// What is read, with its place in the document:
//   name, size.width, size.height
//   categories[].name, .color (optional)
//   zones[].name (optional), .position
//   zones[].rows[].row_number, .position (optional: the zone's origin)
//   zones[].rows[].seats[].seat_guid, .seat_number, .category, .position
// A position is {x, y}; those of zone, row and seat add up. `row_number` and `seat_number` may be
// numbers instead of text. Everything else the editor writes (areas, uuids, labels, radii, …) is
// accepted and ignored.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "domain/seating_plan.h"

namespace onsale::api {

inline constexpr std::size_t plan_json_mebibytes_max = 32;
inline constexpr std::size_t plan_json_bytes_max = plan_json_mebibytes_max << 20;
/// The editor itself nests eight deep (the points of an area).
inline constexpr std::size_t plan_json_depth_max = 32;

/// Why a plan was refused, for the person who drew it.
struct PlanProblem {
  std::string place;   ///< "zones[3].rows[2].seats[17].seat_guid", "line 4, column 7", or empty:
                       ///< the document as a whole
  std::string detail;  ///< "missing", "must be a number, but is a string", …

  /// Both in one line, "place: detail".
  [[nodiscard]] std::string message() const;

  friend bool operator==(const PlanProblem&, const PlanProblem&) = default;
};

/// The whole plan, valid by `domain::validate`, or the first problem found; nothing in between.
/// Seats keep the order of the file. Coordinates are rounded to thousandths of a plan unit.
/// Any thread; throws nothing but std::bad_alloc.
[[nodiscard]] std::expected<domain::SeatingPlan, PlanProblem> parse_seating_plan(
    std::string_view json);

}  // namespace onsale::api
