// What `onsale rush` says while it plays and leaves behind when it is over.
#pragma once

#include <string>

#include "app/failure.h"
#include "app/rush_page.h"
#include "rush/tally.h"

namespace onsale::app {

/// A line for each second, on stderr. On a terminal it takes the place of the one before, and what
/// has no room is cut there.
class Progress {
 public:
  Progress() = default;
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const rush::Tally& tally, const rush::Second& second) const;

 private:
  const bool terminal_ = is_terminal();
  [[nodiscard]] static bool is_terminal();
};

/// Files to be written; none where the name is empty.
struct RushFiles {
  std::string json;
  std::string html;
};

/// Prints and writes all that can be, whatever cannot; then says what was wrong: a file, or that
/// the server failed somebody.
[[nodiscard]] Done report_rush(const RushReport& report, const RushFiles& files,
                               const rush::Tally& tally);

}  // namespace onsale::app
