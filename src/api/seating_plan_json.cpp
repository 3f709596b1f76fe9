#include "api/seating_plan_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace onsale::api {
namespace {

namespace json = boost::json;
using domain::PlanError;
using domain::PlanFault;
using domain::PlanField;

// A member or an element in the document. Lives on the stack beside what is read there and is
// only put into words when there is something to say.
class Place {
 public:
  Place() = default;
  [[nodiscard]] Place member(std::string_view name) const { return {this, name, 0}; }
  [[nodiscard]] Place element(std::size_t index) const { return {this, {}, index}; }

  [[nodiscard]] std::string text() const {
    if (parent_ == nullptr) return {};
    std::string path = parent_->text();
    if (name_.empty()) return path + '[' + std::to_string(index_) + ']';
    if (!path.empty()) path += '.';
    return path.append(name_);
  }

 private:
  Place(const Place* parent, std::string_view name, std::size_t index)
      : parent_(parent), name_(name), index_(index) {}

  const Place* parent_ = nullptr;
  std::string_view name_;  // empty for an element
  std::size_t index_ = 0;
};

struct SeatPlace {
  std::size_t zone, row, seat;
};

struct Point {
  double x = 0;
  double y = 0;
};

std::string quoted(std::string_view text) { return json::serialize(json::string(text)); }

std::string_view kind_name(json::kind kind) {
  switch (kind) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "unknown";
}

std::string number_text(const json::value& value) {
  if (!value.is_double()) return json::serialize(value);
  char text[32];
  const auto written = std::to_chars(std::begin(text), std::end(text), value.get_double());
  return {text, written.ptr};
}

// Sums of decimals such as 0.1 + 0.2 would carry their noise into every seat map.
double rounded(double value) { return std::round(value * 1000) / 1000; }

// Walks the document. The first problem is kept and everything read after it is a default, so
// that the walk itself needs no error handling but to stop early.
class Reader {
 public:
  domain::SeatingPlan plan;
  std::vector<SeatPlace> places;  // of plan.seats, by index
  std::optional<PlanProblem> problem;

  void read(const json::value& document) {
    const Place root;
    if (!document.is_object()) return refuse(root, wrong_kind("an object", document));
    const json::object& top = document.get_object();
    plan.name = text(top, root, "name", domain::plan_name_bytes_max);
    read_size(top, root);
    read_each(top, root, "categories", [this](const json::object& category, const Place& at) {
      plan.categories.push_back(
          {text(category, at, "name", domain::plan_category_bytes_max),
           optional_text(category, at, "color", domain::plan_color_bytes_max)});
    });
    read_each(top, root, "zones",
              [this](const json::object& zone, const Place& at) { read_zone(zone, at); });
  }

 private:
  void read_size(const json::object& top, const Place& root) {
    const Place at = root.member("size");
    const json::object* size = object(top, at, "size");
    if (size == nullptr) return;
    plan.width = number(*size, at, "width");
    plan.height = number(*size, at, "height");
  }

  void read_zone(const json::object& zone, const Place& at) {
    section_ = optional_text(zone, at, "name", domain::plan_section_bytes_max);
    zone_origin_ = position(zone, at);
    read_each(zone, at, "rows",
              [this](const json::object& row, const Place& row_at) { read_row(row, row_at); });
    ++next_.zone;
    next_.row = 0;
  }

  void read_row(const json::object& row, const Place& at) {
    row_ = text_or_number(row, at, "row_number", domain::plan_row_bytes_max);
    row_origin_ = row.contains("position") ? position(row, at) : Point{};
    read_each(row, at, "seats",
              [this](const json::object& seat, const Place& seat_at) { read_seat(seat, seat_at); });
    ++next_.row;
    next_.seat = 0;
  }

