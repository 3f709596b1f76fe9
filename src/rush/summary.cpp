#include "rush/summary.h"

#include <fmt/format.h>

#include <boost/describe.hpp>
#include <map>
#include <optional>
#include <vector>

#include "http/json.h"

namespace onsale::rush {
namespace {

double milliseconds(Histogram::Time time) { return static_cast<double>(time.count()) / 1000; }

struct AskWords {
  std::int64_t answers = 0;
  std::int64_t fine = 0;
  std::int64_t refused = 0;
  std::int64_t failed = 0;
  std::int64_t retried = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
  double longest_ms = 0;
};
BOOST_DESCRIBE_STRUCT(AskWords, (),
                      (answers, fine, refused, failed, retried, p50_ms, p90_ms, p99_ms, p999_ms,
                       longest_ms))

struct SecondWords {
  std::int64_t second = 0;
  std::int64_t waiting = 0;
  std::int64_t active = 0;
  std::int64_t bought = 0;
  std::int64_t admitted = 0;
  std::int64_t holds = 0;
  std::int64_t answers = 0;
  std::int64_t failures = 0;
  std::int64_t retried = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double longest_ms = 0;
  std::optional<std::int64_t> seats_left;
};
BOOST_DESCRIBE_STRUCT(SecondWords, (),
                      (second, waiting, active, bought, admitted, holds, answers, failures, retried,
                       p50_ms, p99_ms, longest_ms, seats_left))

struct SummaryWords {
  double seconds = 0;
  std::map<std::string, std::int64_t> buyers;
  std::int64_t seats_bought = 0;
  std::map<std::string, AskWords> asks;
  std::vector<SecondWords> timeline;
  std::vector<std::string> complaints;
};
BOOST_DESCRIBE_STRUCT(SummaryWords, (), (seconds, buyers, seats_bought, asks, timeline, complaints))

AskWords words_of(const AskFigures& of) {
  const auto at = [&](double percent) { return milliseconds(of.times.percentile(percent)); };
  return {.answers = of.times.count(),
          .fine = of.fine,
          .refused = of.refused,
          .failed = of.failed,
          .retried = of.retried,
          .p50_ms = at(50),
          .p90_ms = at(90),
          .p99_ms = at(99),
          .p999_ms = at(99.9),
          .longest_ms = milliseconds(of.times.longest())};
}

SecondWords words_of(const Second& of) {
  return {.second = of.second,
          .waiting = of.waiting,
          .active = of.active,
          .bought = of.bought,
          .admitted = of.admitted,
          .holds = of.holds,
          .answers = of.answers,
          .failures = of.failures,
          .retried = of.retried,
          .p50_ms = milliseconds(of.p50),
          .p99_ms = milliseconds(of.p99),
          .longest_ms = milliseconds(of.longest),
          .seats_left = of.seats_left};
}

}  // namespace

std::string progress_text(const Tally& tally, const Second& second) {
  const auto without = tally.people(Stage::empty_handed) + tally.people(Stage::gave_up);
  return fmt::format(
      "{:>4} s  {:<8}  to come {:>6}  waiting {:>6}  active {:>5}  bought {:>6}  without {:>6}  "
      "failed {:>4}  seats left {:>5}  holds/s {:>6}  answers/s {:>6}  retried/s {:>5}  p50 "
      "{:>7.1f} ms  p99 "
      "{:>7.1f} ms",
      second.second + 1, to_text(tally.phase()), tally.people(Stage::to_come), second.waiting,
      second.active, second.bought, without, tally.people(Stage::failed),
      second.seats_left ? fmt::to_string(*second.seats_left) : "?", second.holds, second.answers,
      second.retried, milliseconds(second.p50), milliseconds(second.p99));
}

std::string summary_text(const Tally& tally, std::chrono::milliseconds took) {
  std::string text = fmt::format("{:.1f} s, {} seats bought\n",
                                 static_cast<double>(took.count()) / 1000, tally.seats());
  each_stage(tally, [&](Stage stage, std::int64_t count) {
    if (count > 0) text += fmt::format("  {:<13}{:>9}\n", to_text(stage), count);
  });
  text += fmt::format("{:<9}{:>9}{:>9}{:>8}{:>9}{:>10}{:>10}{:>10}{:>10}\n", "", "answers",
                      "refused", "failed", "retried", "p50 ms", "p99 ms", "p99.9 ms", "longest");
  each_ask(tally, [&](Ask ask, const AskFigures& of) {
    const AskWords words = words_of(of);
    text += fmt::format("{:<9}{:>9}{:>9}{:>8}{:>9}{:>10.1f}{:>10.1f}{:>10.1f}{:>10.1f}\n",
                        to_text(ask), words.answers, words.refused, words.failed, words.retried,
                        words.p50_ms, words.p99_ms, words.p999_ms, words.longest_ms);
  });
  for (const std::string& complaint : tally.complaints()) text += complaint + "\n";
  text.pop_back();
  return text;
}

std::string summary_json(const Tally& tally, std::chrono::milliseconds took) {
  SummaryWords words{.seconds = static_cast<double>(took.count()) / 1000,
                     .seats_bought = tally.seats(),
                     .complaints = tally.complaints()};
  each_stage(tally, [&](Stage stage, std::int64_t count) {
    words.buyers[std::string(to_text(stage))] = count;
  });
  each_ask(tally, [&](Ask ask, const AskFigures& of) {
    words.asks[std::string(to_text(ask))] = words_of(of);
  });
  for (const Second& second : tally.seconds()) words.timeline.push_back(words_of(second));
  return onsale::http::write(words);
}

}  // namespace onsale::rush
