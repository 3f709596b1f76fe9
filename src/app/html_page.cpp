#include "app/html_page.h"

#include <fmt/format.h>

namespace onsale::app {
namespace {

// Texts stand out from the paper by 4.5 to 1 at least, and shapes by 3 to 1. Where the screen is
// narrow a drawing shrinks, so its words grow.
constexpr std::string_view style = R"css(
:root { color-scheme: light dark; --text: #1c2430; --soft: #5b6675; --paper: #fff; --rule: #d9dee6;
  --line: #2f6fde; --rate: #12876f; --seats: #8a5bc7; --good: #12703a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaf0; --soft: #9aa5b4; --paper: #14181f;
  --rule: #333c49; --line: #7aa7ff; --rate: #4fc3a8; --seats: #bd9aec; --good: #6fd08f;
  --bad: #ff8a80; } }
@media print { :root { color-scheme: light; --text: #000; --soft: #444; --paper: #fff; --rule: #bbb;
  --line: #2f6fde; --rate: #12876f; --seats: #8a5bc7; --good: #12703a; --bad: #b3261e; }
  tr, svg, h2, h3 { break-inside: avoid; } h2, h3 { break-after: avoid; } }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--paper); }
main { max-width: 48rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: 1rem; }
h2 small, p.soft, figcaption { color: var(--soft); font-weight: normal; }
.verdict { font-size: 1.25rem; font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--rule); } thead th { color: var(--soft); font-weight: 600; }
table.numbers td, table.numbers thead th:not(:first-child) { text-align: right; }
table.numbers th, table.numbers td { white-space: nowrap; padding-right: .5rem; }
th small { color: var(--soft); font-weight: normal; } summary { cursor: pointer; }
td, li, code { overflow-wrap: anywhere; } .wide { overflow-x: auto; } figure { margin: 1.5rem 0; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg .title { fill: var(--text); } svg .grid { stroke: var(--rule); }
svg .line { fill: var(--line); } svg .rate { fill: var(--rate); } svg .seats { fill: var(--seats); }
svg .failures { fill: var(--bad); }
svg .stroke { fill: none; stroke-width: 1.5; } svg .usual { stroke: var(--line); }
svg .slow { stroke: var(--rate); stroke-dasharray: 6 2; }
svg .slowest { stroke: var(--seats); stroke-dasharray: 2 2; }
@media screen and (max-width: 36rem) { svg text { font-size: 19px; } svg .stroke { stroke-width: 3; } }
)css";

std::string cells_of(const std::vector<std::string>& cells, std::size_t from) {
  std::string html;
  for (std::size_t i = from; i < cells.size(); ++i) html += "<td>" + cells[i] + "</td>";
  return html;
}

}  // namespace

std::string html_page(std::string_view title, std::string_view body) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html += fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n", title, style);
  html += fmt::format("<body>\n<main>\n<h1>{}</h1>\n{}</main>\n</body>\n</html>\n", title, body);
  return html;
}

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

std::string table_row(const std::vector<std::string>& cells) {
  return "<tr>" + cells_of(cells, 0) + "</tr>\n";
}

std::string table_row_named(const std::vector<std::string>& cells) {
  return "<tr><th scope=\"row\">" + cells.at(0) + "</th>" + cells_of(cells, 1) + "</tr>\n";
}

std::string figure_row(std::string_view id, std::string_view name, std::string_view value) {
  return fmt::format("<tr><th scope=\"row\">{}</th><td id=\"{}\">{}</td></tr>\n", name, id, value);
}

std::string table(const TableHead& head, std::string_view rows) {
  std::string html = fmt::format(
      "<div class=\"wide\" role=\"group\" aria-label=\"{}\" tabindex=\"0\"><table{}><thead><tr>",
      head.label, head.numbers ? " class=\"numbers\"" : "");
  for (const std::string_view name : head.names) {
    html += fmt::format("<th scope=\"col\">{}</th>", name);
  }
  return html + fmt::format("</tr></thead><tbody>\n{}</tbody></table></div>\n", rows);
}

std::string table_of_figures(std::string_view rows) {
  return fmt::format("<table><tbody>\n{}</tbody></table>\n", rows);
}

std::string bullets(const std::vector<std::string>& sentences) {
  std::string html = "<ul>\n";
  for (const std::string& sentence : sentences) html += "<li>" + escaped(sentence) + "</li>\n";
  return html + "</ul>\n";
}

std::string figure(std::string_view svg, std::string_view caption) {
  if (svg.empty()) return "";
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", svg, caption);
}

std::string clock_text(http::Timestamp at) {
  std::string words = http::format_timestamp(at).substr(0, 19);
  words.at(10) = ' ';
  return words;
}

std::string time_element(http::Timestamp at) {
  return fmt::format(R"(<time datetime="{}">{}</time>)", http::format_timestamp(at),
                     clock_text(at));
}

}  // namespace onsale::app
