#include "store/fairness_room.h"

#include <algorithm>
#include <chrono>

#include "domain/draw.h"
#include "store/policy_words.h"

namespace onsale::store {

using namespace domain;  // the audit speaks of nothing else

FairnessReplay::FairnessReplay(const WaitingRoom& row, const Policy& defaults,
                               FairnessFindings& findings)
    : findings_(findings), room_{.id = row.id, .name = row.name}, limits_(row, defaults) {}

void FairnessReplay::declare(const Policy& defaults, const Policy* before, Timestamp at) {
  limits_.declare(defaults);
  if (!last_at_) last_at_ = Timestamp::min();
  if (!before || *before == defaults) return;
  add_change({.at = at, .by = {}, .what = "defaults: " + words_of_change(*before, defaults)});
}

/// Within a room, times follow the order of the commits.
void FairnessReplay::check_time(const Visitor& visitor, Timestamp at) {
  if (!last_at_) return;
  if (at < *last_at_) {
    violation("what happened to number {} at {} comes after what happened at {}", visitor.number,
              utc(at), utc(*last_at_));
  }
  last_at_ = std::max(*last_at_, at);
}

void FairnessReplay::replay(const VisitorMoved& record, Timestamp at) {
  check_time(record.visitor, at);
  switch (record.step) {
    case VisitorStep::entered:
      enter(record.visitor, at);
      break;
    case VisitorStep::admitted:
      admit(record.visitor, at);
      break;
    case VisitorStep::heard:
      if (Present* present = find(record.visitor, "heard of")) {
        present->claimed = present->admitted;
        follow_deadline(*present, record.visitor, at);
      }
      return;  // nobody moved
    case VisitorStep::excused:
      return excuse(record.visitor, at);
    case VisitorStep::ended:
      end(record, at);
      break;
  }
  room_.waiting_max = std::max(room_.waiting_max, waiting_);
  room_.active_max = std::max(room_.active_max, active_);
  room_.timeline.note(at, waiting_, active_, record.step == VisitorStep::admitted);
}

FairnessReplay::Present* FairnessReplay::find(const Visitor& visitor, std::string_view step) {
  const auto found = present_.find(visitor.number);
  if (found != present_.end()) return &found->second;
  violation("number {} was {}, but is not there", visitor.number, step);
  return nullptr;
}

// ---- silence -------------------------------------------------------------------------

void FairnessReplay::follow_deadline(Present& present, const Visitor& visitor, Timestamp at) const {
  present.deadline = visitor.deadline;
  if (visitor.deadline) {
    present.silence_max = std::max(present.silence_max, *visitor.deadline - at);
  }
}

/// Who was silent because nobody could be heard has a new deadline.
void FairnessReplay::excuse(const Visitor& visitor, Timestamp at) {
  Present* present = find(visitor, "excused");
  if (!present) return;
  if (!silence_from_) {
    violation("number {} was excused at {}, but everybody could be heard", visitor.number, utc(at));
  }
  present->deadline = visitor.deadline;
}

void FairnessReplay::resume(const WaitingRoom& row, Timestamp at) {
  silence_from_ = row.silence_from;
  if (room_.changes.size() < fairness_changes_max) {
    room_.changes.push_back(
        {.at = at, .what = "silence counts anew: nobody could be heard before"});
  } else {
    ++room_.changes_left_out;
  }
}

bool FairnessReplay::overdue(const Present& present, Timestamp at) const {
  if (!present.deadline || *present.deadline > at) return false;
  if (!silence_from_ || present.claimed) return true;
  const RoomPolicy policy = limits_.policy();
  const Duration timeout = present.admitted ? policy.claim_timeout : policy.idle_timeout;
  const Timestamp until = *silence_from_ + std::min(timeout, present.silence_max);
  return until <= at || (present.session_ends && *present.session_ends <= at);
}

// ---- entering ------------------------------------------------------------------------

void FairnessReplay::enter(const Visitor& visitor, Timestamp at) {
  ++room_.arrivals;
  if (visitor.number != last_number_ + 1) {
    violation("number {} was given after {}", visitor.number, last_number_);
  }
  last_number_ = std::max(last_number_, visitor.number);
  limits_.check_entry(visitor.number);
  check_place(visitor, at);
  Present entered{.order_key = visitor.order_key, .entered_at = at, .deadline = std::nullopt};
  follow_deadline(entered, visitor, at);
  if (!present_.emplace(visitor.number, entered).second) {
    return violation("number {} is there twice", visitor.number);
  }
  line_.emplace(visitor.order_key, visitor.number);
  ++waiting_;
}

/// A lot goes to whoever comes before the opening of a lottery and to nobody else.
void FairnessReplay::check_place(const Visitor& visitor, Timestamp at) {
  const auto& opens_at = limits_.row().opens_at;
  const bool draw_may_be_ahead = !room_.draw && opens_at && at < *opens_at;
  if (visitor.order_key < 0) {
    if (!draw_may_be_ahead) violation("number {} got a lot, but no draw was ahead", visitor.number);
  } else if (visitor.order_key != visitor.number) {
    violation("number {} stands at place {}", visitor.number, visitor.order_key);
  } else if (draw_may_be_ahead && without_lot_ == 0) {
    without_lot_ = visitor.number;
  }
}

// ---- admission -----------------------------------------------------------------------

void FairnessReplay::admit(const Visitor& visitor, Timestamp at) {
  ++room_.admitted;
  Present* present = find(visitor, "admitted");
  if (!present) return;
  if (present->admitted) return violation("number {} was admitted twice", visitor.number);
  if (visitor.order_key != present->order_key) {
    violation("number {} had place {} and was admitted with {}", visitor.number, present->order_key,
              visitor.order_key);
  }
  limits_.check_admission(visitor.number, active_, at);
  if (present->order_key < 0 && !room_.draw) {
    violation("number {} was admitted before the draw", visitor.number);
  }
  const Place place{present->order_key, visitor.number};
  check_order(place, at);
  line_.erase(place);
  present->admitted = true;
  present->claimed = visitor.claimed;
  present->session_ends = visitor.expires_at;
  present->silence_max = Duration::zero();
  follow_deadline(*present, visitor, at);
  --waiting_;
  ++active_;
  room_.waits.add(at - present->entered_at);
}

/// Nobody who waits comes before, unless their time was over and nobody had written it down yet.
void FairnessReplay::check_order(const Place& place, Timestamp at) {
  for (auto first = line_.begin(); first != line_.end() && *first < place; ++first) {
    if (overdue(present_.at(first->second), at)) continue;
    violation("number {} was admitted at {} before number {}, who waited since {}", place.second,
              utc(at), first->second, utc(present_.at(first->second).entered_at));
    line_.erase(first);
    return;
  }
}

// ---- the end of a visit --------------------------------------------------------------

void FairnessReplay::end(const VisitorMoved& record, Timestamp at) {
  const Visitor& visitor = record.visitor;
  Present* found = find(visitor, "ended");
  if (!found) return;
  const Present present = *found;
  present_.erase(visitor.number);
  line_.erase({present.order_key, visitor.number});
  --(present.admitted ? active_ : waiting_);
  if (present.order_key < 0 && !room_.draw) {
    left_before_draw_.emplace_back(present.order_key, visitor.number);
  }
  if (visitor.state == VisitorState::expired && !overdue(present, at)) {
    violation("number {} expired at {}, before its time", visitor.number, utc(at));
  }
  if (visitor.state == VisitorState::completed && !present.admitted) {
    violation("number {} completed a session without being admitted", visitor.number);
  }
  if (visitor.live()) {
    violation("number {} ended, but is {}", visitor.number, to_text(visitor.state));
  }
  note_end(record, present, at);
}

void FairnessReplay::note_end(const VisitorMoved& record, const Present& present, Timestamp at) {
  VisitEnds& ends = present.admitted ? room_.after_admission : room_.while_waiting;
  const auto note = [&](std::int64_t& count, ExceptionCause cause) {
    ++count;
    note_exception({.number = record.visitor.number,
                    .cause = cause,
                    .admitted = present.admitted,
                    .entered_at = present.entered_at,
                    .ended_at = at,
                    .by = record.by});
  };
  if (record.visitor.state == VisitorState::completed) {
    ++ends.completed;
  } else if (record.visitor.state == VisitorState::left) {
    record.by ? note(ends.revoked, ExceptionCause::revoked) : note(ends.left, ExceptionCause::left);
  } else if (!present.admitted) {
    note(ends.expired, ExceptionCause::idle);
  } else if (!record.visitor.claimed) {
    note(ends.unclaimed, ExceptionCause::unclaimed);
  } else {
    note(ends.expired, ExceptionCause::session_over);
  }
}

void FairnessReplay::note_exception(const FairnessException& exception) {
  if (room_.exceptions.size() < fairness_exceptions_max) {
    room_.exceptions.push_back(exception);
  } else {
    ++room_.exceptions_left_out;
  }
}

// ---- the room itself -----------------------------------------------------------------

void FairnessReplay::replay(const RoomMoved& record, Timestamp at) {
  if (record.step == RoomStep::resumed) return resume(record.room, at);
  if (record.step == RoomStep::drawn) {
    hold_draw(record.room, at);
  } else {
    note_change(record, at);
  }
  limits_.set(record.room, findings_);
  room_.name = record.room.name;
}

void FairnessReplay::note_change(const RoomMoved& record, Timestamp at) {
  add_change({.at = at, .by = record.by, .what = words_of_change(limits_.row(), record.room)});
}

void FairnessReplay::add_change(RoomChange change) {
  if (room_.changes.size() < fairness_changes_max) {
    room_.changes.push_back(std::move(change));
  } else {
    ++room_.changes_left_out;
  }
}

void FairnessReplay::hold_draw(const WaitingRoom& row, Timestamp at) {
  if (room_.draw) return violation("a second draw was held at {}", utc(at));
  if (!is_draw_seed(row.draw_seed)) violation("a draw without a seed was held at {}", utc(at));
  if (!row.opens_at || at < *row.opens_at) violation("the draw was held before the opening");
  if (without_lot_ > 0) {
    violation("number {} came before the opening, but got no lot", without_lot_);
  }
  room_.draw = {.at = at,
                .seed = row.draw_seed,
                .numbers = static_cast<std::int64_t>(left_before_draw_.size()),
                .left = static_cast<std::int64_t>(left_before_draw_.size())};
  for (const auto& [order_key, number] : left_before_draw_) check_lot(row, number, order_key);
  left_before_draw_ = {};
  for (const auto& [number, present] : present_) {
    if (present.order_key >= 0) continue;
    ++room_.draw->numbers;
    check_lot(row, number, present.order_key);
  }
}

void FairnessReplay::check_lot(const WaitingRoom& row, std::int64_t number,
                               std::int64_t order_key) {
  if (draw_key(row.draw_seed, row.id, number) == order_key) return;
  violation("number {} got another lot than the one the seed gives", number);
}

FairnessRoom FairnessReplay::finish() {
  limits_.finish(findings_);
  room_.notes = limits_.notes();
  room_.still_waiting = waiting_;
  room_.still_active = active_;
  return std::move(room_);
}

}  // namespace onsale::store
