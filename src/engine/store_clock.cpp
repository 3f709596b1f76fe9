#include "engine/store_clock.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace onsale::engine {
namespace {

std::string wrong_by(domain::Duration ahead) {
  return fmt::format(
      "this machine's clock is {:.3f} s {} the database's, by which the box office goes: set it "
      "right",
      std::chrono::duration<double>(std::chrono::abs(ahead)).count(),
      ahead > domain::Duration{0} ? "ahead of" : "behind");
}

}  // namespace

void StoreClock::measure(store::Reader& reader) {
  const Machine* machine = clock_.machine();
  if (!machine || !has_clock_) return;
  const auto now = machine->steady();
  if (asked_at_ && now - *asked_at_ < measured_every) return;
  if (!asked_at_) known_at_ = now;
  asked_at_ = now;
  const auto asked = ask(*machine, reader);
  has_clock_ = !asked || asked->has_value();
  if (!has_clock_) return;
  if (!asked || (*asked)->took > off_max) {
    if (now - *known_at_ < unknown_max) return;
    const std::string why = asked ? "it answers too slowly" : asked.error().message;
    return note(std::nullopt, "the database's clock cannot be measured: " + why);
  }
  const Measured& found = **asked;
  known_at_ = found.at;
  clock_.steer(found.at, found.time);
  const auto passed = machine->steady() - found.at;
  const auto ahead = std::chrono::floor<domain::Duration>(machine->wall() - found.time - passed);
  note(ahead, std::chrono::abs(ahead) > off_max ? wrong_by(ahead) : "");
}

/// The answer that took the shortest way. The store looked at its clock somewhere on it, in the
/// middle most likely.
auto StoreClock::ask(const Machine& machine, store::Reader& reader) const
    -> store::Result<std::optional<Measured>> {
  std::optional<Measured> best;
  for (int i = 0; i < questions; ++i) {
    const auto before = machine.steady();
    const auto time = reader.clock();
    const auto took = machine.steady() - before;
    if (!time) return std::unexpected(time.error());
    if (!*time) return std::nullopt;
    if (!best || took < best->took) best = {.at = before + took / 2, .time = **time, .took = took};
  }
  return best;
}

void StoreClock::note(std::optional<domain::Duration> ahead, const std::string& warning) {
  const std::lock_guard lock(mutex_);
  machine_ahead_ = ahead;
  const bool was_wrong = !warning_.empty();
  warning_ = warning;
  if (warning.empty() == !was_wrong) return;
  if (was_wrong) {
    spdlog::info("this machine's clock agrees with the database's again");
  } else {
    spdlog::warn("{}", warning);
  }
}

std::optional<domain::Duration> StoreClock::machine_ahead() const {
  const std::lock_guard lock(mutex_);
  return machine_ahead_;
}

std::string StoreClock::warning() const {
  const std::lock_guard lock(mutex_);
  return warning_;
}

}  // namespace onsale::engine
