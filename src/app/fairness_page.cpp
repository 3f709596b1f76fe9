#include "app/fairness_page.h"

#include <fmt/format.h>

#include "app/fairness_chart.h"
#include "app/fairness_words.h"
#include "app/html_page.h"

namespace onsale::app {
namespace {

using store::FairnessReport;
using store::FairnessRoom;

constexpr std::string_view what_is_proven = R"(
<h2>What this shows</h2>
<p>Every step of every visitor is in the journal of the box office. This page was made by playing
the journal again, from its first entry to its last:</p>
<ul>
<li>Numbers were given one after the other, without a gap.</li>
<li>Whenever somebody was admitted, nobody who waited stood before them.</li>
<li>Nobody was admitted while the room was paused or closed, before it opened or before its draw,
beyond its sessions at a time or faster than its rate; nobody entered a closed room.</li>
<li>The places of a lottery are those that its published seed gives.</li>
<li>Nobody lost a place or a session before their time.</li>
</ul>
<p>Whoever lost a place in other ways is counted here with the cause, and listed.</p>
)";

std::string more(std::int64_t count) {
  return count > 0 ? fmt::format("<p class=\"soft\">and {} more</p>\n", count) : "";
}

std::string figures(const FairnessRoom& room) {
  std::string rows;
  const auto add = [&](std::string_view id, std::string_view name, std::string_view value) {
    rows += figure_row(fmt::format("room-{}-{}", room.id.value, id), name, value);
  };
  const auto count = [](std::int64_t value) { return fmt::to_string(value); };
  add("arrivals", "Arrivals", count(room.arrivals));
  add("admitted", "Admitted", count(room.admitted));
  add("after-admission", "What became of them", ends_text(room.after_admission, true));
  add("active", "Still active", count(room.still_active));
  add("while-waiting", "Not admitted", ends_text(room.while_waiting, false));
  add("waiting", "Still waiting", count(room.still_waiting));
  add("waiting-max", "Longest line", count(room.waiting_max));
  add("active-max", "Most active at a time", count(room.active_max));
  add("pace", "Most admitted in a minute", count(room.timeline.admitted_in_a_minute_max()));
  if (room.waits.count() > 0) {
    add("median", "Median wait", wait_text(room.waits.percentile(50)));
    add("p99", "99 % waited at most", wait_text(room.waits.percentile(99)));
    add("longest", "Longest wait", wait_text(room.waits.longest()));
  }
  return table_of_figures(rows);
}

std::string chart(const FairnessRoom& room) {
  return figure(fairness_chart(room),
                fmt::format("In spans of {}.", wait_text(room.timeline.span())));
}

std::string draw(const FairnessRoom& room) {
  if (!room.draw) return "";
  return fmt::format(
      "<h3>Draw</h3>\n<p>Held {} among {} who came before the opening; {} of them had left before "
      "it. Their order is that of the seed <code>{}</code>, drawn again.</p>\n",
      time_element(room.draw->at), room.draw->numbers, room.draw->left, escaped(room.draw->seed));
}

std::string user(domain::UserId id, std::string_view none) {
  return id ? fmt::format("user {}", id.value) : std::string(none);
}

std::string exceptions(const FairnessRoom& room) {
  std::string html = "<h3>Exceptions</h3>\n";
  if (room.exceptions.empty()) return html + "<p>None: nobody lost a place or a session.</p>\n";
  std::string rows;
  for (const auto& exception : room.exceptions) {
    rows += table_row({fmt::to_string(exception.number), std::string(to_text(exception.cause)),
                       exception.admitted ? "after admission" : "in line",
                       time_element(exception.entered_at), time_element(exception.ended_at),
                       user(exception.by, "")});
  }
  return html + table({"Exceptions", {"Number", "Cause", "When", "Entered", "Ended", "By"}}, rows) +
         more(room.exceptions_left_out);
}

std::string changes(const FairnessRoom& room) {
  if (room.changes.empty()) return "";
  std::string rows;
  for (const auto& change : room.changes) {
    rows +=
        table_row({time_element(change.at), user(change.by, "the program"), escaped(change.what)});
  }
  return "<h3>Changes</h3>\n" + table({"Changes", {"Time", "By", "Now"}}, rows) +
         more(room.changes_left_out);
}

std::string section(const FairnessRoom& room) {
  std::string html = fmt::format("<section id=\"room-{}\">\n<h2>{} <small>room {}</small></h2>\n",
                                 room.id.value, escaped(room.name), room.id.value);
  html += figures(room) + chart(room) + draw(room) + exceptions(room) + changes(room);
  if (!room.notes.empty()) html += "<h3>What could not be known</h3>\n" + bullets(room.notes);
  return html + "</section>\n";
}

std::string verdict(const FairnessReport& report) {
  if (report.fair()) {
    return "<p class=\"verdict good\">Fair: nobody was admitted before their turn.</p>\n";
  }
  const auto count = static_cast<std::int64_t>(report.violations.size());
  return fmt::format("<p class=\"verdict bad\">Not fair: {} violations.</p>\n",
                     count + report.violations_left_out) +
         bullets(report.violations) + more(report.violations_left_out);
}

}  // namespace

std::string fairness_page(const FairnessReport& report) {
  std::string html = verdict(report);
  html += fmt::format(
      "<p class=\"soft\">From {} journal entries, {} to {}; times are UTC. Onsale {}.</p>\n",
      report.journal_entries, time_element(report.first_at), time_element(report.last_at),
      ONSALE_VERSION);
  for (const FairnessRoom& room : report.rooms) html += section(room);
  html += what_is_proven;
  return html_page("Fairness of the waiting rooms", html);
}

}  // namespace onsale::app
