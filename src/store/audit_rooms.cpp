#include "store/audit_rooms.h"

#include <algorithm>
#include <boost/uuid/uuid_hash.hpp>
#include <utility>

#include "domain/draw.h"

namespace onsale::store {

using namespace domain;  // the audit speaks of nothing else

Result<void> RoomsAudit::read_visitors() {
  const auto read = reader_.each_room([this](const WaitingRoom& row) { rooms_[row.id].row = row; });
  if (!read) return read;
  const auto visitors = reader_.each_visitor(/*live_only=*/false, [this](const Visitor& row) {
    ++findings_.report.visitors;
    findings_.expect(users_.contains(row.user), "visitor {} of room {}: user {} does not exist",
                     row.number, row.room.value, row.user.value);
    const auto room = rooms_.find(row.room);
    if (room == rooms_.end()) {
      return findings_.violation("visitor {}: its room {} does not exist", row.number,
                                 row.room.value);
    }
    check_visitor(row, room->second);
  });
  for (auto& [id, room] : rooms_) check_drawn_order(room);
  return visitors;
}

void RoomsAudit::check_visitor(const Visitor& row, RoomFacts& room) {
  findings_.expect(row.number != room.last_number,
                   "visitor {} of room {}: the number was given twice", row.number, row.room.value);
  findings_.expect(row.number >= std::max<std::int64_t>(1, room.last_number),
                   "visitor {} of room {}: the number is out of order", row.number, row.room.value);
  room.last_number = std::max(room.last_number, row.number);
  room.waiting += row.state == VisitorState::waiting;
  room.active += row.state == VisitorState::active;
  findings_.expect(!row.live() || present_.emplace(row.user, row.room).second,
                   "visitor {} of room {}: user {} is there twice", row.number, row.room.value,
                   row.user.value);
  findings_.expect(row.state != VisitorState::active || row.activated_at,
                   "visitor {} of room {}: active, but never admitted", row.number, row.room.value);
  check_place(row, room.row);
  const Timestamp until =
      row.activated_at
          ? *row.activated_at
          : (row.state == VisitorState::waiting ? never : row.ended_at.value_or(never));
  const Wait wait{row.order_key, row.number, row.activated_at.has_value(), until};
  if (row.by_lot()) {
    room.by_lot.push_back(wait);
  } else {
    check_drawn_order(room);  // all of it is before anybody who came after the draw
    check_order(wait, room);
  }
}

/// The place is the number, or the one that the room's seed gives; and no drawn place was any
/// good before the draw.
void RoomsAudit::check_place(const Visitor& row, const WaitingRoom& room) {
  if (!row.by_lot()) {
    return findings_.expect(row.order_key == row.number,
                            "visitor {} of room {}: its place in the line is {}", row.number,
                            row.room.value, row.order_key);
  }
  findings_.expect(
      !room.draw_seed.empty() && row.order_key == draw_key(room.draw_seed, row.room, row.number),
      "visitor {} of room {}: its place is not the one that the seed gives", row.number,
      row.room.value);
  findings_.expect(!row.activated_at || (room.drawn_at && *room.drawn_at <= *row.activated_at),
                   "visitor {} of room {}: admitted before the draw", row.number, row.room.value);
}

/// Those of a lottery are read by number and admitted by lot.
void RoomsAudit::check_drawn_order(RoomFacts& room) {
  std::ranges::sort(room.by_lot, {},
                    [](const Wait& w) { return std::pair(w.order_key, w.number); });
  for (const Wait& wait : std::exchange(room.by_lot, {})) check_order(wait, room);
}

/// Nobody was admitted while somebody before them in the line went on waiting.
void RoomsAudit::check_order(const Wait& wait, RoomFacts& room) {
  findings_.expect(!wait.admitted || wait.until >= room.longest.until,
                   "visitor {} of room {}: admitted before number {}, who still waited",
                   wait.number, room.row.id.value, room.longest.number);
  if (wait.until > room.longest.until) room.longest = wait;
}

void RoomsAudit::check_rooms() {
  for (const auto& [id, room] : rooms_) {
    findings_.expect(room.row.waiting_count == room.waiting,
                     "room {}: waiting_count is {}, {} wait", id.value, room.row.waiting_count,
                     room.waiting);
    findings_.expect(room.row.active_count == room.active,
                     "room {}: active_count is {}, {} are active", id.value, room.row.active_count,
                     room.active);
    findings_.expect(room.row.next_number > room.last_number,
                     "room {}: next_number is {}, but {} was given", id.value, room.row.next_number,
                     room.last_number);
  }
}

Result<void> RoomsAudit::read_journal() {
  boost::unordered_flat_set<BatchId, boost::hash<BatchId>> batches;
  JournalId last;
  return reader_.each_journal_entry(JournalId{}, [&, last](const JournalEntry& row) mutable {
    ++findings_.report.journal_entries;
    findings_.expect(row.id > last, "journal entry {}: comes after {}", row.id.value, last.value);
    findings_.expect(batches.insert(row.batch).second,
                     "journal entry {}: its batch was written before", row.id.value);
    last = row.id;
  });
}

}  // namespace onsale::store
