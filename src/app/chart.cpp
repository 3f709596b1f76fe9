#include "app/chart.h"

#include <fmt/format.h>

#include <algorithm>

namespace onsale::app {
namespace {

// In units of the drawing. A word may be 20 high: on a phone it is.
constexpr double left = 76;
constexpr double width = 628;
constexpr double right = left + width;
constexpr double full_width = right + 16;
constexpr double above_panel = 32;  // for its title
constexpr double below_panel = 12;
constexpr double below_all = 24;  // for the times
constexpr double legend_step = 112;
constexpr double sample_width = 28;

/// Where a panel's values are drawn.
struct Plot {
  double top;
  double height;
  [[nodiscard]] double floor() const { return top + height; }
};

std::string text(double x, double y, std::string_view anchor, std::string_view words) {
  return fmt::format(R"(<text x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text>)", x, y, anchor,
                     words);
}

std::string grid(double x1, double y1, double x2, double y2) {
  return fmt::format(R"(<line class="grid" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", x1,
                     y1, x2, y2);
}

/// Steps: each span is as wide as the next one. Where a value is not known there is nothing.
std::string steps(const Series& series, const Axis& axis, Plot plot, bool filled) {
  const double step = width / static_cast<double>(series.values.size());
  std::string path;
  bool drawing = false;
  const auto end = [&] {
    if (drawing && filled) path += fmt::format("V{:.1f}Z", plot.floor());
    drawing = false;
  };
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (!series.values[i]) {
      end();
      continue;
    }
    const double x = left + static_cast<double>(i) * step;
    const double y = plot.floor() - axis.place(*series.values[i]) * plot.height;
    if (!drawing) path += fmt::format("M{:.1f} {:.1f}", x, filled ? plot.floor() : y);
    path += fmt::format("V{:.1f}H{:.1f}", y, x + step);
    drawing = true;
  }
  end();
  return fmt::format(R"(<path class="{}{}" d="{}"/>)", filled ? "" : "stroke ", series.style, path);
}

Axis axis_of(const Panel& panel) {
  std::vector<double> known;
  for (const Series& series : panel.series) {
    for (const auto& value : series.values) {
      if (value) known.push_back(*value);
    }
  }
  if (known.empty()) known.push_back(1);
  const auto [least, most] = std::ranges::minmax(known);
  return panel.kind == Panel::Kind::times ? Axis::of_times(least, most) : Axis::of_counts(most);
}

std::string legend(const Panel& panel, double y) {
  std::string svg;
  double x = right - legend_step * static_cast<double>(panel.series.size());
  for (const Series& series : panel.series) {
    svg += fmt::format(R"(<path class="stroke {}" d="M{:.0f} {:.0f}h{:.0f}"/>)", series.style, x,
                       y - 4, sample_width);
    svg += text(x + sample_width + 6, y, "start", series.name);
    x += legend_step;
  }
  return svg;
}

std::string draw(const Panel& panel, Plot plot, const std::vector<Tick>& times) {
  const Axis axis = axis_of(panel);
  const double title_y = plot.top - 10;
  std::string svg = fmt::format(R"(<text class="title" x="{:.0f}" y="{:.0f}">{}</text>)", left,
                                title_y, panel.title);
  if (panel.series.size() > 1) svg += legend(panel, title_y);
  for (const Tick& tick : times) {
    const double x = left + tick.at * width;
    svg += grid(x, plot.top, x, plot.floor());
  }
  for (const Tick& tick : axis.ticks()) {
    const double y = plot.floor() - tick.at * plot.height;
    svg += grid(left, y, right, y);
    svg += fmt::format(R"(<text x="{:.0f}" y="{:.1f}" dy=".35em" text-anchor="end">{}</text>)",
                       left - 6, y, tick.words);
  }
  for (const Series& series : panel.series) {
    svg += steps(series, axis, plot, panel.series.size() == 1);
  }
  return svg;
}

/// Within the drawing also at its ends.
std::string_view anchor_of(const Tick& tick) {
  constexpr double edge = 0.06;
  if (tick.at < edge) return "start";
  return tick.at > 1 - edge ? "end" : "middle";
}

}  // namespace

std::string draw(const Chart& chart) {
  if (chart.panels.empty() || chart.panels.front().series.front().values.empty()) return "";
  std::string inside;
  double y = 0;
  for (const Panel& panel : chart.panels) {
    const Plot plot{.top = y + above_panel, .height = panel.height};
    inside += draw(panel, plot, chart.times);
    y = plot.floor() + below_panel;
  }
  for (const Tick& tick : chart.times) {
    inside += text(left + tick.at * width, y + 8, anchor_of(tick), tick.words);
  }
  return fmt::format(
      R"(<svg id="{0}" viewBox="0 0 {1:.0f} {2:.0f}" role="img" aria-labelledby="{0}-title {0}-about">)"
      R"(<title id="{0}-title">{3}</title><desc id="{0}-about">{4}</desc>{5}</svg>)",
      chart.id, full_width, y + below_all, chart.title, chart.description, inside);
}

}  // namespace onsale::app
