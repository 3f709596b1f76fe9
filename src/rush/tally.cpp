#include "rush/tally.h"

#include <algorithm>

#include "http/utf8.h"

namespace onsale::rush {
namespace {

/// Fit for a terminal, for JSON and for a page.
std::string one_line(std::string_view text, std::size_t bytes_max) {
  std::string line;
  while (!text.empty()) {
    const std::size_t length = onsale::http::character_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (line.size() + std::max<std::size_t>(1, length) > bytes_max) return line + "...";
    if (length == 0) {
      line += '?';
    } else if (first < 0x20 || first == 0x7f) {
      line += ' ';
    } else {
      line += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return line;
}

}  // namespace

std::string_view to_text(Ask ask) {
  static constexpr std::array<std::string_view, asks> words{"enter",  "look", "seats", "hold",
                                                            "charge", "pay",  "leave"};
  return words[static_cast<std::size_t>(ask)];
}

std::string_view to_text(Stage stage) {
  static constexpr std::array<std::string_view, stages> words{
      "to come", "waiting", "active", "bought", "empty-handed", "gave up", "failed"};
  return words[static_cast<std::size_t>(stage)];
}

std::string_view to_text(Phase phase) {
  static constexpr std::array<std::string_view, 5> words{"arriving", "in line", "selling",
                                                         "settling", "over"};
  return words[static_cast<std::size_t>(phase)];
}

void Tally::answered(Ask ask, int status, Clock::time_point meant_at) {
  const auto took = std::chrono::floor<Histogram::Time>(Clock::now() - meant_at);
  AskFigures& of = figures_[static_cast<std::size_t>(ask)];
  of.times.record(took);
  now_times_.record(took);
  ++now_.answers;
  constexpr int not_modified = 304;
  constexpr int refusals_from = 400;
  constexpr int failures_from = 500;
  const bool fine = (status >= 200 && status < 300) || status == not_modified;
  if (fine) {
    ++of.fine;
    if (ask == Ask::hold) ++now_.holds;
  } else if (status >= refusals_from && status < failures_from) {
    ++of.refused;
  } else {
    ++of.failed;
    ++now_.failures;
  }
}

void Tally::asked_again(Ask ask) {
  ++figures_[static_cast<std::size_t>(ask)].retried;
  ++now_.retried;
}

void Tally::complain(std::string_view what) {
  if (complaints_.size() == complaints_max) return;
  std::string line = one_line(what, complaint_bytes_max);
  if (std::ranges::find(complaints_, line) == complaints_.end()) {
    complaints_.push_back(std::move(line));
  }
}

void Tally::moved(Stage from, Stage to) {
  --people_[static_cast<std::size_t>(from)];
  ++people_[static_cast<std::size_t>(to)];
  if (to == Stage::active) ++now_.admitted;
}

Phase Tally::phase() const {
  if (people(Stage::to_come) > 0) return Phase::arriving;
  if (people(Stage::waiting) > 0) return Phase::in_line;
  if (people(Stage::active) == 0) return Phase::over;
  return seats_left_ == 0 ? Phase::settling : Phase::selling;
}

const Second& Tally::close_second() {
  now_.waiting = people(Stage::waiting);
  now_.active = people(Stage::active);
  now_.bought = people(Stage::bought);
  now_.p50 = now_times_.percentile(50);
  now_.p99 = now_times_.percentile(99);
  now_.longest = now_times_.longest();
  now_.seats_left = seats_left_;
  seconds_.push_back(now_);
  now_ = {.second = now_.second + 1};
  now_times_ = {};
  return seconds_.back();
}

}  // namespace onsale::rush
