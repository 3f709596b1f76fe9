// Drawings over time for pages of HTML: panels one above the other over one axis of time, as an
// inline SVG. The colours are the page's (html_page.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/axis.h"

namespace onsale::app {

/// One value for each of equal spans of time; none where it is not known.
using Values = std::vector<std::optional<double>>;

struct Series {
  std::string_view style;  ///< its class in the page's CSS
  Values values;
  std::string_view name;  ///< for the legend, if there are several
};

struct Panel {
  std::string_view title;  ///< with the unit
  std::vector<Series>
      series;  ///< one is drawn as an area, several as lines; all equally many values
  enum class Kind : std::uint8_t { counts, times } kind = Kind::counts;  ///< times in milliseconds
  double height = 90;  ///< in units of the drawing, which is 720 wide
};

struct Chart {
  std::string id;     ///< of the drawing; its own in the page
  std::string title;  ///< both for those who cannot see it; HTML
  std::string description;
  std::vector<Panel> panels;
  std::vector<Tick> times;  ///< of the axis of time
};

/// Empty if there is nothing to draw.
[[nodiscard]] std::string draw(const Chart& chart);

}  // namespace onsale::app
