#include "rush/tally.h"

#include <algorithm>

namespace onsale::rush {

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

void Tally::complain(std::string what) {
  if (complaints_.size() < complaints_max &&
      std::ranges::find(complaints_, what) == complaints_.end()) {
    complaints_.push_back(std::move(what));
  }
}

void Tally::moved(Stage from, Stage to) {
  --people_[static_cast<std::size_t>(from)];
  ++people_[static_cast<std::size_t>(to)];
  if (to == Stage::active) ++now_.admitted;
}

const Second& Tally::close_second() {
  now_.waiting = people(Stage::waiting);
  now_.active = people(Stage::active);
  now_.bought = people(Stage::bought);
  now_.p50 = now_times_.percentile(50);
  now_.p99 = now_times_.percentile(99);
  seconds_.push_back(now_);
  now_ = {.second = now_.second + 1};
  now_times_ = {};
  return seconds_.back();
}

}  // namespace onsale::rush