  void read_seat(const json::object& seat, const Place& at) {
    if (plan.seats.size() == domain::plan_seats_max)
      return refuse(at, "more than " + std::to_string(domain::plan_seats_max) + " seats");
    domain::PlanSeat& read = plan.seats.emplace_back();
    places.push_back(next_);
    ++next_.seat;
    read.guid = text(seat, at, "seat_guid", domain::plan_guid_bytes_max);
    read.section = section_;
    read.row = row_;
    read.number = text_or_number(seat, at, "seat_number", domain::plan_number_bytes_max);
    read.label = domain::seat_label(read.section, read.row, read.number);
    read.category = text(seat, at, "category", domain::plan_category_bytes_max);
    const Point point = position(seat, at);
    read.x = rounded(zone_origin_.x + row_origin_.x + point.x);
    read.y = rounded(zone_origin_.y + row_origin_.y + point.y);
  }

  template <class ReadOne>
  void read_each(const json::object& parent, const Place& parent_at, std::string_view name,
                 ReadOne read_one) {
    const Place at = parent_at.member(name);
    const json::value* list = member(parent, at, name);
    if (list == nullptr) return;
    if (!list->is_array()) return refuse(at, wrong_kind("an array", *list));
    std::size_t index = 0;
    for (const json::value& element : list->get_array()) {
      const Place element_at = at.element(index++);
      if (!element.is_object()) return refuse(element_at, wrong_kind("an object", element));
      read_one(element.get_object(), element_at);
      if (problem) return;
    }
  }

  Point position(const json::object& parent, const Place& parent_at) {
    const Place at = parent_at.member("position");
    const json::object* point = object(parent, at, "position");
    if (point == nullptr) return {};
    return {number(*point, at, "x"), number(*point, at, "y")};
  }

  double number(const json::object& parent, const Place& parent_at, std::string_view name) {
    const Place at = parent_at.member(name);
    const json::value* value = member(parent, at, name);
    if (value == nullptr) return 0;
    if (!value->is_number()) return refuse(at, wrong_kind("a number", *value)), 0;
    const double read = value->to_number<double>();
    if (!(std::abs(read) <= domain::plan_coordinate_max))
      return refuse(at, number_text(*value) + " is beyond what a plan can hold"), 0;
    return read;
  }

  std::string text(const json::object& parent, const Place& parent_at, std::string_view name,
                   std::size_t bytes_max) {
    const Place at = parent_at.member(name);
    const json::value* value = member(parent, at, name);
    if (value == nullptr) return {};
    if (!value->is_string()) return refuse(at, wrong_kind("a string", *value)), std::string();
    const std::string_view read = value->get_string();
    // Refused before it is copied: a zone's name is copied to every seat of the zone.
    if (read.size() > bytes_max)
      return refuse(at, "longer than " + std::to_string(bytes_max) + " bytes"), std::string();
    return std::string(read);
  }

  std::string optional_text(const json::object& parent, const Place& parent_at,
                            std::string_view name, std::size_t bytes_max) {
    return parent.contains(name) ? text(parent, parent_at, name, bytes_max) : std::string();
  }

  std::string text_or_number(const json::object& parent, const Place& parent_at,
                             std::string_view name, std::size_t bytes_max) {
    const json::value* value = parent.if_contains(name);
    if (value == nullptr || !value->is_number()) return text(parent, parent_at, name, bytes_max);
    return number_text(*value);
  }

  const json::object* object(const json::object& parent, const Place& at, std::string_view name) {
    const json::value* value = member(parent, at, name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) refuse(at, wrong_kind("an object", *value));
    return value->if_object();
  }

  const json::value* member(const json::object& parent, const Place& at, std::string_view name) {
    const json::value* value = parent.if_contains(name);
    if (value == nullptr) refuse(at, "missing");
    return value;
  }

  static std::string wrong_kind(std::string_view wanted, const json::value& value) {
    return std::string("must be ")
        .append(wanted)
        .append(", but is ")
        .append(kind_name(value.kind()));
  }

  void refuse(const Place& at, std::string detail) {
    if (!problem) problem = PlanProblem{at.text(), std::move(detail)};
  }

