#include "sim/shadow_room.h"

#include <algorithm>
#include <utility>

#include "domain/require.h"

namespace onsale::sim {

using domain::VisitorState;

ShadowRoom::ShadowRoom(const domain::WaitingRoom& room, const domain::RoomPolicy& defaults,
                       domain::Timestamp now)
    : room_(room), defaults_(defaults), policy_(room.policy.over(defaults)) {
  budget_.set_rate(policy_.admission_rate_per_minute, now);
}

const ShadowVisitor& ShadowRoom::visitor(std::int64_t number) const {
  domain::require(number >= 1 && number <= entered(), "a visitor that entered");
  return all_[static_cast<std::size_t>(number - 1)];
}

std::int64_t ShadowRoom::live_number(domain::UserId user) const {
  const auto at = static_cast<std::size_t>(user.value);
  return at < live_.size() ? live_[at] : 0;
}

std::optional<domain::Timestamp> ShadowRoom::over_at(std::int64_t number) const {
  const ShadowVisitor& who = visitor(number);
  if (!who.deadline || who.claimed) return who.deadline;
  if (who.state == VisitorState::active) {
    if (who.last_sign) return who.session_ends;
    const domain::Timestamp anew = silence_from_ + policy_.claim_timeout;
    return std::max(*who.deadline, std::min(anew, *who.session_ends));
  }
  const auto heard = std::max(silence_from_, who.last_sign.value_or(domain::Timestamp{}));
  return std::max(*who.deadline, heard + policy_.idle_timeout);
}

bool ShadowRoom::admitting(domain::Timestamp now) const {
  const bool opened = !room_.opens_at || *room_.opens_at <= now;
  return room_.state == domain::RoomState::open && opened && undrawn_ == 0;
}

std::optional<std::int64_t> ShadowRoom::next_in_line() {
  if (undrawn_ > 0) return std::nullopt;
  const auto first = drawn_.first();
  return first ? first : arrived_.first();
}

std::optional<std::int64_t> ShadowRoom::position(std::int64_t number) const {
  const ShadowVisitor& who = visitor(number);
  if (!who.by_lot) return undrawn_ + drawn_.size() + arrived_.ahead_of(who.place) + 1;
  if (!draw_held()) return std::nullopt;
  return drawn_.ahead_of(who.place) + 1;
}

std::optional<domain::Timestamp> ShadowRoom::admission_due(domain::Timestamp now) const {
  if (room_.state != domain::RoomState::open || waiting() == 0) return std::nullopt;
  if (active_ >= policy_.active_sessions_max) return std::nullopt;
  return std::max(room_.opens_at.value_or(now), budget_.must_admit_from(now));
}

bool ShadowRoom::rate_bound(domain::Timestamp now) const {
  return admitting(now) && waiting() > 0 && active_ < policy_.active_sessions_max;
}

void ShadowRoom::enter(const domain::Visitor& visitor) {
  ShadowVisitor who{.token = visitor.token,
                    .user = visitor.user,
                    .order_key = visitor.order_key,
                    .by_lot = visitor.order_key < 0};
  if (policy_.idle_timeout.count() > 0) who.deadline = visitor.issued_at + policy_.idle_timeout;
  if (who.by_lot) {
    ++undrawn_;
  } else {
    who.place = arrived_.append(visitor.number);
  }
  const auto user = static_cast<std::size_t>(visitor.user.value);
  if (live_.size() <= user) live_.resize(user + 1);
  live_[user] = visitor.number;
  all_.push_back(who);
}

void ShadowRoom::admit(std::int64_t number, bool claimed, domain::Timestamp now) {
  ShadowVisitor& who = find(number);
  stop_waiting(who);
  who.state = VisitorState::active;
  who.last_sign.reset();
  who.claimed = claimed;
  who.session_ends = now + policy_.session_duration;
  who.deadline =
      claimed ? who.session_ends : std::min(*who.session_ends, now + policy_.claim_timeout);
  ++active_;
  budget_.admitted(now);
}

void ShadowRoom::note_sign(std::int64_t number, domain::Timestamp now) {
  find(number).last_sign = now;
}

void ShadowRoom::forget_signs() {
  for (ShadowVisitor& who : all_) who.last_sign.reset();
}

void ShadowRoom::hear(std::int64_t number, domain::Timestamp at) {
  ShadowVisitor& who = find(number);
  if (who.state == VisitorState::active) {
    who.claimed = true;
    who.deadline = who.session_ends;
  } else if (policy_.idle_timeout.count() > 0) {
    who.deadline = at + policy_.idle_timeout;
  } else {
    who.deadline.reset();
  }
}

void ShadowRoom::excuse(std::int64_t number) {
  ShadowVisitor& who = find(number);
  who.deadline = who.state == VisitorState::active
                     ? std::min(silence_from_ + policy_.claim_timeout, *who.session_ends)
                     : silence_from_ + policy_.idle_timeout;
}

void ShadowRoom::end(std::int64_t number, VisitorState how) {
  ShadowVisitor& who = find(number);
  if (who.state == VisitorState::active) {
    --active_;
  } else {
    stop_waiting(who);
  }
  who.state = how;
  who.deadline.reset();
  live_[static_cast<std::size_t>(who.user.value)] = 0;
}

void ShadowRoom::change(const domain::WaitingRoom& room, domain::Timestamp now) {
  const std::int64_t rate = policy_.admission_rate_per_minute;
  room_ = room;
  policy_ = room.policy.over(defaults_);
  if (policy_.admission_rate_per_minute != rate) {
    budget_.set_rate(policy_.admission_rate_per_minute, now);
  }
}

std::vector<std::int64_t> ShadowRoom::draw(const domain::WaitingRoom& room) {
  room_ = room;
  std::vector<std::pair<std::int64_t, std::int64_t>> lots;
  for (std::int64_t number = 1; number <= entered(); ++number) {
    const ShadowVisitor& who = visitor(number);
    if (who.by_lot && who.state == VisitorState::waiting) lots.emplace_back(who.order_key, number);
  }
  std::ranges::sort(lots);
  std::vector<std::int64_t> order;
  for (const auto& [key, number] : lots) {
    find(number).place = drawn_.append(number);
    order.push_back(number);
  }
  undrawn_ = 0;
  return order;
}

void ShadowRoom::stop_waiting(const ShadowVisitor& visitor) {
  if (!visitor.by_lot) {
    arrived_.remove(visitor.place);
  } else if (draw_held()) {
    drawn_.remove(visitor.place);
  } else {
    --undrawn_;
  }
}

}  // namespace onsale::sim
