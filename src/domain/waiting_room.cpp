#include "domain/waiting_room.h"

#include <algorithm>

namespace onsale::domain {
namespace {

constexpr std::int64_t us_per_minute = 60'000'000;

std::int64_t to_micros(Timestamp t) { return to_millis(t) * 1000; }

/// Microseconds between two admissions, or 0 without a limit. Rounded up: the rate is a limit.
std::int64_t admission_interval_us(const RoomPolicy& policy) {
  if (policy.admission_rate_per_minute <= 0) return 0;
  return (us_per_minute - 1) / policy.admission_rate_per_minute + 1;
}

/// GCRA: how far the schedule may run ahead of the clock. One second's worth of
/// admissions, of which the first needs no allowance; so slow rooms admit one at a time.
std::int64_t burst_allowance_us(std::int64_t interval_us) {
  const std::int64_t burst = std::max<std::int64_t>(1, 1'000'000 / interval_us);
  return (burst - 1) * interval_us;
}

/// When the schedule has the next admission; not before now. A schedule further ahead than a
/// burst and one interval can reach was made with a slower rate or a clock that was wrong.
std::int64_t scheduled_us(const WaitingRoom& room, std::int64_t interval_us, Timestamp now) {
  const std::int64_t now_us = to_micros(now);
  const bool out_of_reach =
      room.next_admission_us > now_us + burst_allowance_us(interval_us) + interval_us;
  return out_of_reach ? now_us : std::max(room.next_admission_us, now_us);
}

std::int64_t rate_budget(const WaitingRoom& room, const RoomPolicy& policy, Timestamp now) {
  const std::int64_t interval = admission_interval_us(policy);
  if (interval == 0) return admissions_per_batch_max;
  const std::int64_t scheduled = scheduled_us(room, interval, now);
  const std::int64_t latest = to_micros(now) + burst_allowance_us(interval);
  return scheduled > latest ? 0 : (latest - scheduled) / interval + 1;
}

std::int64_t free_sessions(const WaitingRoom& room, const RoomPolicy& policy) {
  return std::max<std::int64_t>(0, policy.active_sessions_max - room.active_count);
}

bool open(const WaitingRoom& room, Timestamp now) {
  return !room.opens_at || *room.opens_at <= now;
}

Timestamp claim_deadline(const Visitor& visitor, const RoomPolicy& policy) {
  return std::min(*visitor.activated_at + policy.claim_timeout, *visitor.expires_at);
}

/// From waiting (or just entered) to active. Counts and budget follow.
void activate(Rows& rows, WaitingRoom& room, Visitor& visitor, const RoomPolicy& policy,
              Timestamp now, bool claimed) {
  visitor.state = VisitorState::active;
  visitor.activated_at = now;
  visitor.expires_at = now + policy.session_duration;
  visitor.claimed = claimed;
  visitor.deadline = claimed ? *visitor.expires_at : claim_deadline(visitor, policy);
  ++room.active_count;
  if (const std::int64_t interval = admission_interval_us(policy); interval > 0) {
    room.next_admission_us = scheduled_us(room, interval, now) + interval;
  }
  rows.records.emplace_back(VisitorMoved{VisitorStep::admitted, visitor});
}

Visitor* waiting_visitor(Rows& rows, const VisitorToken& token) {
  const Visitor* visitor = rows.visitors.find(token);
  if (!visitor || visitor->state != VisitorState::waiting) return nullptr;
  return &rows.visitors.change(token);
}

}  // namespace

// ---- enter -------------------------------------------------------------------------

void footprint(const Enter& command, const Policy&, Footprint& need) {
  need.users.push_back(command.user);
  need.visitors_in_room.emplace_back(command.user, command.room);
}

EnterOutcome decide(Rows& rows, const Enter& command, Timestamp now, const Policy& defaults) {
  if (!rows.rooms.find(command.room)) return {EnterResult::room_not_found, {}};
  if (!rows.users.find(command.user)) return {EnterResult::user_not_found, {}};

  const auto presence = rows.presence.find({command.user, command.room});
  require(presence != rows.presence.end(), "presence outside the footprint");
  if (!presence->second.is_nil()) {
    const VisitorToken token = presence->second;
    if (rows.visitors.get(token).live_at(now)) {
      decide(rows, Touch{token}, now, defaults);  // who enters again has been heard of
      return {EnterResult::present, token};
    }
    end_visit(rows, token, VisitorState::expired, now);  // overdue, and no tick came by yet
  }

  WaitingRoom& room = rows.rooms.change(command.room);
  const RoomPolicy policy = room.policy.over(defaults.room);
  Visitor& visitor = rows.visitors.add(command.token, {.token = command.token,
                                                       .room = command.room,
                                                       .user = command.user,
                                                       .number = room.next_number++,
                                                       .state = VisitorState::waiting,
                                                       .issued_at = now,
                                                       .browser_id = command.browser_id});
  rows.presence[{command.user, command.room}] = command.token;
  if (policy.idle_timeout > Duration::zero()) visitor.deadline = now + policy.idle_timeout;
  rows.records.emplace_back(VisitorMoved{VisitorStep::entered, visitor});

  const bool first_in_line = room.waiting_count == 0;
  if (first_in_line && open(room, now) && free_sessions(room, policy) > 0 &&
      rate_budget(room, policy, now) > 0) {
    activate(rows, room, visitor, policy, now, /*claimed=*/true);
  } else {
    ++room.waiting_count;
    rows.newly_waiting[command.room].push_back(command.token);
  }
  return {EnterResult::entered, command.token};
}

// ---- leave -------------------------------------------------------------------------

void footprint(const Leave& command, const Policy&, Footprint& need) {
  need.visitors.push_back(command.token);
}

LeaveOutcome decide(Rows& rows, const Leave& command, Timestamp now, const Policy&) {
  const Visitor* visitor = rows.visitors.find(command.token);
  if (!visitor) return {LeaveResult::not_found, {}};
  if (visitor->user != command.by && !command.organiser) return {LeaveResult::not_owner, *visitor};
  if (!visitor->live()) return {LeaveResult::already_over, *visitor};
  if (!visitor->live_at(now)) {
    end_visit(rows, command.token, VisitorState::expired, now);
    return {LeaveResult::already_over, *visitor};
  }
  end_visit(rows, command.token, VisitorState::left, now);
  return {LeaveResult::left, *visitor};
}

// ---- being heard of ----------------------------------------------------------------

void footprint(const Touch& command, const Policy&, Footprint& need) {
  need.visitors.push_back(command.token);
}

TouchOutcome decide(Rows& rows, const Touch& command, Timestamp now, const Policy& defaults) {
  const Visitor* visitor = rows.visitors.find(command.token);
  if (!visitor || !visitor->live_at(now)) return {false};
  if (visitor->state == VisitorState::active) {
    if (visitor->claimed) return {false};
    claim(rows, command.token);
    return {true};
  }
  const RoomPolicy policy = rows.rooms.get(visitor->room).policy.over(defaults.room);
  if (policy.idle_timeout <= Duration::zero()) return {false};
  Visitor& heard = rows.visitors.change(command.token);
  heard.deadline = now + policy.idle_timeout;
  rows.records.emplace_back(VisitorMoved{VisitorStep::heard, heard});
  return {true};
}

// ---- admission ---------------------------------------------------------------------

std::int64_t admissible(const WaitingRoom& room, Timestamp now, const Policy& defaults) {
  if (!open(room, now)) return 0;
  const RoomPolicy policy = room.policy.over(defaults.room);
  return std::min({room.waiting_count, free_sessions(room, policy), rate_budget(room, policy, now),
                   admissions_per_batch_max});
}

void admit(Rows& rows, RoomId room_id, Timestamp now, const Policy& defaults) {
  std::int64_t open_places = admissible(rows.rooms.get(room_id), now, defaults);
  if (open_places == 0) return;
  WaitingRoom& room = rows.rooms.change(room_id);
  const RoomPolicy policy = room.policy.over(defaults.room);
  for (const auto* line : {&rows.first_waiting[room_id], &rows.newly_waiting[room_id]}) {
    for (const VisitorToken& token : *line) {
      if (open_places == 0) return;
      Visitor* visitor = waiting_visitor(rows, token);
      if (!visitor) continue;  // left or idled out in this very batch
      --open_places;
      if (!visitor->live_at(now)) {
        // Overdue, and no tick came by yet. The place goes to the next batch: whoever is next
        // in the store may not be loaded, and nobody entering now may overtake them.
        end_visit(rows, token, VisitorState::expired, now);
        continue;
      }
      --room.waiting_count;
      activate(rows, room, *visitor, policy, now, rows.visitors.is_new(token));
    }
  }
}

std::optional<Timestamp> next_admission_at(const WaitingRoom& room, Timestamp now,
                                           const Policy& defaults) {
  const RoomPolicy policy = room.policy.over(defaults.room);
  if (room.waiting_count == 0 || free_sessions(room, policy) == 0) return std::nullopt;
  Timestamp at = std::max(now, room.opens_at.value_or(now));
  if (const std::int64_t interval = admission_interval_us(policy); interval > 0) {
    const std::int64_t allowed_us =
        scheduled_us(room, interval, now) - burst_allowance_us(interval);
    at = std::max(at, from_millis((allowed_us + 999) / 1000));
  }
  return at;
}

// ---- ends of sessions --------------------------------------------------------------

void end_visit(Rows& rows, const VisitorToken& token, VisitorState state, Timestamp now) {
  Visitor& visitor = rows.visitors.change(token);
  require(visitor.live(), "only a live visitor can end");
  WaitingRoom& room = rows.rooms.change(visitor.room);
  std::int64_t& count =
      visitor.state == VisitorState::active ? room.active_count : room.waiting_count;
  require(count > 0, "room counts its visitors");
  --count;
  visitor.state = state;
  visitor.ended_at = now;
  visitor.deadline.reset();
  rows.presence[{visitor.user, visitor.room}] = VisitorToken{};
  rows.records.emplace_back(VisitorMoved{VisitorStep::ended, visitor});
}

const Visitor* active_visitor(const Rows& rows, UserId user, RoomId room, Timestamp now) {
  const auto presence = rows.presence.find({user, room});
  require(presence != rows.presence.end(), "presence outside the footprint");
  if (presence->second.is_nil()) return nullptr;
  const Visitor& visitor = rows.visitors.get(presence->second);
  return visitor.active_at(now) ? &visitor : nullptr;
}

void claim(Rows& rows, const VisitorToken& token) {
  if (rows.visitors.get(token).claimed) return;
  Visitor& visitor = rows.visitors.change(token);
  visitor.claimed = true;
  visitor.deadline = visitor.expires_at;
  rows.records.emplace_back(VisitorMoved{VisitorStep::heard, visitor});
}

void end_due_visits(Rows& rows, Timestamp now) {
  for (const VisitorToken& token : rows.due_visitors) {
    const Visitor& visitor = rows.visitors.get(token);
    if (visitor.live() && !visitor.live_at(now)) {
      end_visit(rows, token, VisitorState::expired, now);
    }
  }
}

}  // namespace onsale::domain
