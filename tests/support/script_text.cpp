#include "tests/support/script_text.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace onsale::testing {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in{text};
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream in{text};
  for (std::string word; in >> word;) found.push_back(word);
  return found;
}

std::vector<std::string> columns_of(std::string row) {
  row = row.substr(0, row.find("# "));
  std::vector<std::string> columns;
  for (std::size_t at = row.find_first_not_of(' '); at < row.size();) {
    const std::size_t end = std::min(row.find("  ", at), row.size());
    columns.push_back(row.substr(at, end - at));
    at = row.find_first_not_of(' ', end);
  }
  for (auto& column : columns) column.erase(column.find_last_not_of(' ') + 1);
  return columns;
}

domain::Timestamp parse_time(const std::string& text) {
  const auto parts = split(text, ':');
  const double seconds = std::stod(parts.at(2));
  return midnight + std::chrono::hours{std::stoi(parts.at(0))} +
         std::chrono::minutes{std::stoi(parts.at(1))} +
         domain::Duration{static_cast<std::int64_t>(seconds * 1000 + 0.5)};
}

domain::Duration parse_duration(const std::string& text) {
  const std::int64_t number = std::stoll(text);
  return domain::Duration{text.ends_with("ms") ? number : number * 1000};
}

std::string time_text(domain::Timestamp at) {
  const std::int64_t ms = (at - midnight).count();
  char text[64];
  std::snprintf(text, sizeof text, "%02d:%02d:%02d", static_cast<int>(ms / 3'600'000),
                static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1000 % 60));
  if (ms % 1000 == 0) return text;
  char millis[16];
  std::snprintf(millis, sizeof millis, ".%03d", static_cast<int>(ms % 1000));
  return std::string(text) + millis;
}

Options::Options(const std::vector<std::string>& line) {
  for (const auto& word : line) {
    if (const auto eq = word.find('='); eq != std::string::npos) {
      pairs_.emplace_back(word.substr(0, eq), word.substr(eq + 1));
    }
  }
}

std::optional<std::string> Options::text(std::string_view key) const {
  for (const auto& [k, value] : pairs_) {
    if (k == key) return value;
  }
  return std::nullopt;
}

domain::ChangeRoom room_changes(const Options& options) {
  domain::ChangeRoom command{.room = domain::RoomId{1}, .fresh_seed = script_seed};
  const auto set = [&](const char* key, auto& to) {
    if (const auto text = options.text(key)) {
      to.emplace();
      if (*text != "default" && *text != "none") options.set(key, *to);
    }
  };
  set("sessions", command.policy.active_sessions_max);
  set("rate", command.policy.admission_rate_per_minute);
  set("session", command.policy.session_duration);
  set("claim", command.policy.claim_timeout);
  set("idle", command.policy.idle_timeout);
  set("opens", command.opens_at);
  if (const auto order = options.text("order")) {
    command.policy.order = domain::from_text<domain::RoomOrder>(*order);
  }
  return command;
}

std::string result_text(domain::HoldResult result) {
  static constexpr const char* names[] = {"event_not_found", "not_admitted",       "seat_not_found",
                                          "sale_not_open",   "sale_closed",        "seat_limit",
                                          "seat_taken",      "insufficient_funds", "held"};
  return names[static_cast<int>(result)];
}

std::string result_text(domain::PayResult result) {
  static constexpr const char* names[] = {"not_found",           "already_paid",
                                          "reservation_expired", "amount_mismatch",
                                          "insufficient_funds",  "paid"};
  return names[static_cast<int>(result)];
}

std::string result_text(domain::PayAllResult result) {
  static constexpr const char* names[] = {"nothing_held", "amount_mismatch", "insufficient_funds",
                                          "paid"};
  return names[static_cast<int>(result)];
}

std::string result_text(domain::CancelResult result) {
  static constexpr const char* names[] = {"not_found", "already_paid", "already_over", "canceled"};
  return names[static_cast<int>(result)];
}

std::string result_text(domain::LeaveResult result) {
  static constexpr const char* names[] = {"not_found", "not_owner", "already_over", "left"};
  return names[static_cast<int>(result)];
}

std::string result_text(domain::ChangeRoomResult result) {
  static constexpr const char* names[] = {"not_found", "invalid", "conflict", "changed"};
  return names[static_cast<int>(result)];
}

std::string result_text(domain::ChargeResult result) {
  static constexpr const char* names[] = {"user_not_found", "invalid_amount", "balance_limit",
                                          "charged"};
  return names[static_cast<int>(result)];
}

}  // namespace onsale::testing