  SeatPlace next_{};  // where the next seat stands
  std::string section_;
  std::string row_;
  Point zone_origin_;
  Point row_origin_;
};

// What the document calls a field. A seat's section is its zone's name; a label has no member of
// its own, so that the seat itself is the place.
std::string_view field_name(PlanField field) {
  switch (field) {
    case PlanField::name:
    case PlanField::category_name:
    case PlanField::seat_section:
      return "name";
    case PlanField::width:
      return "size.width";
    case PlanField::height:
      return "size.height";
    case PlanField::categories:
      return "categories";
    case PlanField::category_color:
      return "color";
    case PlanField::seats:
      return "zones";
    case PlanField::seat_guid:
      return "seat_guid";
    case PlanField::seat_row:
      return "row_number";
    case PlanField::seat_number:
      return "seat_number";
    case PlanField::seat_label:
      return "";
    case PlanField::seat_category:
      return "category";
    case PlanField::seat_x:
      return "position.x";
    case PlanField::seat_y:
      return "position.y";
  }
  return "";
}

std::string place_of(const Reader& reader, PlanField field, std::size_t index) {
  std::string name(field_name(field));
  if (field <= PlanField::categories || field == PlanField::seats) return name;
  if (field <= PlanField::category_color)
    return "categories[" + std::to_string(index) + "]." + name;
  const SeatPlace& at = reader.places[index];
  std::string path = "zones[" + std::to_string(at.zone) + "]";
  if (field == PlanField::seat_section) return path + '.' + name;
  path += ".rows[" + std::to_string(at.row) + "]";
  if (field == PlanField::seat_row) return path + '.' + name;
  path += ".seats[" + std::to_string(at.seat) + "]";
  return name.empty() ? path : path + '.' + name;
}

std::string duplicate_detail(const Reader& reader, const PlanError& error) {
  const std::string other = place_of(reader, error.field, *error.other);
  if (error.field == PlanField::seat_label) {
    return "would have the same label as " + other + ", " +
           quoted(reader.plan.seats[error.index].label);
  }
  const std::string& value = error.field == PlanField::seat_guid
                                 ? reader.plan.seats[error.index].guid
                                 : reader.plan.categories[error.index].name;
  return "duplicates " + other + ' ' + quoted(value);
}

std::string detail_of(const Reader& reader, const PlanError& error) {
  switch (error.fault) {
    case PlanFault::empty:
      return error.field == PlanField::seats ? "no seats" : "empty";
    case PlanFault::too_many:
      return "too many";
    case PlanFault::too_long:
      return "too long";
    case PlanFault::bad_text:
      return error.field == PlanField::category_color
                 ? "must be a colour such as \"#7f4a91\" or \"red\""
                 : "must not contain control characters";
    case PlanFault::out_of_range:
      return "out of range";
    case PlanFault::unknown:
      return "unknown category " + quoted(reader.plan.seats[error.index].category);
    case PlanFault::duplicate:
      return duplicate_detail(reader, error);
  }
  return "invalid";
}

PlanProblem syntax_problem(std::string_view text, std::size_t offset,
                           const boost::system::error_code& error) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::string place =
      "line " + std::to_string(line) + ", column " + std::to_string(offset - line_start + 1);
  if (error == json::error::too_deep)
    return {place, "nested deeper than " + std::to_string(plan_json_depth_max)};
  if (error == json::error::incomplete) return {place, "the document ends too early"};
  return {place, "not valid JSON (" + error.message() + ")"};
}

}  // namespace

std::string PlanProblem::message() const { return place.empty() ? detail : place + ": " + detail; }

std::expected<domain::SeatingPlan, PlanProblem> parse_seating_plan(std::string_view json) {
  if (json.size() > plan_json_bytes_max) {
    return std::unexpected(
        PlanProblem{"", "larger than " + std::to_string(plan_json_mebibytes_max) + " MiB"});
  }
  // Editors on some systems put a byte order mark before the text.
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);

  json::parse_options options;
  options.max_depth = plan_json_depth_max;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  const std::size_t consumed = parser.write(json.data(), json.size(), error);
  if (!error) parser.finish(error);
  if (error) return std::unexpected(syntax_problem(json, consumed, error));

  Reader reader;
  reader.read(parser.release());
  if (reader.problem) return std::unexpected(std::move(*reader.problem));
  if (const auto valid = domain::validate(reader.plan); !valid) {
    const PlanError& found = valid.error();
    return std::unexpected(
        PlanProblem{place_of(reader, found.field, found.index), detail_of(reader, found)});
  }
  return std::move(reader.plan);
}

}  // namespace onsale::api
