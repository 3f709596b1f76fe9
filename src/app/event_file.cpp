#include "app/event_file.h"

#include <fmt/format.h>

#include <boost/describe.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include "api/seating_plan_json.h"
#include "api/time_zone.h"
#include "http/json.h"

namespace onsale::app {
namespace {

namespace fs = std::filesystem;
using http::rule;
using http::rule_list;

constexpr std::int64_t price_max = 1'000'000'000'000;

// The members have the names and limits they have in the API.

struct VenueText {
  std::string name;
  std::string location;
  std::string time_zone;
};
BOOST_DESCRIBE_STRUCT(VenueText, (), (name, location, time_zone))
constexpr auto rules(const VenueText*) {
  return rule_list(rule("name").not_empty().max_length(200),
                   rule("location").max_length(500).defaulted(), rule("time_zone").not_empty());
}

struct EventText {
  std::string title;
  std::string artist;
  std::int64_t waiting_room_id = domain::default_room.value;
  http::Timestamp sales_open_at;
  std::optional<http::Timestamp> sales_close_at;
  std::optional<std::int64_t> seats_per_user_max;
  std::optional<std::int64_t> hold_seconds;
  std::optional<bool> require_balance_at_hold;
};
BOOST_DESCRIBE_STRUCT(EventText, (),
                      (title, artist, waiting_room_id, sales_open_at, sales_close_at,
                       seats_per_user_max, hold_seconds, require_balance_at_hold))
constexpr auto rules(const EventText*) {
  return rule_list(rule("title").not_empty().max_length(300), rule("artist").max_length(300),
                   rule("waiting_room_id").min(1).defaulted(),
                   rule("seats_per_user_max").min(1).max(domain::seats_per_reservation_max),
                   rule("hold_seconds").min(1).max(86'400));
}

struct TierText {
  std::string name;
  std::int64_t price = 0;
};
BOOST_DESCRIBE_STRUCT(TierText, (), (name, price))
constexpr auto rules(const TierText*) {
  return rule_list(rule("name").not_empty().max_length(100), rule("price").min(0).max(price_max));
}

struct PerformanceText {
  std::string name;
  http::Timestamp starts_at;
  std::optional<http::Timestamp> sales_open_at;
  std::optional<http::Timestamp> sales_close_at;
  std::vector<TierText> price_tiers;
  std::string seating_plan;
};
BOOST_DESCRIBE_STRUCT(PerformanceText, (),
                      (name, starts_at, sales_open_at, sales_close_at, price_tiers, seating_plan))
constexpr auto rules(const PerformanceText*) {
  return rule_list(rule("name").not_empty().max_length(300),
                   rule("price_tiers").min_items(1).max_items(100),
                   rule("seating_plan").not_empty());
}

struct EventFile {
  EventText event;
  VenueText venue;
  std::vector<PerformanceText> performances;
};
BOOST_DESCRIBE_STRUCT(EventFile, (), (event, venue, performances))
constexpr auto rules(const EventFile*) {
  return rule_list(rule("performances").min_items(1).max_items(event_file_performances_max));
}

std::string at(const fs::path& path, std::string_view place, std::string_view detail) {
  return fmt::format("{}: {}: {}", path.string(), place, detail);
}

std::string words_of(const fs::path& path, const http::ParseError& error) {
  if (error.malformed()) return fmt::format("{}: {}", path.string(), error.message);
  std::string words;
  for (const http::FieldError& field : error.fields) {
    if (!words.empty()) words += '\n';
    words += at(path, field.field, field.message);
  }
  return words;
}

std::expected<EventFile, std::string> parse_file(const fs::path& path) {
  const auto text = read_text_file(path, event_file_bytes_max);
  if (!text) return std::unexpected(text.error());
  auto parsed = http::parse<EventFile>(*text);
  if (parsed) return std::move(*parsed);
  if (api::parse_seating_plan(*text)) {
    return std::unexpected(fmt::format(
        "{} is a seating plan: say which performance it is for, --performance ID", path.string()));
  }
  return std::unexpected(words_of(path, parsed.error()));
}

domain::CreateEvent event_of(const EventText& text) {
  domain::CreateEvent event{.title = text.title,
                            .artist = text.artist,
                            .room = {text.waiting_room_id},
                            .sales_open_at = text.sales_open_at,
                            .sales_close_at = text.sales_close_at};
  event.policy.seats_per_user_max = text.seats_per_user_max;
  event.policy.require_balance_at_hold = text.require_balance_at_hold;
  if (text.hold_seconds) event.policy.hold_duration = std::chrono::seconds{*text.hold_seconds};
  return event;
}

domain::CreatePerformance performance_of(const PerformanceText& text) {
  domain::CreatePerformance performance{.name = text.name,
                                        .starts_at = text.starts_at,
                                        .sales_open_at = text.sales_open_at,
                                        .sales_close_at = text.sales_close_at};
  for (const TierText& tier : text.price_tiers) {
    performance.price_tiers.push_back({.name = tier.name, .price = {tier.price}});
  }
  return performance;
}

/// Adds the performances with their plans; each plan's file is read once.
std::expected<void, std::string> add_performances(const EventFile& file, const fs::path& path,
                                                  SetUpOffice::Show& show) {
  std::map<std::string, std::shared_ptr<const domain::SeatingPlan>> plans;
  for (const PerformanceText& text : file.performances) {
    auto& plan = plans[text.seating_plan];
    if (!plan) {
      auto read = read_plan_file(path.parent_path() / text.seating_plan);
      if (!read) return std::unexpected(read.error());
      plan = std::move(*read);
    }
    show.performances.push_back({.performance = performance_of(text), .plan = plan});
  }
  return {};
}

}  // namespace

std::expected<std::string, std::string> read_text_file(const fs::path& path,
                                                       std::size_t bytes_max) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return std::unexpected(fmt::format("cannot read {}: it is a folder", path.string()));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  for (char block[65536]; file.read(block, sizeof block) || file.gcount() > 0;) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (text.size() > bytes_max) {
      return std::unexpected(
          fmt::format("{} is larger than {} MiB", path.string(), bytes_max / (1024 * 1024)));
    }
  }
  if (file.bad() || !file.eof()) {
    return std::unexpected(
        fmt::format("cannot read {}: {}", path.string(), std::strerror(errno ? errno : EIO)));
  }
  return text;
}

std::expected<std::shared_ptr<const domain::SeatingPlan>, std::string> read_plan_file(
    const fs::path& path) {
  const auto text = read_text_file(path, api::plan_json_bytes_max);
  if (!text) return std::unexpected(text.error());
  auto plan = api::parse_seating_plan(*text);
  if (!plan) {
    return std::unexpected(fmt::format("{}: {}", path.string(), plan.error().message()));
  }
  return std::make_shared<const domain::SeatingPlan>(std::move(*plan));
}

std::expected<SetUpOffice, std::string> read_event_file(const fs::path& path) {
  auto file = parse_file(path);
  if (!file) return std::unexpected(file.error());
  if (!api::is_time_zone(file->venue.time_zone)) {
    return std::unexpected(
        at(path, "venue.time_zone", "is no IANA time zone this system knows, such as Asia/Seoul"));
  }
  SetUpOffice set_up;
  set_up.venues.push_back({.name = file->venue.name,
                           .location = file->venue.location,
                           .time_zone = file->venue.time_zone});
  SetUpOffice::Show& show = set_up.shows.emplace_back();
  show.event = event_of(file->event);
  if (auto added = add_performances(*file, path, show); !added) {
    return std::unexpected(added.error());
  }
  if (const auto problem = find_problem(show)) {
    return std::unexpected(at(path, problem->place, problem->detail));
  }
  return set_up;
}

}  // namespace onsale::app
