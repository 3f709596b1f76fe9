#include "store/policy_words.h"

#include <fmt/format.h>

#include <chrono>

namespace onsale::store {

using namespace domain;  // this speaks of nothing else

namespace {

std::string number(std::int64_t value) { return fmt::to_string(value); }
std::string seconds(Duration value) {
  return fmt::format("{} s", static_cast<double>(value.count()) / 1000);
}

/// Puts "name value" into `words` if the two differ; an empty value is the default again.
template <class T, class Text>
void note_setting(std::string& words, std::string_view name, const std::optional<T>& before,
                  const std::optional<T>& after, const Text& text) {
  if (before == after) return;
  if (!words.empty()) words += ", ";
  words += after ? fmt::format("{} {}", name, text(*after)) : fmt::format("{} default", name);
}

void note_settings(std::string& words, const RoomPolicyOverrides& a, const RoomPolicyOverrides& b) {
  const auto name = [](auto value) { return std::string(to_text(value)); };
  note_setting(words, "active_sessions_max", a.active_sessions_max, b.active_sessions_max, number);
  note_setting(words, "admission_rate_per_minute", a.admission_rate_per_minute,
               b.admission_rate_per_minute, number);
  note_setting(words, "session_duration", a.session_duration, b.session_duration, seconds);
  note_setting(words, "claim_timeout", a.claim_timeout, b.claim_timeout, seconds);
  note_setting(words, "idle_timeout", a.idle_timeout, b.idle_timeout, seconds);
  note_setting(words, "entry_work", a.entry_work, b.entry_work, number);
  note_setting(words, "session_ends_on", a.session_ends_on, b.session_ends_on, name);
  note_setting(words, "order", a.order, b.order, name);
}

/// The same settings as if a room had made all of them.
RoomPolicyOverrides all_of(const RoomPolicy& policy) {
  return {.active_sessions_max = policy.active_sessions_max,
          .admission_rate_per_minute = policy.admission_rate_per_minute,
          .session_duration = policy.session_duration,
          .claim_timeout = policy.claim_timeout,
          .idle_timeout = policy.idle_timeout,
          .entry_work = policy.entry_work,
          .session_ends_on = policy.session_ends_on,
          .order = policy.order};
}

}  // namespace

std::string utc(Timestamp at) {
  const std::chrono::sys_seconds seconds = std::chrono::floor<std::chrono::seconds>(at);
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(seconds)};
  const std::chrono::hh_mm_ss time{at - std::chrono::floor<std::chrono::days>(at)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

std::string words_of_change(const WaitingRoom& before, const WaitingRoom& after) {
  std::string words;
  if (before.state != after.state) words = to_text(after.state);
  note_settings(words, before.policy, after.policy);
  note_setting(words, "opens_at", before.opens_at, after.opens_at, utc);
  return words.empty() ? "nothing of its settings" : words;
}

std::string words_of_change(const Policy& before, const Policy& after) {
  const auto yes_no = [](bool value) { return std::string(value ? "yes" : "no"); };
  const auto set = [](auto value) { return std::optional(value); };
  std::string words;
  note_settings(words, all_of(before.room), all_of(after.room));
  const SalesPolicy& a = before.sales;
  const SalesPolicy& b = after.sales;
  note_setting(words, "hold_duration", set(a.hold_duration), set(b.hold_duration), seconds);
  note_setting(words, "seats_per_user_max", set(a.seats_per_user_max), set(b.seats_per_user_max),
               number);
  note_setting(words, "require_balance_at_hold", set(a.require_balance_at_hold),
               set(b.require_balance_at_hold), yes_no);
  note_setting(words, "charge_max", set(before.wallet.charge_max.minor),
               set(after.wallet.charge_max.minor), number);
  return words;
}

}  // namespace onsale::store
