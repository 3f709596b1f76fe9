#include "app/fairness_page.h"

#include <fmt/format.h>

#include <initializer_list>

#include "app/fairness_chart.h"
#include "app/fairness_words.h"

namespace onsale::app {
namespace {

using store::FairnessReport;
using store::FairnessRoom;

constexpr std::string_view style = R"css(
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6675; --paper: #fff; --rule: #d9dee6;
  --line: #2f6fde; --rate: #12876f; --good: #12703a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaf0; --soft: #9aa5b4; --paper: #14181f;
  --rule: #333c49; --line: #7aa7ff; --rate: #4fc3a8; --good: #6fd08f; --bad: #ff8a80; } }
@media print { :root { color-scheme: light; --text: #000; --soft: #444; --paper: #fff; --rule: #bbb;
  --line: #2f6fde; --rate: #12876f; --good: #12703a; --bad: #b3261e; }
  tr, svg, h2, h3 { break-inside: avoid; } h2, h3 { break-after: avoid; } }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--paper); }
main { max-width: 48rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: 1rem; }
h2 small, p.soft, figcaption { color: var(--soft); font-weight: normal; }
.verdict { font-size: 1.25rem; font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--rule); } thead th { color: var(--soft); font-weight: 600; }
code { overflow-wrap: anywhere; } .wide { overflow-x: auto; } figure { margin: 1.5rem 0; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg .grid { stroke: var(--rule); } svg .line { fill: var(--line); } svg .rate { fill: var(--rate); }
)css";

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

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return safe;
}

std::string row(std::initializer_list<std::string> cells) {
  std::string html = "<tr>";
  for (const std::string& cell : cells) html += "<td>" + cell + "</td>";
  return html + "</tr>\n";
}

std::string table(std::initializer_list<std::string_view> heads, std::string_view rows) {
  std::string html = "<div class=\"wide\"><table><thead><tr>";
  for (const std::string_view head : heads) html += fmt::format("<th>{}</th>", head);
  return html + fmt::format("</tr></thead><tbody>\n{}</tbody></table></div>\n", rows);
}

std::string more(std::int64_t count) {
  return count > 0 ? fmt::format("<p class=\"soft\">and {} more</p>\n", count) : "";
}

/// The figures have names of their own, so that a link or a program finds them.
std::string figures(const FairnessRoom& room) {
  std::string rows;
  const auto add = [&](std::string_view id, std::string_view name, std::string_view value) {
    rows += fmt::format("<tr><th>{}</th><td id=\"room-{}-{}\">{}</td></tr>\n", name, room.id.value,
                        id, value);
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
  return "<table><tbody>\n" + rows + "</tbody></table>\n";
}

std::string chart(const FairnessRoom& room) {
  const std::string svg = fairness_chart(room.timeline);
  if (svg.empty()) return "";
  return fmt::format("<figure>{}<figcaption>In spans of {}.</figcaption></figure>\n", svg,
                     wait_text(room.timeline.span()));
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
    rows +=
        row({fmt::to_string(exception.number), std::string(to_text(exception.cause)),
             exception.admitted ? "after admission" : "in line", time_element(exception.entered_at),
             time_element(exception.ended_at), user(exception.by, "")});
  }
  return html + table({"Number", "Cause", "When", "Entered", "Ended", "By"}, rows) +
         more(room.exceptions_left_out);
}

std::string changes(const FairnessRoom& room) {
  if (room.changes.empty()) return "";
  std::string rows;
  for (const auto& change : room.changes) {
    rows += row({time_element(change.at), user(change.by, "the program"), escaped(change.what)});
  }
  return "<h3>Changes</h3>\n" + table({"Time", "By", "Now"}, rows) + more(room.changes_left_out);
}

std::string list(const std::vector<std::string>& sentences) {
  std::string html = "<ul>\n";
  for (const std::string& sentence : sentences) html += "<li>" + escaped(sentence) + "</li>\n";
  return html + "</ul>\n";
}

std::string section(const FairnessRoom& room) {
  std::string html = fmt::format("<section id=\"room-{}\">\n<h2>{} <small>room {}</small></h2>\n",
                                 room.id.value, escaped(room.name), room.id.value);
  html += figures(room) + chart(room) + draw(room) + exceptions(room) + changes(room);
  if (!room.notes.empty()) html += "<h3>What could not be known</h3>\n" + list(room.notes);
  return html + "</section>\n";
}

std::string verdict(const FairnessReport& report) {
  if (report.fair()) {
    return "<p class=\"verdict good\">Fair: nobody was admitted before their turn.</p>\n";
  }
  const auto count = static_cast<std::int64_t>(report.violations.size());
  return fmt::format("<p class=\"verdict bad\">Not fair: {} violations.</p>\n",
                     count + report.violations_left_out) +
         list(report.violations) + more(report.violations_left_out);
}

}  // namespace

std::string fairness_page(const FairnessReport& report) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Fairness of the waiting rooms</title>\n<style>";
  html += style;
  html += "</style>\n</head>\n<body>\n<main>\n<h1>Fairness of the waiting rooms</h1>\n";
  html += verdict(report);
  html += fmt::format(
      "<p class=\"soft\">From {} journal entries, {} to {}; times are UTC. Onsale {}.</p>\n",
      report.journal_entries, time_element(report.first_at), time_element(report.last_at),
      ONSALE_VERSION);
  for (const FairnessRoom& room : report.rooms) html += section(room);
  html += what_is_proven;
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace onsale::app
