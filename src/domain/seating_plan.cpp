#include "domain/seating_plan.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "domain/text.h"

namespace onsale::domain {
namespace {

// They would break tickets and exports.
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
  bool may_be_empty = false;
};

// Each check is true if all is well; the first that is not leaves its error behind.
class Check {
 public:
  explicit Check(const SeatingPlan& plan) : plan_(plan) {}

  std::expected<void, PlanError> run() {
    seen_guids_.reserve(plan_.seats.size());
    seen_labels_.reserve(plan_.seats.size());
    if (whole() && all_categories() && all_seats()) return {};
    return std::unexpected(*error_);
  }

 private:
  using FirstSeen = std::unordered_map<std::string_view, std::size_t>;

  bool whole() {
    return text(plan_.name, {PlanField::name, plan_name_bytes_max}) &&
           length(plan_.width, PlanField::width) && length(plan_.height, PlanField::height) &&
           count(plan_.categories.size(), plan_categories_max, PlanField::categories) &&
           count(plan_.seats.size(), plan_seats_max, PlanField::seats);
  }

  bool all_categories() {
    for (index_ = 0; index_ < plan_.categories.size(); ++index_)
      if (!category(plan_.categories[index_])) return false;
    return true;
  }

  bool all_seats() {
    for (index_ = 0; index_ < plan_.seats.size(); ++index_)
      if (!seat(plan_.seats[index_])) return false;
    return true;
  }

  bool category(const PlanCategory& it) {
    return text(it.name, {PlanField::category_name, plan_category_bytes_max}) &&
           unique(categories_, it.name, PlanField::category_name) &&
           text(it.color, {PlanField::category_color, plan_color_bytes_max, true}) &&
           require(is_color(it.color), PlanField::category_color, PlanFault::bad_text);
  }

  bool seat(const PlanSeat& it) {
    return text(it.guid, {PlanField::seat_guid, plan_guid_bytes_max}) &&
           unique(seen_guids_, it.guid, PlanField::seat_guid) &&
           text(it.section, {PlanField::seat_section, plan_section_bytes_max, true}) &&
           text(it.row, {PlanField::seat_row, plan_row_bytes_max, true}) &&
           text(it.number, {PlanField::seat_number, plan_number_bytes_max}) &&
           text(it.label, {PlanField::seat_label, plan_label_bytes_max}) &&
           unique(seen_labels_, it.label, PlanField::seat_label) &&
           require(categories_.contains(it.category), PlanField::seat_category,
                   PlanFault::unknown) &&
           coordinate(it.x, PlanField::seat_x) && coordinate(it.y, PlanField::seat_y);
  }

  bool text(std::string_view value, TextRule rule) {
    return require(rule.may_be_empty || !value.empty(), rule.field, PlanFault::empty) &&
           require(value.size() <= rule.bytes_max, rule.field, PlanFault::too_long) &&
           require(is_text(value) && !has_control_character(value), rule.field,
                   PlanFault::bad_text);
  }

  // The conditions on numbers are worded so that a NaN fails them.
  bool length(double value, PlanField field) {
    return require(value > 0 && value <= plan_coordinate_max, field, PlanFault::out_of_range);
  }

  bool coordinate(double value, PlanField field) {
    return require(std::abs(value) <= plan_coordinate_max, field, PlanFault::out_of_range);
  }

  bool count(std::size_t value, std::size_t value_max, PlanField field) {
    return require(value > 0, field, PlanFault::empty) &&
           require(value <= value_max, field, PlanFault::too_many);
  }

  bool unique(FirstSeen& seen, std::string_view value, PlanField field) {
    const auto [first, added] = seen.try_emplace(value, index_);
    if (!added) error_ = PlanError{field, PlanFault::duplicate, index_, first->second};
    return added;
  }

  bool require(bool condition, PlanField field, PlanFault fault) {
    if (!condition) error_ = PlanError{field, fault, index_, std::nullopt};
    return condition;
  }

  const SeatingPlan& plan_;
  FirstSeen categories_;
  FirstSeen seen_guids_;
  FirstSeen seen_labels_;
  std::size_t index_ = 0;
  std::optional<PlanError> error_;
};

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

std::expected<void, PlanError> validate(const SeatingPlan& plan) { return Check(plan).run(); }

}  // namespace onsale::domain
