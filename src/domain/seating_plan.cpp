#include "domain/seating_plan.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace onsale::domain {
namespace {

using Checked = std::expected<void, PlanError>;
using FirstSeen = std::unordered_map<std::string_view, std::size_t>;
enum class Emptiness : std::uint8_t { allowed, refused };

std::unexpected<PlanError> fail(PlanField field, PlanFault fault, std::size_t index = 0,
                                std::optional<std::size_t> other = std::nullopt) {
  return std::unexpected(PlanError{field, fault, index, other});
}

// NUL among them: PostgreSQL cannot store it in a text. The others would break tickets and exports.
bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Strict, because pages put a colour into a style as it is.
bool is_color(std::string_view text) {
  if (!text.starts_with('#')) return std::ranges::all_of(text, is_letter);
  const auto digits = text.substr(1);
  const bool counted =
      digits.size() == 3 || digits.size() == 4 || digits.size() == 6 || digits.size() == 8;
  return counted && std::ranges::all_of(digits, is_hex_digit);
}

struct TextRule {
  PlanField field;
  std::size_t bytes_max;
  Emptiness emptiness = Emptiness::refused;
};

Checked check_text(const std::string& text, TextRule rule, std::size_t index = 0) {
  if (text.empty() && rule.emptiness == Emptiness::refused)
    return fail(rule.field, PlanFault::empty, index);
  if (text.size() > rule.bytes_max) return fail(rule.field, PlanFault::too_long, index);
  if (has_control_character(text)) return fail(rule.field, PlanFault::bad_text, index);
  return {};
}

Checked check_coordinate(double value, PlanField field, std::size_t index) {
  // Written so that a NaN fails too.
  if (!(std::abs(value) <= plan_coordinate_max)) return fail(field, PlanFault::out_of_range, index);
  return {};
}

Checked check_length(double value, PlanField field) {
  if (!(value > 0 && value <= plan_coordinate_max)) return fail(field, PlanFault::out_of_range);
  return {};
}

Checked check_count(std::size_t count, std::size_t count_max, PlanField field) {
  if (count == 0) return fail(field, PlanFault::empty);
  if (count > count_max) return fail(field, PlanFault::too_many);
  return {};
}

Checked check_unique(FirstSeen& seen, std::string_view text, PlanField field, std::size_t index) {
  const auto [first, added] = seen.try_emplace(text, index);
  if (!added) return fail(field, PlanFault::duplicate, index, first->second);
  return {};
}

Checked check_plan(const SeatingPlan& plan) {
  return check_text(plan.name, {PlanField::name, plan_name_bytes_max})
      .and_then([&] { return check_length(plan.width, PlanField::width); })
      .and_then([&] { return check_length(plan.height, PlanField::height); })
      .and_then([&] {
        return check_count(plan.categories.size(), plan_categories_max, PlanField::categories);
      })
      .and_then([&] { return check_count(plan.seats.size(), plan_seats_max, PlanField::seats); });
}

Checked check_category(const PlanCategory& category, std::size_t index, FirstSeen& names) {
  return check_text(category.name, {PlanField::category_name, plan_category_bytes_max}, index)
      .and_then([&] { return check_unique(names, category.name, PlanField::category_name, index); })
      .and_then([&] {
        return check_text(category.color,
                          {PlanField::category_color, plan_color_bytes_max, Emptiness::allowed},
                          index);
      })
      .and_then([&]() -> Checked {
        if (is_color(category.color)) return {};
        return fail(PlanField::category_color, PlanFault::bad_text, index);
      });
}

struct SeatsSeen {
  FirstSeen guids;
  FirstSeen labels;
};

Checked check_seat_texts(const PlanSeat& seat, std::size_t index, SeatsSeen& seen) {
  return check_text(seat.guid, {PlanField::seat_guid, plan_guid_bytes_max}, index)
      .and_then([&] { return check_unique(seen.guids, seat.guid, PlanField::seat_guid, index); })
      .and_then([&] {
        return check_text(seat.section,
                          {PlanField::seat_section, plan_section_bytes_max, Emptiness::allowed},
                          index);
      })
      .and_then([&] {
        return check_text(seat.row, {PlanField::seat_row, plan_row_bytes_max, Emptiness::allowed},
                          index);
      })
      .and_then([&] {
        return check_text(seat.number, {PlanField::seat_number, plan_number_bytes_max}, index);
      })
      .and_then([&] {
        return check_text(seat.label, {PlanField::seat_label, plan_label_bytes_max}, index);
      })
      .and_then(
          [&] { return check_unique(seen.labels, seat.label, PlanField::seat_label, index); });
}

Checked check_seat(const PlanSeat& seat, std::size_t index, const FirstSeen& categories,
                   SeatsSeen& seen) {
  return check_seat_texts(seat, index, seen)
      .and_then([&]() -> Checked {
        if (categories.contains(seat.category)) return {};
        return fail(PlanField::seat_category, PlanFault::unknown, index);
      })
      .and_then([&] { return check_coordinate(seat.x, PlanField::seat_x, index); })
      .and_then([&] { return check_coordinate(seat.y, PlanField::seat_y, index); });
}

}  // namespace

std::string seat_label(std::string_view section, std::string_view row, std::string_view number) {
  std::string label;
  for (const std::string_view part : {section, row, number}) {
    if (part.empty()) continue;
    if (!label.empty()) label += '-';
    label += part;
  }
  return label;
}

std::expected<void, PlanError> validate(const SeatingPlan& plan) {
  if (const auto checked = check_plan(plan); !checked) return checked;
  FirstSeen categories;
  for (std::size_t i = 0; i < plan.categories.size(); ++i) {
    if (const auto checked = check_category(plan.categories[i], i, categories); !checked)
      return checked;
  }
  SeatsSeen seen;
  seen.guids.reserve(plan.seats.size());
  seen.labels.reserve(plan.seats.size());
  for (std::size_t i = 0; i < plan.seats.size(); ++i) {
    if (const auto checked = check_seat(plan.seats[i], i, categories, seen); !checked)
      return checked;
  }
  return {};
}

}  // namespace onsale::domain
