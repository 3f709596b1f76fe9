#include "engine/views/waiting_room_view.h"

#include <algorithm>
#include <cmath>

namespace onsale::engine {
namespace {

std::int64_t packed(const std::optional<domain::Timestamp>& time) {
  return time ? domain::to_millis(*time) : 0;
}

std::optional<domain::Timestamp> unpacked(std::int64_t ms) {
  return ms == 0 ? std::nullopt : std::optional(domain::from_millis(ms));
}

}  // namespace

// ---- pace ----------------------------------------------------------------------------

void WaitingRoomView::Pace::admitted(std::int64_t now_ms) {
  const std::int64_t slice = now_ms / slice_ms;
  if (first == 0) {
    first = newest = slice;
  }
  for (; newest < slice; ++newest) {
    if (slice - newest > static_cast<std::int64_t>(slices)) {
      counts.fill(0);
      newest = slice;
      break;
    }
    counts[static_cast<std::size_t>(newest + 1) % slices] = 0;
  }
  ++counts[static_cast<std::size_t>(slice) % slices];
}

WaitingRoomView::Pace::Rate WaitingRoomView::Pace::rate(std::int64_t now_ms) const {
  if (first == 0) return {};
  const std::int64_t slice = now_ms / slice_ms;
  const std::int64_t oldest = std::max(first, slice - static_cast<std::int64_t>(slices) + 1);
  Rate rate;
  for (std::int64_t s = oldest; s <= std::min(newest, slice); ++s) {
    if (newest - s >= static_cast<std::int64_t>(slices)) continue;  // that slice was reused
    rate.admitted += counts[static_cast<std::size_t>(s) % slices];
  }
  rate.span_ms = std::max<std::int64_t>(slice_ms, now_ms - oldest * slice_ms);
  return rate;
}

std::int64_t WaitingRoomView::Pace::Rate::per_minute() const {
  constexpr double minute_ms = 60'000;
  return std::llround(per_ms() * minute_ms);
}

// ---- reading -------------------------------------------------------------------------

std::optional<VisitorView> WaitingRoomView::find(const domain::VisitorToken& token,
                                                 domain::Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto at = by_token_.find(token);
  if (at == by_token_.end()) return std::nullopt;
  return view_of(slots_[at->second], now, /*heard=*/true);
}

std::optional<VisitorView> WaitingRoomView::find(domain::UserId user, domain::Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto at = by_user_.find(user);
  if (at == by_user_.end()) return std::nullopt;
  return view_of(slots_[at->second], now, /*heard=*/false);
}

bool WaitingRoomView::has(const domain::VisitorToken& token) const {
  const std::lock_guard lock(mutex_);
  return by_token_.contains(token);
}

std::optional<domain::Timestamp> WaitingRoomView::last_heard(const domain::Visitor& visitor) const {
  const std::lock_guard lock(mutex_);
  const auto at = by_token_.find(visitor.token);
  if (at == by_token_.end()) return std::nullopt;
  const Slot& slot = slots_[at->second];
  const bool same_state = slot.active == (visitor.state == domain::VisitorState::active);
  return same_state ? unpacked(slot.heard_at) : std::nullopt;
}

std::optional<domain::Timestamp> WaitingRoomView::sign(const domain::Touch& touch,
                                                       domain::Timestamp by) const {
  const std::lock_guard lock(mutex_);
  const auto at = by_token_.find(touch.token);
  if (at == by_token_.end()) return std::nullopt;
  const Slot& slot = slots_[at->second];
  const bool read_anew = slot.heard_at == 0 && slot.touch_by == 0;
  const bool asked_for = read_anew || slot.touch_by == domain::to_millis(by);
  if (!asked_for || touch.waiting == slot.active) return std::nullopt;
  return std::max(touch.at, unpacked(slot.heard_at));
}

RoomView WaitingRoomView::room(domain::Timestamp now) const {
  const std::lock_guard lock(mutex_);
  return {.waiting = waiting_.size() + undrawn_,
          .active = active_,
          .admissions_per_minute = pace_.rate(domain::to_millis(now)).per_minute(),
          .seats_left = seats_left_};
}

/// Admissions are counted events: of n, chance makes about the square root of n.
void WaitingRoomView::estimate(VisitorView& view, std::int64_t position, const Pace::Rate& rate) {
  if (rate.admitted == 0) return;
  const auto wait = [&](double admitted) {
    const double per_ms = admitted / static_cast<double>(rate.span_ms);
    return domain::Duration{std::llround(static_cast<double>(position) / per_ms)};
  };
  const auto admitted = static_cast<double>(rate.admitted);
  const double spread = 2 * std::sqrt(admitted);
  view.estimated_wait = wait(admitted);
  view.estimated_wait_min = wait(admitted + spread);
  if (admitted > spread) view.estimated_wait_max = wait(admitted - spread);
}

/// From when on silence counts, as far as is known here or in the room.
std::int64_t WaitingRoomView::silence_from(std::int64_t now_ms) const {
  const auto here = hearing_ ? hearing_->silence_from() : domain::Timestamp{};
  return std::max(silence_from_, std::min(domain::to_millis(here), now_ms));
}

/// When its time is over if nothing more is heard of it; 0: never. What spare() of
/// domain/silence.h will make of what is written down.
std::int64_t WaitingRoomView::silent_until(const Slot& slot, std::int64_t now_ms) const {
  if (slot.deadline == 0 || slot.claimed) return slot.deadline;
  if (slot.active) {
    if (slot.heard_at != 0) return slot.expires_at;
    if (slot.deadline > now_ms) return slot.deadline;
    const std::int64_t anew = silence_from(now_ms) + policy_.claim_timeout.count();
    return std::max(slot.deadline, std::min(anew, slot.expires_at));
  }
  const std::int64_t idle = policy_.idle_timeout.count();
  if (idle <= 0) {
    const bool kept =
        slot.heard_at != 0 || (slot.deadline <= now_ms && slot.deadline < silence_from(now_ms));
    return kept ? 0 : slot.deadline;
  }
  const std::int64_t heard = slot.heard_at != 0 ? slot.heard_at + idle : 0;
  const std::int64_t until = std::max(slot.deadline, heard);
  return until > now_ms ? until : std::max(until, silence_from(now_ms) + idle);
}

VisitorView WaitingRoomView::view_of(Slot& slot, domain::Timestamp now, bool heard) {
  using domain::VisitorState;
  const std::int64_t now_ms = domain::to_millis(now);
  std::int64_t until = silent_until(slot, now_ms);
  if (heard && (until == 0 || until > now_ms)) {
    slot.heard_at = std::max(slot.heard_at, now_ms);
    until = silent_until(slot, now_ms);
  }
  VisitorView view;
  view.visitor = {.token = slot.token,
                  .room = id_,
                  .user = domain::UserId{slot.user},
                  .number = slot.number,
                  .state = slot.active ? VisitorState::active : VisitorState::waiting,
                  .issued_at = domain::from_millis(slot.issued_at),
                  .activated_at = unpacked(slot.activated_at),
                  .expires_at = unpacked(slot.expires_at),
                  .ended_at = std::nullopt,
                  .claimed = slot.claimed,
                  .deadline = unpacked(until)};
  const Pace::Rate rate = pace_.rate(now_ms);
  view.admissions_per_minute = rate.per_minute();
  view.seats_left = seats_left_;
  if (slot.active) {
    view.position = 0;
    view.people_behind = waiting_.size() + undrawn_;
  } else if (slot.rank > 0) {
    const std::int64_t position = waiting_.count_up_to(slot.rank);
    view.position = position;
    view.people_behind = waiting_.size() - position + undrawn_;
    if (open_) estimate(view, position, rate);
  }
  view.silence_max = std::min(policy_.claim_timeout, policy_.session_duration);
  if (!slot.active && until != 0) {
    view.silence_max = std::min(view.silence_max, domain::Duration{until - now_ms});
  }
  view.idle_time_starts =
      !slot.active && slot.deadline == 0 && policy_.idle_timeout > domain::Duration::zero();
  if (heard && slot.touch_by == 0) ask_for_touch(view, slot, now_ms);
  return view;
}

/// Is a sign of life at this time to be written down, and by when?
void WaitingRoomView::ask_for_touch(VisitorView& view, Slot& slot, std::int64_t now_ms) const {
  const std::int64_t idle = std::max<std::int64_t>(0, policy_.idle_timeout.count());
  std::int64_t by = now_ms;
  if (slot.active) {
    if (slot.claimed) return;
  } else if (idle == 0 || slot.deadline == 0) {
    if ((idle == 0) == (slot.deadline == 0)) return;
  } else {
    if (!others_decide_ || now_ms + idle <= slot.deadline) return;
    // A twelfth of the time earlier at most, so that many are written together.
    const std::int64_t step = std::max<std::int64_t>(1, idle / 12);
    by = std::max(by, (slot.deadline - idle / 3) / step * step);
  }
  view.wants_touch = true;
  slot.touch_by = by;
  view.touch_by = domain::from_millis(by);
}

// ---- writing -------------------------------------------------------------------------

void WaitingRoomView::load(const domain::Visitor& visitor) {
  const std::lock_guard lock(mutex_);
  id_ = visitor.room;
  store_into(slots_[slot_for(visitor)], visitor);
  if (visitor.state == domain::VisitorState::active) ++active_;
}

void WaitingRoomView::loaded(bool drawn) { rank_all(drawn); }

void WaitingRoomView::draw() { rank_all(/*by_lot_too=*/true); }

/// Builds the line anew. Those of a draw come first, in its order. Nearly all of it without the
/// lock: who is in the line and where is changed by this thread alone, and whoever looks meanwhile
/// must not wait until a million are in order.
void WaitingRoomView::rank_all(bool by_lot_too) {
  std::vector<Slot*> line;
  for (const auto& [token, index] : by_token_) {
    if (!slots_[index].active) line.push_back(&slots_[index]);
  }
  std::ranges::sort(line, {}, [](const Slot* slot) { return std::pair(slot->rank, slot->number); });
  std::int64_t drawn = 0;
  if (by_lot_too) {
    const auto by_number =
        std::ranges::find_if(line, [](const Slot* slot) { return slot->rank >= 0; });
    drawn = by_number - line.begin();
  }
  OrderStatistics waiting;
  for (std::int64_t place = 1; const Slot* slot : line) {
    const std::int64_t rank = place <= drawn ? place : slot->rank;
    ++place;
    if (rank > 0) waiting.add(rank);
  }
  const std::lock_guard lock(mutex_);
  for (std::int64_t place = 0; place < drawn; ++place) {
    line[static_cast<std::size_t>(place)]->rank = place + 1;
  }
  undrawn_ = static_cast<std::int64_t>(line.size()) - waiting.size();
  waiting_ = std::move(waiting);
}

void WaitingRoomView::start_waiting(Slot& slot) {
  if (slot.rank < 0) {
    ++undrawn_;
  } else {
    waiting_.add(slot.rank);
  }
}

void WaitingRoomView::stop_waiting(const Slot& slot) {
  if (slot.rank < 0) {
    --undrawn_;
  } else {
    waiting_.remove(slot.rank);
  }
}

void WaitingRoomView::apply(const domain::VisitorMoved& moved, domain::Timestamp now) {
  const std::lock_guard lock(mutex_);
  const domain::Visitor& visitor = moved.visitor;
  id_ = visitor.room;
  switch (moved.step) {
    case domain::VisitorStep::entered: {
      Slot& slot = slots_[slot_for(visitor)];
      store_into(slot, visitor);
      start_waiting(slot);
      return;
    }
    case domain::VisitorStep::admitted: {
      Slot& slot = slots_[slot_for(visitor)];
      stop_waiting(slot);
      store_into(slot, visitor);
      ++active_;
      pace_.admitted(domain::to_millis(now));
      return;
    }
    case domain::VisitorStep::heard:
      store_into(slots_[slot_for(visitor)], visitor);
      return;
    case domain::VisitorStep::excused: {
      Slot& slot = slots_[slot_for(visitor)];
      const std::int64_t touch_by = slot.touch_by;  // a sign of life may be on its way
      store_into(slot, visitor);
      slot.touch_by = touch_by;
      return;
    }
    case domain::VisitorStep::ended:
      if (const auto at = by_token_.find(visitor.token); at != by_token_.end()) remove(at->second);
      return;
  }
}

void WaitingRoomView::touch_failed(const domain::VisitorToken& token) {
  const std::lock_guard lock(mutex_);
  if (const auto at = by_token_.find(token); at != by_token_.end()) {
    slots_[at->second].touch_by = 0;
  }
}

void WaitingRoomView::set_policy(const domain::RoomPolicy& policy, bool open,
                                 std::optional<domain::Timestamp> silence_from) {
  const std::lock_guard lock(mutex_);
  policy_ = policy;
  open_ = open;
  silence_from_ = packed(silence_from);
}

void WaitingRoomView::set_seats_left(std::int64_t seats) {
  const std::lock_guard lock(mutex_);
  seats_left_ = seats;
}

void WaitingRoomView::add_seats_left(std::int64_t seats) {
  const std::lock_guard lock(mutex_);
  seats_left_ += seats;
}

std::uint32_t WaitingRoomView::slot_for(const domain::Visitor& visitor) {
  if (const auto at = by_token_.find(visitor.token); at != by_token_.end()) return at->second;
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
    slots_[index] = {};
  }
  by_token_.emplace(visitor.token, index);
  by_user_.insert_or_assign(visitor.user, index);
  return index;
}

/// Whoever has a rank already keeps it. Being heard of while waiting claims no session.
void WaitingRoomView::store_into(Slot& slot, const domain::Visitor& visitor) {
  const bool known = slot.token == visitor.token && slot.rank != 0;
  const bool active = visitor.state == domain::VisitorState::active;
  const std::int64_t heard_at = known && slot.active == active ? slot.heard_at : 0;
  slot = {.token = visitor.token,
          .user = visitor.user.value,
          .number = visitor.number,
          .rank = known ? slot.rank : visitor.order_key,
          .issued_at = domain::to_millis(visitor.issued_at),
          .activated_at = packed(visitor.activated_at),
          .expires_at = packed(visitor.expires_at),
          .deadline = packed(visitor.deadline),
          .heard_at = heard_at,
          .active = active,
          .claimed = visitor.claimed};
}

void WaitingRoomView::remove(std::uint32_t index) {
  const Slot& slot = slots_[index];
  if (slot.active)
    --active_;
  else
    stop_waiting(slot);
  by_token_.erase(slot.token);
  if (const auto at = by_user_.find(domain::UserId{slot.user});
      at != by_user_.end() && at->second == index) {
    by_user_.erase(at);
  }
  free_.push_back(index);
}

}  // namespace onsale::engine
