#include "store/fairness_limits.h"

#include <algorithm>
#include <iterator>

namespace onsale::store {

using namespace domain;  // the audit speaks of nothing else

namespace {

constexpr std::int64_t us_per_minute = 60'000'000;
constexpr std::int64_t us_per_second = 1'000'000;

bool same_settings(const WaitingRoom& a, const WaitingRoom& b) {
  return a.policy == b.policy && a.opens_at == b.opens_at;
}

/// As every room begins.
WaitingRoom fresh(const WaitingRoom& row) { return {.id = row.id, .name = row.name}; }

/// What a room is now, but open: what it admitted, it admitted while it was.
WaitingRoom opened(WaitingRoom row) {
  row.state = RoomState::open;
  return row;
}

std::string_view whose(bool own) { return own ? "the room's own" : "the configuration's default"; }

}  // namespace

void FairnessFindings::add_all(FairnessFindings&& others) {
  for (std::string& violation : others.violations) add("{}", std::move(violation));
  left_out += others.left_out;
  others = {};
}

// ---- the rate ------------------------------------------------------------------------

void AdmissionPace::set_rate(std::int64_t per_minute) {
  if (per_minute == per_minute_) return;
  per_minute_ = per_minute;
  next_us_ = 0;
  if (per_minute <= 0) return;
  interval_us_ = (us_per_minute + per_minute - 1) / per_minute;
  burst_ = std::max<std::int64_t>(1, us_per_second / interval_us_);
}

bool AdmissionPace::admit(Timestamp at) {
  if (per_minute_ <= 0) return true;
  if (at < last_at_) {
    if (goes_back_) next_us_ = 0;  // the clock was set back between two runs of the server
    if (!goes_back_) at = last_at_;
  }
  last_at_ = at;
  const std::int64_t now_us = to_millis(at) * 1000;
  const std::int64_t due_us = std::max(next_us_, now_us);
  next_us_ = due_us + interval_us_;
  return due_us <= now_us + (burst_ - 1) * interval_us_;
}

// ---- one moment ----------------------------------------------------------------------

void LimitsInForce::set(const WaitingRoom& row) {
  row_ = row;
  const RoomPolicy policy = row.policy.over(defaults_.room);
  sessions_max_ = policy.active_sessions_max;
  pace_.set_rate(policy.admission_rate_per_minute);
}

void LimitsInForce::declare(const Policy& defaults) {
  defaults_ = defaults;
  declared_ = true;
  pace_.never_goes_back();
  set(WaitingRoom(row_));
}

void LimitsInForce::check_entry(std::int64_t number, FairnessFindings& findings) const {
  if (row_.state == RoomState::closed) {
    findings.add("room {}: number {} entered while the room was closed", row_.id.value, number);
  }
}

void LimitsInForce::check_admission(std::int64_t number, std::int64_t active, Timestamp at,
                                    FairnessFindings& findings) {
  const auto wrong = [&]<class... Args>(fmt::format_string<Args...> text, Args&&... args) {
    findings.add("room {}: number {} was admitted {}", row_.id.value, number,
                 fmt::format(text, std::forward<Args>(args)...));
  };
  const bool in_time = pace_.admit(at);
  defaults_used_ |=
      !declared_ && (!row_.policy.active_sessions_max || !row_.policy.admission_rate_per_minute);
  if (row_.state != RoomState::open) wrong("while the room was {}", to_text(row_.state));
  if (row_.opens_at && at < *row_.opens_at) wrong("before the room opened");
  if (active >= sessions_max_) {
    wrong("while {} were active already; {} are allowed ({})", active, sessions_max_,
          whose(row_.policy.active_sessions_max.has_value()));
  }
  if (!in_time) {
    wrong("too soon after those before; {} a minute are allowed ({})", pace_.rate(),
          whose(row_.policy.admission_rate_per_minute.has_value()));
  }
}

// ---- over time -----------------------------------------------------------------------

RoomLimits::RoomLimits(const WaitingRoom& now, const Policy& defaults)
    : defaults_(defaults), journaled_(fresh(now), defaults) {
  if (!same_settings(now, fresh(now))) as_now_.emplace(opened(now), defaults);
}

void RoomLimits::set(const WaitingRoom& row, FairnessFindings& findings) {
  journaled_.set(row);
  changed_ = true;
  as_now_.reset();
  finish(findings);
}

void RoomLimits::declare(const Policy& defaults) {
  journaled_.declare(defaults);
  if (as_now_) as_now_->declare(defaults);
}

void RoomLimits::check_entry(std::int64_t number) { journaled_.check_entry(number, found_); }

void RoomLimits::check_admission(std::int64_t number, std::int64_t active, Timestamp at) {
  journaled_.check_admission(number, active, at, found_);
  if (as_now_) as_now_->check_admission(number, active, at, found_as_now_);
}

void RoomLimits::finish(FairnessFindings& findings) {
  findings.add_all(as_now_ ? std::move(found_as_now_) : std::move(found_));
}

std::vector<std::string> RoomLimits::notes() const {
  std::vector<std::string> notes;
  if (!changed_) {
    notes.push_back(
        fmt::format("The journal has no change of this room: it was taken to be open "
                    "all the time{}.",
                    as_now_ ? ", with the limits and the opening it has now" : ""));
  }
  if ((as_now_ ? *as_now_ : journaled_).defaults_used()) {
    const std::int64_t rate = defaults_.room.admission_rate_per_minute;
    notes.push_back(fmt::format(
        "What the room did not set itself was taken from the configuration as it is now, since the "
        "journal does not have what it was: {} sessions at a time, {}.",
        defaults_.room.active_sessions_max,
        rate > 0 ? fmt::format("{} admissions a minute", rate) : "no limit of the rate"));
  }
  return notes;
}

}  // namespace onsale::store
