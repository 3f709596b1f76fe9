#include "app/rush_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/commands.h"
#include "app/output_file.h"
#include "rush/summary.h"

namespace onsale::app {

bool Progress::is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

void Progress::show(const rush::Tally& tally, const rush::Second& second) const {
  const std::string text = rush::progress_text(tally, second);
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r\x1b[2K\x1b[?7l" : "", text,
             terminal_ ? "\x1b[?7h" : "\n");
  std::fflush(stderr);
}

Progress::~Progress() {
  if (terminal_) fmt::print(stderr, "\n");
}

Done report_rush(const RushReport& report, const RushFiles& files, const rush::Tally& tally) {
  print(rush::summary_text(tally, report.took));
  std::string wrong;
  const auto note = [&](const Done& done) {
    if (!done) wrong += (wrong.empty() ? "" : "\n") + done.error().message;
  };
  if (!files.json.empty()) {
    note(write_file(files.json, rush::summary_json(tally, report.took) + "\n"));
  }
  if (!files.html.empty()) note(write_file(files.html, rush_page(report, tally)));
  if (const auto count = tally.people(rush::Stage::failed); count > 0) {
    note(failed(fmt::format("{} buyers were failed by the server", count)));
  }
  if (wrong.empty()) return {};
  return failed(wrong);
}

}  // namespace onsale::app
