#include "app/fairness_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "http/json.h"

namespace onsale::app {
namespace {

using store::Timeline;
using Value = std::function<double(std::size_t)>;  // of a span

// In units of the drawing.
constexpr double left = 56;
constexpr double width = 640;
constexpr double line_top = 24;
constexpr double line_height = 130;
constexpr double rate_top = 196;
constexpr double rate_height = 90;
constexpr double bottom = 330;

/// One, two or five times a power of ten, not less than `value`.
double round_up(double value) {
  if (value <= 1) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power) return step * power;
  }
  return 10 * power;
}

struct Panel {
  std::string_view title;
  std::string_view style;  ///< the class of the shape
  double top;
  double height;
  Value value;
};

std::string text(double x, double y, std::string_view anchor, std::string_view words) {
  return fmt::format(R"(<text x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>)", x, y, anchor,
                     words);
}

/// Steps: each span is as wide as the next one.
std::string shape(const Timeline& timeline, const Panel& panel, double highest) {
  const double step = width / static_cast<double>(timeline.spans().size());
  const double floor = panel.top + panel.height;
  std::string path = fmt::format("M{:.1f} {:.1f}", left, floor);
  double x = left;
  for (std::size_t i = 0; i < timeline.spans().size(); ++i) {
    path += fmt::format("V{:.1f}", floor - panel.value(i) / highest * panel.height);
    path += fmt::format("H{:.1f}", x += step);
  }
  return fmt::format(R"(<path class="{}" d="{}V{:.1f}Z"/>)", panel.style, path, floor);
}

std::string draw(const Timeline& timeline, const Panel& panel) {
  double most = 0;
  for (std::size_t i = 0; i < timeline.spans().size(); ++i) most = std::max(most, panel.value(i));
  const double highest = round_up(most);
  const double floor = panel.top + panel.height;
  std::string svg = text(left, panel.top - 8, "start", panel.title);
  for (const double part : {0.0, 0.5, 1.0}) {
    const double y = floor - part * panel.height;
    svg += fmt::format(R"(<line class="grid" x1="{:.0f}" x2="{:.0f}" y1="{:.1f}" y2="{:.1f}"/>)",
                       left, left + width, y, y);
    svg +=
        text(left - 6, y + 4, "end", fmt::format("{:.{}f}", part * highest, highest < 10 ? 1 : 0));
  }
  return svg + shape(timeline, panel, highest);
}

std::string clock_text(domain::Timestamp at) {
  std::string words = http::format_timestamp(at).substr(0, 19);
  words.at(10) = ' ';
  return words;
}

}  // namespace

std::string fairness_chart(const Timeline& timeline) {
  if (timeline.spans().empty()) return "";
  const domain::Timestamp end =
      timeline.begin() + timeline.span() * static_cast<std::int64_t>(timeline.spans().size());
  const Panel line{"People in line", "line", line_top, line_height, [&](std::size_t i) {
                     return static_cast<double>(timeline.spans()[i].waiting_max);
                   }};
  const Panel rate{"Admissions per minute", "rate", rate_top, rate_height,
                   [&](std::size_t i) { return timeline.admitted_per_minute(i); }};
  std::string svg = fmt::format(
      R"(<svg viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="People in line and admissions per )"
      R"(minute, from {} to {} UTC">)",
      left + width + 24, bottom, clock_text(timeline.begin()), clock_text(end));
  svg += draw(timeline, line) + draw(timeline, rate);
  svg += text(left, bottom - 12, "start", clock_text(timeline.begin()));
  svg += text(left + width, bottom - 12, "end", clock_text(end) + " UTC");
  return svg + "</svg>";
}

std::string time_element(domain::Timestamp at) {
  return fmt::format(R"(<time datetime="{}">{}</time>)", http::format_timestamp(at),
                     clock_text(at));
}

}  // namespace onsale::app
