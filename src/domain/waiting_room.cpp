#include "domain/waiting_room.h"

#include <algorithm>
#include <vector>

#include "domain/admission_rate.h"
#include "domain/draw.h"
#include "domain/silence.h"
#include "domain/text.h"

namespace onsale::domain {
namespace {

std::int64_t free_sessions(const WaitingRoom& room, const RoomPolicy& policy) {
  return std::max<std::int64_t>(0, policy.active_sessions_max - room.active_count);
}

/// Is admission going on at all? Not before the draw, even if nobody has published it yet.
bool admitting(const WaitingRoom& room, Timestamp now) {
  return room.state == RoomState::open && (!room.opens_at || *room.opens_at <= now) &&
         !room.draw_ahead();
}

/// The place in the line of a visitor who enters now.
std::int64_t order_key_of(const WaitingRoom& room, std::int64_t number, Timestamp now) {
  const bool by_lot = room.draw_ahead() && room.opens_at && now < *room.opens_at;
  return by_lot ? draw_key(room.draw_seed, room.id, number) : number;
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
  spend_rate(room, policy, now);
  rows.records.emplace_back(VisitorMoved{VisitorStep::admitted, visitor});
}

/// Those of the batch who wait in the room, in the order of admission. Newcomers come last,
/// unless the draw of a lottery is held in the very batch in which they entered.
std::vector<VisitorToken> line_of(Rows& rows, RoomId room) {
  std::vector<const Visitor*> waiting;
  for (const auto* part : {&rows.first_waiting[room], &rows.newly_waiting[room]}) {
    for (const VisitorToken& token : *part) {
      const Visitor* visitor = rows.visitors.find(token);
      if (visitor && visitor->state == VisitorState::waiting) waiting.push_back(visitor);
    }
  }
  const auto before = [](const Visitor* a, const Visitor* b) { return a->admitted_before(*b); };
  if (!std::ranges::is_sorted(waiting, before)) std::ranges::sort(waiting, before);
  std::vector<VisitorToken> line;
  line.reserve(waiting.size());
  for (const Visitor* visitor : waiting) line.push_back(visitor->token);
  return line;
}

}  // namespace

// ---- enter -------------------------------------------------------------------------

void footprint(const Enter& command, const Policy&, Footprint& need) {
  need.users.push_back(command.user);
  need.visitors_in_room.emplace_back(command.user, command.room);
}

EnterOutcome decide(Rows& rows, const Enter& command, Timestamp now, const Policy& defaults) {
  require(is_text(command.browser_id), "what a browser calls itself is a text");
  if (!rows.rooms.find(command.room)) return {EnterResult::room_not_found, {}};
  const auto user = rows.user_exists.find(command.user);
  require(user != rows.user_exists.end(), "user outside the footprint");
  if (!user->second) return {EnterResult::user_not_found, {}};

  const auto presence = rows.presence.find({command.user, command.room});
  require(presence != rows.presence.end(), "presence outside the footprint");
  if (!presence->second.is_nil()) {
    const VisitorToken token = presence->second;
    if (spared(rows, token, now, defaults)) {
      decide(rows, Touch{token}, now, defaults);  // who enters again has been heard of
      return {EnterResult::present, token};
    }
    end_visit(rows, token, VisitorState::expired, now);  // overdue, and no tick came by yet
  }
  if (!command.newcomer) return {EnterResult::not_present, {}};
  if (rows.rooms.get(command.room).state == RoomState::closed) {
    return {EnterResult::room_closed, {}};
  }

  WaitingRoom& room = rows.rooms.change(command.room);
  const RoomPolicy policy = room.policy.over(defaults.room);
  const std::int64_t number = room.next_number++;
  Visitor& visitor = rows.visitors.add(command.token, {.token = command.token,
                                                       .room = command.room,
                                                       .user = command.user,
                                                       .number = number,
                                                       .order_key = order_key_of(room, number, now),
                                                       .state = VisitorState::waiting,
                                                       .issued_at = now,
                                                       .browser_id = command.browser_id});
  rows.presence[{command.user, command.room}] = command.token;
  if (policy.idle_timeout > Duration::zero()) visitor.deadline = now + policy.idle_timeout;
  rows.records.emplace_back(VisitorMoved{VisitorStep::entered, visitor});

  const bool first_in_line = room.waiting_count == 0;
  if (first_in_line && admitting(room, now) && free_sessions(room, policy) > 0 &&
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

LeaveOutcome decide(Rows& rows, const Leave& command, Timestamp now, const Policy& policy) {
  const Visitor* visitor = rows.visitors.find(command.token);
  if (!visitor) return {LeaveResult::not_found, {}};
  if (visitor->user != command.by && !command.organiser) return {LeaveResult::not_owner, *visitor};
  if (!visitor->live()) return {LeaveResult::already_over, *visitor};
  if (!spared(rows, command.token, now, policy)) {
    end_visit(rows, command.token, VisitorState::expired, now);
    return {LeaveResult::already_over, *visitor};
  }
  const bool revoked = visitor->user != command.by;
  end_visit(rows, command.token, VisitorState::left, now, revoked ? command.by : UserId{});
  return {LeaveResult::left, *visitor};
}

// ---- being heard of ----------------------------------------------------------------

void footprint(const Touch& command, const Policy&, Footprint& need) {
  need.visitors.push_back(command.token);
}

TouchOutcome decide(Rows& rows, const Touch& command, Timestamp now, const Policy& defaults) {
  const Visitor* visitor = rows.visitors.find(command.token);
  if (!visitor || !spared(rows, command.token, now, defaults)) return {false};
  if (command.waiting && visitor->state == VisitorState::active) return {false};
  return {hear(rows, command.token, command.at.value_or(now), now, defaults)};
}

void footprint(const Touches& command, const Policy& policy, Footprint& need) {
  for (const Touch& touch : command.each) footprint(touch, policy, need);
}

TouchesOutcome decide(Rows& rows, const Touches& command, Timestamp now, const Policy& policy) {
  TouchesOutcome outcome;
  for (const Touch& touch : command.each)
    outcome.changed |= decide(rows, touch, now, policy).changed;
  return outcome;
}

bool hear(Rows& rows, const VisitorToken& token, Timestamp at, Timestamp now,
          const Policy& defaults) {
  const Visitor& visitor = rows.visitors.get(token);
  if (visitor.state == VisitorState::active) {
    if (visitor.claimed || *visitor.expires_at <= now) return false;
    claim(rows, token);
    return true;
  }
  const RoomPolicy policy = rows.rooms.get(visitor.room).policy.over(defaults.room);
  const bool may_idle = policy.idle_timeout <= Duration::zero();
  if (!may_idle && at + policy.idle_timeout <= now) return false;
  const auto deadline = may_idle ? std::nullopt : std::optional(at + policy.idle_timeout);
  if (visitor.deadline == deadline) return false;
  Visitor& heard = rows.visitors.change(token);
  heard.deadline = deadline;
  rows.records.emplace_back(VisitorMoved{VisitorStep::heard, heard});
  return true;
}

// ---- admission ---------------------------------------------------------------------

std::int64_t admissible(const WaitingRoom& room, Timestamp now, const Policy& defaults) {
  if (!admitting(room, now)) return 0;
  const RoomPolicy policy = room.policy.over(defaults.room);
  return std::min({room.waiting_count, free_sessions(room, policy), rate_budget(room, policy, now),
                   admissions_per_batch_max});
}

void admit(Rows& rows, RoomId room_id, Timestamp now, const Policy& defaults) {
  std::int64_t open_places = admissible(rows.rooms.get(room_id), now, defaults);
  if (open_places == 0) return;
  WaitingRoom& room = rows.rooms.change(room_id);
  const RoomPolicy policy = room.policy.over(defaults.room);
  for (const VisitorToken& token : line_of(rows, room_id)) {
    if (open_places-- == 0) return;
    if (!spared(rows, token, now, defaults)) {
      // Overdue, and no tick came by yet. The place goes to the next batch: whoever is next
      // in the store may not be loaded, and nobody entering now may overtake them.
      end_visit(rows, token, VisitorState::expired, now);
      continue;
    }
    --room.waiting_count;
    activate(rows, room, rows.visitors.change(token), policy, now, rows.visitors.is_new(token));
  }
}

std::optional<Timestamp> next_admission_at(const WaitingRoom& room, Timestamp now,
                                           const Policy& defaults) {
  if (room.state != RoomState::open || room.waiting_count == 0) return std::nullopt;
  const RoomPolicy policy = room.policy.over(defaults.room);
  if (free_sessions(room, policy) == 0) return std::nullopt;
  return std::max(room.opens_at.value_or(now), rate_allows_at(room, policy, now));
}

// ---- ends of sessions --------------------------------------------------------------

void end_visit(Rows& rows, const VisitorToken& token, VisitorState state, Timestamp now,
               UserId by) {
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
  rows.records.emplace_back(VisitorMoved{VisitorStep::ended, visitor, by});
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

void end_due_visits(Rows& rows, Timestamp now, const Policy& policy) {
  for (const VisitorToken& token : rows.due_visitors) {
    if (!rows.visitors.get(token).live() || spared(rows, token, now, policy)) continue;
    end_visit(rows, token, VisitorState::expired, now);
  }
}

// ---- the order of times ------------------------------------------------------------

Timestamp decided_last(const Rows& rows) {
  Timestamp last{};
  for (const auto& entry : rows.rooms.entries()) last = std::max(last, entry.row.decided_at);
  return last;
}

void note_decided(Rows& rows, Timestamp now) {
  RoomId noted;  // the records of a room mostly follow each other
  for (const Record& record : rows.records) {
    RoomId room;
    if (const auto* moved = std::get_if<VisitorMoved>(&record)) room = moved->visitor.room;
    if (const auto* moved = std::get_if<RoomMoved>(&record)) room = moved->room.id;
    if (!room || room == noted) continue;
    rows.rooms.change(room).decided_at = now;
    noted = room;
  }
}

}  // namespace onsale::domain
