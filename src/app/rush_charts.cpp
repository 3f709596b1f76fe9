#include "app/rush_charts.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/chart.h"
#include "app/html_page.h"

namespace onsale::app {
namespace {

using rush::Second;
using rush::Span;
using rush::Timeline;

using Count = std::int64_t Second::*;
using Time = rush::Histogram::Time Second::*;

std::int64_t most(const Timeline& timeline, Count count) {
  std::int64_t most = 0;
  for (const Span& span : timeline.spans) most = std::max(most, span.all.*count);
  return most;
}

Panel people(const Timeline& timeline, std::string_view title, std::string_view style,
             Count count) {
  Series series{.style = style};
  for (const Span& span : timeline.spans) series.values.emplace_back(span.all.*count);
  return {.title = title, .series = {std::move(series)}};
}

Panel rate(const Timeline& timeline, std::string_view title, std::string_view style, Count count) {
  Series series{.style = style};
  for (const Span& span : timeline.spans) {
    series.values.emplace_back(span.per_second(span.all.*count));
  }
  return {.title = title, .series = {std::move(series)}};
}

/// There is none where nothing was answered.
Series times(const Timeline& timeline, std::string_view name, std::string_view style, Time time) {
  constexpr double shortest_ms = 0.001;  // what is shorter has no place on the axis
  Series series{.style = style, .name = name};
  for (const Span& span : timeline.spans) {
    const double milliseconds = static_cast<double>((span.all.*time).count()) / 1000;
    series.values.emplace_back();
    if (span.all.answers > 0) series.values.back() = std::max(shortest_ms, milliseconds);
  }
  return series;
}

Panel seats(const Timeline& timeline) {
  Series series{.style = "seats"};
  for (const Span& span : timeline.spans) series.values.emplace_back(span.all.seats_left);
  return {.title = "Seats left", .series = {std::move(series)}, .height = 130};
}

/// What all of them have in common.
class Figures {
 public:
  explicit Figures(const Timeline& timeline) {
    for (const Span& span : timeline.spans) seconds_ += span.seconds;
  }

  [[nodiscard]] std::string of(std::string_view name, std::string_view title,
                               std::string_view about, std::vector<Panel> panels) const {
    return figure(draw(Chart{.id = fmt::format("rush-{}", name),
                             .title = std::string(title),
                             .description = fmt::format("Over {} s. {}", seconds_, about),
                             .panels = std::move(panels),
                             .times = time_ticks(std::chrono::seconds{seconds_})}),
                  fmt::format("{}. {}", title, about));
  }

 private:
  std::int64_t seconds_ = 0;
};

std::string seats_about(const Timeline& timeline) {
  const auto known = [](const Span& span) { return span.all.seats_left.has_value(); };
  const auto first = std::ranges::find_if(timeline.spans, known);
  if (first == timeline.spans.end()) return "Nobody came to look at the seats.";
  return fmt::format("First seen: {}; in the end: {}. As some buyer saw it last.",
                     *first->all.seats_left, timeline.spans.back().all.seats_left.value_or(0));
}

}  // namespace

std::string rush_charts(const Timeline& timeline) {
  const Figures figures(timeline);
  if (timeline.spans.empty()) return "";
  std::string html =
      figures.of("people", "Buyers in line and active",
                 fmt::format("At most {} waited and {} were active, choosing or paying.",
                             most(timeline, &Second::waiting), most(timeline, &Second::active)),
                 {people(timeline, "Waiting in line", "line", &Second::waiting),
                  people(timeline, "Active", "rate", &Second::active)});
  html += figures.of("admissions", "Admissions", "How many buyers came to their turn.",
                     {rate(timeline, "Admissions per second", "rate", &Second::admitted)});
  html +=
      figures.of("throughput", "Throughput",
                 "All answers, holds of seats that succeeded, failures, and what was asked again.",
                 {rate(timeline, "Answers per second", "line", &Second::answers),
                  rate(timeline, "Holds per second", "rate", &Second::holds),
                  rate(timeline, "Failures per second", "failures", &Second::failures),
                  rate(timeline, "Asked again per second", "rate", &Second::retried)});
  html += figures.of(
      "latency", "Time to an answer",
      "p50: half of the requests took at most this long; p99: 99 of 100. Each line of the scale is "
      "ten times the one below it, or more.",
      {{.title = "Time to an answer",
        .series = {times(timeline, "longest", "slowest", &Second::longest),
                   times(timeline, "p99", "slow", &Second::p99),
                   times(timeline, "p50", "usual", &Second::p50)},
        .kind = Panel::Kind::times,
        .height = 160}});
  html += figures.of("seats", "Seats left", seats_about(timeline), {seats(timeline)});
  return html;
}

}  // namespace onsale::app
