#include "domain/silence.h"

#include <algorithm>

#include "domain/waiting_room.h"

namespace onsale::domain {
namespace {

bool over_by_silence(const Visitor& visitor, Timestamp now) {
  return visitor.live() && !visitor.live_at(now) && !visitor.claimed;
}

void note_in(Rows& rows, RoomId id, Timestamp counts_from) {
  const WaitingRoom& room = rows.rooms.get(id);
  if (room.silence_from.value_or(Timestamp{}) >= counts_from) return;
  WaitingRoom& changed = rows.rooms.change(id);
  changed.silence_from = counts_from;
  rows.records.emplace_back(RoomMoved{RoomStep::resumed, changed});
}

void renew(Rows& rows, const VisitorToken& token, VisitorStep why,
           std::optional<Timestamp> deadline) {
  Visitor& visitor = rows.visitors.change(token);
  visitor.deadline = deadline;
  rows.records.emplace_back(VisitorMoved{why, visitor});
}

/// `since`: silence counts from there.
bool excuse(Rows& rows, const Visitor& visitor, Timestamp since, Timestamp now,
            const RoomPolicy& policy) {
  if (visitor.state == VisitorState::active) {
    const Timestamp until = std::min(since + policy.claim_timeout, *visitor.expires_at);
    if (until <= now) return false;
    renew(rows, visitor.token, VisitorStep::excused, until);
    return true;
  }
  const bool may_idle = policy.idle_timeout <= Duration::zero();
  if (since + policy.idle_timeout <= (may_idle ? *visitor.deadline : now)) return false;
  renew(rows, visitor.token, VisitorStep::excused,
        may_idle ? std::nullopt : std::optional(since + policy.idle_timeout));
  return true;
}

}  // namespace

void note_outage(Rows& rows) {
  for (const RoomId id : rows.room_ids) {
    const WaitingRoom& room = rows.rooms.get(id);
    if (room.waiting_count > 0 || room.active_count > 0)
      note_in(rows, id, rows.silence.counts_from);
  }
}

void spare(Rows& rows, const VisitorToken& token, Timestamp now, const Policy& defaults) {
  const Visitor& visitor = rows.visitors.get(token);
  if (!over_by_silence(visitor, now)) return;
  const WaitingRoom& room = rows.rooms.get(visitor.room);
  const Silence& known = rows.silence;
  const Timestamp since = std::max(room.silence_from.value_or(Timestamp{}), known.counts_from);
  const auto heard = known.last_heard ? known.last_heard(visitor) : std::nullopt;
  const bool counts = heard && (visitor.state == VisitorState::active || *heard >= since);
  if (counts && hear(rows, token, *heard, now, defaults)) return;
  const RoomPolicy policy = room.policy.over(defaults.room);
  const std::size_t noted = rows.records.size();
  if (!excuse(rows, visitor, since, now, policy)) return;
  note_in(rows, visitor.room, since);
  // Whoever follows the journal learns first from when on silence counts, then whom that helps.
  if (rows.records.size() == noted + 2) std::swap(rows.records[noted], rows.records[noted + 1]);
}

void spare(Rows& rows, UserId user, RoomId room, Timestamp now, const Policy& policy) {
  const auto presence = rows.presence.find({user, room});
  require(presence != rows.presence.end(), "presence outside the footprint");
  if (!presence->second.is_nil()) spare(rows, presence->second, now, policy);
}

bool spared(Rows& rows, const VisitorToken& token, Timestamp now, const Policy& policy) {
  spare(rows, token, now, policy);
  return rows.visitors.get(token).live_at(now);
}

}  // namespace onsale::domain
