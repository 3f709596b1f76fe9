#include "app/fairness_chart.h"

#include <fmt/format.h>

#include "app/chart.h"
#include "app/html_page.h"

namespace onsale::app {

std::string fairness_chart(const store::FairnessRoom& room) {
  const store::Timeline& timeline = room.timeline;
  const std::size_t spans = timeline.spans().size();
  const domain::Timestamp end =
      timeline.begin() + timeline.span() * static_cast<std::int64_t>(spans);
  Series line{.style = "line"};
  Series rate{.style = "rate"};
  for (std::size_t i = 0; i < spans; ++i) {
    line.values.emplace_back(timeline.spans()[i].waiting_max);
    rate.values.emplace_back(timeline.admitted_per_minute(i));
  }
  return draw(Chart{
      .id = fmt::format("room-{}-over-time", room.id.value),
      .title = "People in line and admissions per minute",
      .description = fmt::format("From {} to {} UTC, at most {} in line.",
                                 clock_text(timeline.begin()), clock_text(end), room.waiting_max),
      .panels = {{.title = "People in line", .series = {line}, .height = 130},
                 {.title = "Admissions per minute", .series = {rate}}},
      .times = {{.at = 0, .words = clock_text(timeline.begin())},
                {.at = 1, .words = clock_text(end) + " UTC"}}});
}

}  // namespace onsale::app
