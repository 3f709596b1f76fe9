// Pages of HTML to publish, print or keep: each is one file that needs nothing else and runs no
// script, for light and dark screens of any width and for paper. What they have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/json.h"

namespace onsale::app {

/// The whole document. `title` is its heading, too; `body` is HTML.
[[nodiscard]] std::string html_page(std::string_view title, std::string_view body);

/// A text that somebody else wrote, fit for HTML, within an element or an attribute in double
/// quotes. Control characters become spaces. Whatever goes to the functions below is HTML already.
[[nodiscard]] std::string escaped(std::string_view text);

/// A row of a table.
[[nodiscard]] std::string table_row(const std::vector<std::string>& cells);
/// The same, where the first cell says what the others are about.
[[nodiscard]] std::string table_row_named(const std::vector<std::string>& cells);
/// A row of a list of figures. `id` is the cell's, so that a link or a program finds it.
[[nodiscard]] std::string figure_row(std::string_view id, std::string_view name,
                                     std::string_view value);

struct TableHead {
  std::string_view label;  ///< what the table is, for those who cannot see it
  std::vector<std::string_view> names;
  bool numbers = false;  ///< the columns but the first are
};
/// It scrolls sideways, also by keyboard, where the screen is narrow.
[[nodiscard]] std::string table(const TableHead& head, std::string_view rows);
/// Of figure_row()s.
[[nodiscard]] std::string table_of_figures(std::string_view rows);

/// A list with a dot before each; the sentences are escaped.
[[nodiscard]] std::string bullets(const std::vector<std::string>& sentences);
/// A drawing and what is to be said of it; empty without a drawing.
[[nodiscard]] std::string figure(std::string_view svg, std::string_view caption);

/// "2026-06-01 10:00:00", UTC.
[[nodiscard]] std::string clock_text(http::Timestamp at);
/// The same in a <time> element.
[[nodiscard]] std::string time_element(http::Timestamp at);

}  // namespace onsale::app
