#include "app/fairness_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "app/commands.h"
#include "http/json.h"

namespace onsale::app {
namespace {

using domain::Duration;
using store::FairnessReport;
using store::FairnessRoom;

constexpr std::size_t revocations_max = 10;  // printed of each room; the page has more
constexpr std::size_t curve_width = 48;

std::string line(std::string_view name, std::string_view text) {
  return fmt::format("{:>16} {}\n", name, printable(text));
}

/// A line of blocks as high as the values, the highest of them eight eighths.
std::string curve(const std::vector<double>& values) {
  constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t width = std::min(curve_width, values.size());
  std::vector<double> shown(width, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    double& column = shown[i * width / values.size()];
    column = std::max(column, values[i]);
  }
  const double highest = std::ranges::max(shown);
  std::string text;
  for (const double value : shown) {
    const double part = highest > 0 ? value / highest * static_cast<double>(blocks.size()) : 0;
    text +=
        value > 0 ? blocks.at(static_cast<std::size_t>(std::max(0.0, std::ceil(part) - 1))) : " ";
  }
  return text;
}

std::string lines_of_curves(const FairnessRoom& room) {
  if (room.timeline.spans().empty()) return "";
  std::vector<double> waiting;
  std::vector<double> admitted;
  for (std::size_t i = 0; i < room.timeline.spans().size(); ++i) {
    waiting.push_back(static_cast<double>(room.timeline.spans()[i].waiting_max));
    admitted.push_back(room.timeline.admitted_per_minute(i));
  }
  return line("line", fmt::format("{} at most {}", curve(waiting), room.waiting_max)) +
         line("admissions", fmt::format("{} at most {} in a minute", curve(admitted),
                                        room.timeline.admitted_in_a_minute_max()));
}

std::string lines_of_revocations(const FairnessRoom& room) {
  std::string lines;
  const std::int64_t all = room.while_waiting.revoked + room.after_admission.revoked;
  std::size_t shown = 0;
  for (const auto& exception : room.exceptions) {
    if (exception.cause != store::ExceptionCause::revoked || shown == revocations_max) continue;
    ++shown;
    lines +=
        line("revoked", fmt::format("number {} by user {} at {}{}", exception.number,
                                    exception.by.value, http::format_timestamp(exception.ended_at),
                                    exception.admitted ? ", after admission" : ""));
  }
  const std::int64_t more = all - static_cast<std::int64_t>(shown);
  return more > 0 ? lines + line("revoked", fmt::format("and {} more", more)) : lines;
}

std::string lines_of_draw(const store::DrawHeld& draw) {
  return line("draw", fmt::format("{}; {} numbers, {} of them had left; their order is that of the "
                                  "seed",
                                  http::format_timestamp(draw.at), draw.numbers, draw.left));
}

std::string lines_of(const FairnessRoom& room) {
  const store::WaitTimes& waits = room.waits;
  std::string lines = printable(fmt::format("room {}, {}", room.id.value, room.name)) + "\n";
  lines += line("arrivals", fmt::to_string(room.arrivals));
  lines += line("admitted",
                fmt::format("{}: {}; {} are active", room.admitted,
                            ends_text(room.after_admission, /*admitted=*/true), room.still_active));
  lines += line("not admitted", fmt::format("{}; {} wait", ends_text(room.while_waiting, false),
                                            room.still_waiting));
  lines += line("active", fmt::format("at most {} at a time", room.active_max));
  if (waits.count() > 0) {
    lines +=
        line("waited",
             fmt::format("median {}, 99 % at most {}, longest {}", wait_text(waits.percentile(50)),
                         wait_text(waits.percentile(99)), wait_text(waits.longest())));
  }
  lines += lines_of_curves(room);
  if (room.draw) lines += lines_of_draw(*room.draw);
  lines += lines_of_revocations(room);
  if (const auto changes = static_cast<std::int64_t>(room.changes.size()); changes > 0) {
    lines += line("changes", fmt::to_string(changes + room.changes_left_out));
  }
  for (const std::string& note : room.notes) lines += line("note", note);
  return lines;
}

}  // namespace

std::string fairness_words(const FairnessReport& report) {
  std::string words = line("journal entries", fmt::to_string(report.journal_entries));
  for (const FairnessRoom& room : report.rooms) words += lines_of(room);
  for (const std::string& violation : report.violations) {
    words += fmt::format("VIOLATION {}\n", violation);
  }
  if (report.violations_left_out > 0) {
    words += fmt::format("and {} more\n", report.violations_left_out);
  }
  return words + (report.fair() ? "fair: nobody was admitted before their turn" : "NOT fair");
}

std::string wait_text(Duration wait) {
  const std::int64_t ms = wait.count();
  const std::int64_t seconds = ms / 1000;
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (seconds < 60) return fmt::format("{}.{} s", seconds, ms % 1000 / 100);
  if (minutes < 60) return fmt::format("{} min {} s", minutes, seconds % 60);
  if (hours < 24) return fmt::format("{} h {} min", hours, minutes % 60);
  return fmt::format("{} d {} h", hours / 24, hours % 24);
}

std::string ends_text(const store::VisitEnds& ends, bool admitted) {
  const std::array<std::pair<std::int64_t, std::string_view>, 5> all{
      {{ends.completed, "completed"},
       {ends.left, "left"},
       {ends.revoked, "revoked"},
       {ends.expired, admitted ? "session over" : "idle for too long"},
       {ends.unclaimed, "did not show up"}}};
  std::string text;
  for (const auto& [count, name] : all) {
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  return text.empty() ? "nobody" : text;
}

}  // namespace onsale::app
