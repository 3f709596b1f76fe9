#include "app/rush_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "app/html_page.h"
#include "app/rush_charts.h"

namespace onsale::app {
namespace {

using rush::Ask;
using rush::AskFigures;
using rush::Second;
using rush::Span;
using rush::Stage;
using rush::Tally;
using rush::Timeline;

constexpr std::string_view how_it_counts = R"(
<h2>How it counts</h2>
<ul>
<li>Each buyer comes when the plan says, whatever became of the others, and waits for each answer
before the next step, as people do.</li>
<li>A request's time runs from the moment the buyer meant to ask: waiting for a connection counts, and
a server that stalls is not spared what would have come meanwhile.</li>
<li>Refused is what the server rightly did not do (a seat that was gone). Failed is an answer of 500
and above, or none at all.</li>
<li>Retried is what was asked again, as a page in a browser does it, because the server said when to,
or was not there; its time runs on, and only the last answer counts.</li>
<li>Seats left is what some buyer saw last: nobody looks only to count, so it may be late.</li>
</ul>
)";

std::string_view meaning(Stage stage) {
  static constexpr std::array<std::string_view, rush::stages> words{
      "had not come yet",
      "stood in line in the end",
      "were choosing or paying in the end",
      "have their tickets",
      "were admitted and left without a seat",
      "lost patience in line, or were not let in",
      "were failed by the server"};
  return words.at(static_cast<std::size_t>(stage));
}

std::string_view meaning(Ask ask) {
  static constexpr std::array<std::string_view, rush::asks> words{
      "join the line",
      "ask for the place in line",
      "look at the seats",
      "hold seats",
      "charge the wallet",
      "pay for what is held",
      "give up the place or the session"};
  return words.at(static_cast<std::size_t>(ask));
}

std::string milliseconds(rush::Histogram::Time time) {
  return fmt::format("{:.1f}", static_cast<double>(time.count()) / 1000);
}

std::string or_unknown(std::optional<std::int64_t> count) {
  return count ? fmt::to_string(*count) : "unknown";
}

std::string verdict(const Tally& tally) {
  const std::int64_t failed = tally.people(Stage::failed);
  if (failed == 0) return "<p class=\"verdict good\">The server failed nobody.</p>\n";
  return fmt::format("<p class=\"verdict bad\">The server failed {} of the buyers.</p>\n", failed);
}

std::string highlights(const RushReport& report, const Tally& tally) {
  std::int64_t buyers = 0;
  each_stage(tally, [&](Stage, std::int64_t count) { buyers += count; });
  Second most;
  for (const Second& second : tally.seconds()) {
    most.waiting = std::max(most.waiting, second.waiting);
    most.admitted = std::max(most.admitted, second.admitted);
    most.holds = std::max(most.holds, second.holds);
    most.answers = std::max(most.answers, second.answers);
  }
  const auto count = [](std::int64_t value) { return fmt::to_string(value); };
  const auto seconds = static_cast<double>(report.took.count()) / 1000;
  return table_of_figures(
      figure_row("took", "Took", fmt::format("{:.1f} s", seconds)) +
      figure_row("buyers", "Buyers", count(buyers)) +
      figure_row("seats-bought", "Seats bought", count(tally.seats())) +
      figure_row("seats-left", "Seats left, as last seen", or_unknown(tally.seats_left())) +
      figure_row("waiting-max", "Longest line", count(most.waiting)) +
      figure_row("admitted-max", "Most admitted in a second", count(most.admitted)) +
      figure_row("holds-max", "Most holds in a second", count(most.holds)) +
      figure_row("answers-max", "Most answers in a second", count(most.answers)));
}

std::string fates(const Tally& tally) {
  std::string rows;
  each_stage(tally, [&](Stage stage, std::int64_t count) {
    if (count == 0) return;
    rows += table_row_named(
        {std::string(to_text(stage)), fmt::to_string(count), std::string(meaning(stage))});
  });
  return "<h2>What became of the buyers</h2>\n" +
         table({"What became of the buyers", {"", "Buyers", "They"}}, rows);
}

std::string requests(const Tally& tally) {
  std::string rows;
  each_ask(tally, [&](Ask ask, const AskFigures& of) {
    const auto at = [&](double percent) { return milliseconds(of.times.percentile(percent)); };
    rows += table_row_named({fmt::format("{}<br><small>{}</small>", to_text(ask), meaning(ask)),
                             fmt::to_string(of.times.count()), fmt::to_string(of.refused),
                             fmt::to_string(of.failed), fmt::to_string(of.retried), at(50), at(90),
                             at(99), at(99.9), milliseconds(of.times.longest())});
  });
  return "<h2>Requests</h2>\n<p class=\"soft\">Times to an answer are in milliseconds.</p>\n" +
         table({.label = "Requests",
                .names = {"To", "Answers", "Refused", "Failed", "Retried", "p50", "p90", "p99",
                          "p99.9", "Longest"},
                .numbers = true},
               rows);
}

std::string data(const Timeline& timeline) {
  std::string rows;
  for (const Span& span : timeline.spans) {
    const Second& all = span.all;
    const auto count = [](std::int64_t value) { return fmt::to_string(value); };
    const auto rate = [&](std::int64_t value) {
      return span.seconds == 1 ? count(value) : fmt::format("{:.1f}", span.per_second(value));
    };
    rows += table_row_named(
        {count(all.second), count(all.waiting), count(all.active), count(all.bought),
         rate(all.admitted), rate(all.holds), rate(all.answers), rate(all.failures),
         rate(all.retried), milliseconds(all.p50), milliseconds(all.p99), milliseconds(all.longest),
         all.seats_left ? count(*all.seats_left) : ""});
  }
  return "<details><summary>The same in numbers</summary>\n" +
         table({.label = "Over time, in numbers",
                .names = {"From s", "Waiting", "Active", "Bought", "Admitted/s", "Holds/s",
                          "Answers/s", "Failures/s", "Retried/s", "p50 ms", "p99 ms", "Longest ms",
                          "Seats left"},
                .numbers = true},
               rows) +
         "</details>\n";
}

std::string over_time(const Tally& tally) {
  const Timeline timeline = timeline_of(tally.seconds());
  if (timeline.spans.empty()) return "";
  const std::string spans =
      timeline.span_seconds == 1
          ? "Each step is a second"
          : fmt::format(
                "Each step is {} s; rates are its average, people and times those of its "
                "worst second",
                timeline.span_seconds);
  return fmt::format("<h2>Over time</h2>\n<p class=\"soft\">{}.</p>\n", spans) +
         rush_charts(timeline) + data(timeline);
}

std::string complaints(const Tally& tally) {
  if (tally.complaints().empty()) return "";
  return "<h2>Complaints</h2>\n<p class=\"soft\">The first few, each kind once.</p>\n" +
         bullets(tally.complaints());
}

std::string plan(const RushReport& report) {
  std::string rows;
  for (const auto& [name, value] : report.plan) {
    rows += table_row_named({escaped(name), escaped(value)});
  }
  return "<h2>What was played</h2>\n" + table_of_figures(rows);
}

}  // namespace

std::string rush_page(const RushReport& report, const Tally& tally) {
  std::string html = verdict(tally);
  html += fmt::format(
      "<p class=\"soft\">An on-sale at <code>{}</code> with made-up buyers, {}; times of day are "
      "UTC. Onsale {}.</p>\n",
      escaped(report.server), time_element(report.began_at), ONSALE_VERSION);
  html += highlights(report, tally) + fates(tally) + over_time(tally) + requests(tally) +
          complaints(tally) + plan(report) + std::string(how_it_counts);
  return html_page("Rush report", html);
}

}  // namespace onsale::app
