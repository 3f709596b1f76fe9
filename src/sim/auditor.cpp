#include "sim/auditor.h"

#include <algorithm>
#include <utility>

#include "domain/draw.h"

namespace onsale::sim {
namespace {

using domain::VisitorState;

std::string milliseconds(domain::Duration span) { return std::to_string(span.count()) + " ms"; }

}  // namespace

// ---- batches -------------------------------------------------------------------------

void Auditor::committed(const CommittedBatch& batch) {
  now_ = batch.decided_at;
  pass_time(now_);
  nothing_was_due(batch);
  entered_before_batch_ = room_.entered();
  through_.clear();
  for (const domain::Record& record : batch.records) {
    if (const auto* visitor = std::get_if<domain::VisitorMoved>(&record)) {
      visitor_moved(*visitor);
    } else if (const auto* room = std::get_if<domain::RoomMoved>(&record)) {
      room_moved(*room);
    } else if (const auto* reservation = std::get_if<domain::ReservationMoved>(&record)) {
      reservation_moved(*reservation);
    }
  }
  who_bought_is_gone();
  backlog_ = batch.unfinished ? backlog_ + settings_.commit_time : domain::Duration{0};
  nothing_is_due(batch);
  figures_.waiting_most = std::max(figures_.waiting_most, room_.waiting());
  figures_.active_most = std::max(figures_.active_most, room_.active());
}

void Auditor::who_bought_is_gone() {
  for (const std::int64_t number : through_) {
    check(room_.visitor(number).state != VisitorState::active,
          "goes on after the purchase: visitor", number);
  }
}

/// Whoever could have been admitted since the last batch has not waited longer than a tick.
void Auditor::nothing_was_due(const CommittedBatch& batch) {
  if (!batch.saw_room || !due_since_ || !up_since_) return;
  const domain::Duration late = now_ - std::max(*due_since_, *up_since_);
  if (late > settings_.tick + settings_.commit_time) {
    find(now_, "an admission was due for " + milliseconds(late) + " before a batch looked");
  }
}

/// The batch has admitted whoever it could.
void Auditor::nothing_is_due(const CommittedBatch& batch) {
  due_since_ = room_.admission_due(now_);
  if (!due_since_ || *due_since_ > now_ || !batch.saw_room || batch.unfinished) return;
  find(now_, "a slot is lost: " + std::to_string(room_.waiting()) + " wait, " +
                 std::to_string(room_.active()) + " of " +
                 std::to_string(room_.policy().active_sessions_max) +
                 " sessions are active and the rate has budget");
}

void Auditor::went_down(domain::Timestamp now) {
  pass_time(now);
  up_since_.reset();
  room_.forget_signs();
}

void Auditor::looked(domain::UserId user, domain::Timestamp now) {
  const std::int64_t number = room_.live_number(user);
  now_ = now;
  if (number != 0 && !is_over(number)) room_.note_sign(number, now);
}

bool Auditor::is_over(std::int64_t number) const {
  const auto at = room_.over_at(number);
  return at && *at <= now_;
}

void Auditor::came_up(domain::Timestamp now) {
  last_ = now;
  up_since_ = now;
  room_.resume(now);
  backlog_ = domain::Duration{0};
}

/// Counts the time since the last batch, in which the room was as it is now.
void Auditor::pass_time(domain::Timestamp now) {
  const domain::Timestamp from = std::exchange(last_, now);
  const domain::Duration span = now - from;
  if (!up_since_ || span.count() <= 0 || room_.waiting() == 0 || !room_.admitting(from)) return;
  figures_.people_waited += span;
  if (room_.rate_bound(from)) {
    figures_.rate_bound += span;
    figures_.rate_admissions_lost += room_.budget().wasted(now) - room_.budget().wasted(from);
  } else {
    figures_.slots_bound += span;
    figures_.slot_ms += room_.policy().active_sessions_max * span.count();
  }
}

// ---- visitors ------------------------------------------------------------------------

void Auditor::visitor_moved(const domain::VisitorMoved& moved) {
  const domain::Visitor& visitor = moved.visitor;
  if (visitor.room != room_.room().id) return;
  note(static_cast<std::uint64_t>(moved.step));
  note(static_cast<std::uint64_t>(visitor.number));
  note(static_cast<std::uint64_t>(visitor.user.value));
  note(static_cast<std::uint64_t>(domain::to_millis(now_)));
  if (moved.step == domain::VisitorStep::entered) return entered(visitor);
  if (visitor.number < 1 || visitor.number > room_.entered()) {
    return check(false, "never entered: visitor", visitor.number);
  }
  const ShadowVisitor& shadow = room_.visitor(visitor.number);
  check(shadow.user == visitor.user && shadow.token == visitor.token,
        "somebody else's number:", visitor.number);
  if (shadow.state != VisitorState::waiting && shadow.state != VisitorState::active) {
    return check(false, "moves after its end: visitor", visitor.number);
  }
  if (moved.step == domain::VisitorStep::admitted) return admitted(visitor);
  if (moved.step == domain::VisitorStep::heard) return heard(visitor);
  if (moved.step == domain::VisitorStep::excused) return excused(visitor);
  ended(moved);
}

void Auditor::entered(const domain::Visitor& visitor) {
  if (visitor.number != room_.entered() + 1) {
    return check(false, "numbers have a gap before", visitor.number);
  }
  check(room_.live_number(visitor.user) == 0, "is here twice: user", visitor.user.value);
  check(room_.room().state != domain::RoomState::closed, "entered a closed room: visitor",
        visitor.number);
  const domain::WaitingRoom& room = room_.room();
  const bool by_lot = !room.draw_seed.empty() && !room.drawn_at && now_ < room.opens_at;
  check(by_lot ? visitor.order_key < 0 : visitor.order_key == visitor.number,
        "has the wrong place in the order: visitor", visitor.number);
  check(visitor.issued_at == now_, "entered at another time: visitor", visitor.number);
  room_.enter(visitor);
  same_deadline(visitor);
  ++figures_.entered;
}

void Auditor::admitted(const domain::Visitor& visitor) {
  const std::int64_t number = visitor.number;
  check(room_.admitting(now_), "admitted while nobody is: visitor", number);
  check(room_.next_in_line() == number, "admitted out of turn: visitor", number);
  check(room_.active() < room_.policy().active_sessions_max,
        "admitted beyond the sessions: visitor", number);
  check(room_.budget().may_admit(now_), "admitted beyond the rate: visitor", number);
  if (room_.visitor(number).state == VisitorState::active) {
    return check(false, "admitted twice: visitor", number);
  }
  // Whoever enters and is admitted at once is told so by the answer, which is the claim.
  room_.admit(number, number > entered_before_batch_, now_);
  same_deadline(visitor);
  ++figures_.admitted;
}

void Auditor::heard(const domain::Visitor& visitor) {
  const ShadowVisitor& shadow = room_.visitor(visitor.number);
  check(!is_over(visitor.number), "heard of after its time was over: visitor", visitor.number);
  const domain::Duration idle = room_.policy().idle_timeout;
  const bool in_the_past = shadow.last_sign && shadow.state == VisitorState::waiting &&
                           visitor.deadline == *shadow.last_sign + idle;
  room_.hear(visitor.number, in_the_past ? *shadow.last_sign : now_);
  same_deadline(visitor);
}

void Auditor::excused(const domain::Visitor& visitor) {
  const ShadowVisitor& shadow = room_.visitor(visitor.number);
  check(!is_over(visitor.number) && shadow.deadline && *shadow.deadline <= now_,
        "excused without need: visitor", visitor.number);
  check(room_.room().silence_from == up_since_, "the room does not know the excuse of visitor",
        visitor.number);
  room_.excuse(visitor.number);
  same_deadline(visitor);
}

void Auditor::ended(const domain::VisitorMoved& moved) {
  const domain::Visitor& visitor = moved.visitor;
  const ShadowVisitor& shadow = room_.visitor(visitor.number);
  const bool over = is_over(visitor.number);
  switch (visitor.state) {
    case VisitorState::completed:
      check(shadow.state == VisitorState::active &&
                std::ranges::find(through_, visitor.number) != through_.end(),
            "completed without a purchase: visitor", visitor.number);
      ++figures_.completed;
      break;
    case VisitorState::expired:
      check(over, "expired before its time: visitor", visitor.number);
      if (over) ended_late(shadow, *room_.over_at(visitor.number));
      ++figures_.expired;
      break;
    case VisitorState::left:
      check(!over, "left after its time was over: visitor", visitor.number);
      ++figures_.left;
      figures_.revoked += moved.by ? 1 : 0;
      break;
    case VisitorState::waiting:
    case VisitorState::active:
      return check(false, "ended without an end: visitor", visitor.number);
  }
  room_.end(visitor.number, visitor.state);
}

/// A slot that nobody has noticed to be free is lost for that time, if somebody waits for it.
void Auditor::ended_late(const ShadowVisitor& shadow, domain::Timestamp over_at) {
  if (!up_since_) return;
  const domain::Duration late = now_ - std::max(over_at, *up_since_);
  figures_.latest_end = std::max(figures_.latest_end, late);
  if (shadow.state == VisitorState::active && room_.waiting() > 0 && room_.admitting(now_)) {
    figures_.slot_ms_lost += late.count();
  }
  if (late > settings_.tick + settings_.commit_time + backlog_) {
    find(now_, "the end of a visit was noticed " + milliseconds(late) + " late");
  }
}

void Auditor::same_deadline(const domain::Visitor& visitor) {
  const ShadowVisitor& shadow = room_.visitor(visitor.number);
  check(shadow.state == visitor.state && shadow.claimed == visitor.claimed &&
            shadow.deadline == visitor.deadline,
        "another state, claim or deadline than expected: visitor", visitor.number);
}

// ---- the room and purchases ----------------------------------------------------------

void Auditor::room_moved(const domain::RoomMoved& moved) {
  if (moved.room.id != room_.room().id) return;
  if (moved.step == domain::RoomStep::changed) return room_.change(moved.room, now_);
  if (moved.step == domain::RoomStep::resumed) {
    check(moved.room.silence_from == up_since_, "silence counts from another time than the start");
    return room_.change(moved.room, now_);
  }
  check(moved.room.draw_seed == room_.room().draw_seed && !room_.room().drawn_at,
        "the draw was held twice or with another seed");
  check(moved.room.opens_at && *moved.room.opens_at <= now_, "the draw was held too early");
  const std::vector<std::int64_t> order = room_.draw(moved.room);
  std::vector<std::int64_t> numbers = order;
  std::ranges::sort(numbers);
  check(domain::drawn_order(moved.room.draw_seed, moved.room.id, numbers) == order,
        "the order of the draw does not follow from its seed");
}

void Auditor::reservation_moved(const domain::ReservationMoved& moved) {
  using domain::ReservationStep;
  const domain::UserId user = moved.reservation.user;
  const std::int64_t number = room_.live_number(user);
  const ShadowVisitor* shadow = number != 0 ? &room_.visitor(number) : nullptr;
  const bool inside = shadow && shadow->state == VisitorState::active && !is_over(number);
  if (moved.step == ReservationStep::held) {
    check(inside, "holds seats without being admitted: user", user.value);
  }
  const bool ends_on_hold = room_.policy().session_ends_on == domain::SessionEnd::hold;
  if (inside && moved.step == (ends_on_hold ? ReservationStep::held : ReservationStep::paid)) {
    through_.push_back(number);
  }
}

// ---- looking -------------------------------------------------------------------------

void Auditor::look(engine::WaitingRoomView& view, domain::Timestamp now, Dice dice) {
  now_ = now;
  const engine::RoomView seen = view.room(now);
  check(seen.waiting == room_.waiting() && seen.active == room_.active(),
        "the view counts other people than there are");
  for (int n = std::min<int>(4, static_cast<int>(room_.entered())); n > 0; --n) {
    look_at(view, dice.between(1, room_.entered()));
  }
  if (const auto first = room_.next_in_line()) look_at(view, *first);
}

void Auditor::look_at(engine::WaitingRoomView& view, std::int64_t number) {
  const ShadowVisitor& shadow = room_.visitor(number);
  const auto seen = view.find(shadow.user, now_);
  ++figures_.positions_checked;
  if (room_.live_number(shadow.user) != number) {
    const bool gone = !seen || seen->visitor.number != number;
    return check(gone, "the view shows somebody who is gone: visitor", number);
  }
  if (!seen) return check(false, "the view does not know visitor", number);
  check(seen->visitor.number == number && seen->visitor.token == shadow.token &&
            seen->visitor.state == shadow.state && seen->visitor.claimed == shadow.claimed,
        "the view shows another state of visitor", number);
  const bool active = shadow.state == VisitorState::active;
  const auto position = active ? std::optional<std::int64_t>(0) : room_.position(number);
  check(seen->position == position, "the view shows the wrong position of visitor", number);
  if (position) {
    check(seen->people_behind == room_.waiting() - *position,
          "the view shows the wrong number behind visitor", number);
  }
}

// ---- the end -------------------------------------------------------------------------

void Auditor::finish(store::Reader& reader, domain::Timestamp now) {
  now_ = now;
  pass_time(now);
  std::int64_t stored_visitors = 0;
  auto read = reader.each_visitor(/*live_only=*/false, [&](const domain::Visitor& stored) {
    if (stored.room != room_.room().id) return;
    ++stored_visitors;
    compare_with_store(stored);
  });
  if (read) {
    read = reader.each_room([&](const domain::WaitingRoom& stored) {
      if (stored.id != room_.room().id) return;
      check(stored.waiting_count == room_.waiting() && stored.active_count == room_.active() &&
                stored.next_number == room_.entered() + 1,
            "the store counts other people than there are");
    });
  }
  check(read.has_value(), "the store cannot be read");
  check(stored_visitors == room_.entered(), "the store has other visitors than entered");
  const std::int64_t ends = figures_.completed + figures_.expired + figures_.left;
  check(figures_.entered == ends + room_.waiting() + room_.active(), "a visitor is forgotten");
}

void Auditor::compare_with_store(const domain::Visitor& stored) {
  if (stored.number < 1 || stored.number > room_.entered()) {
    return check(false, "only the store knows visitor", stored.number);
  }
  const ShadowVisitor& shadow = room_.visitor(stored.number);
  check(shadow.state == stored.state && shadow.user == stored.user &&
            shadow.token == stored.token && shadow.order_key == stored.order_key &&
            shadow.deadline == stored.deadline,
        "the store has something else of visitor", stored.number);
}

void Auditor::find(domain::Timestamp now, const std::string& what) {
  if (findings_.size() >= findings_max) {
    ++left_out_;
  } else {
    findings_.push_back("at " + std::to_string(domain::to_millis(now)) + " ms: " + what);
  }
}

void Auditor::check(bool holds, const char* what, std::int64_t number) {
  if (!holds) find(now_, number == 0 ? what : std::string(what) + ' ' + std::to_string(number));
}

/// FNV-1a over the bytes.
void Auditor::note(std::uint64_t what) {
  if (figures_.digest == 0) figures_.digest = 0xcbf29ce484222325ULL;
  for (int i = 0; i < 8; ++i, what >>= 8) {
    figures_.digest = (figures_.digest ^ (what & 0xff)) * 0x100000001b3ULL;
  }
}

}  // namespace onsale::sim
