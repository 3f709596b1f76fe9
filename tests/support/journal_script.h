// Journals of waiting rooms as tables a reader can read, honest or not: each line is a record, and
// nothing but the script decides what is in it.
//
//     at 10:00:00  room sessions=1 order=lottery opens=10:05:00 by=1001    an organiser changed it
//     at 10:00:01  1 enters by lot          with the lot that script_seed gives
//     and          2 enters                 "and": in the same entry
//     at 10:05:00  the draw is held
//     and          2 is admitted            until=10:15:00: when it expires by itself
//     at 10:05:01  2 is heard               claims it; until=10:20:00
//     at 10:06:00  2 pays | leaves | expires | is revoked by=1001
//
// place=7 gives somebody another place in the line, in=2 is room 2, "room paused" and "room closed"
// change its state, "room open" opens it again. A line without record, "nothing", is an empty
// entry.
#pragma once

#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "domain/draw.h"
#include "domain/records.h"
#include "tests/support/script_text.h"
#include "tests/support/table_reader.h"

namespace onsale::testing {

class JournalScript {
 public:
  explicit JournalScript(const std::string& text) {
    std::istringstream lines{text};
    for (std::string row; std::getline(lines, row);) {
      if (const auto columns = columns_of(row); !columns.empty()) take(columns);
    }
  }

  /// A store that has this journal, and the rooms as the script leaves them.
  [[nodiscard]] TableReader reader() const {
    Tables tables;
    for (const auto& [id, room] : rooms_) tables.rooms[id] = room;
    tables.journal = entries_;
    return TableReader(std::move(tables));
  }

 private:
  using Key = std::pair<domain::RoomId, std::int64_t>;

  void take(const std::vector<std::string>& columns) {
    const auto when = words(columns[0]);
    if (when.at(0) == "at") entries_.push_back({parse_time(when.at(1)), {}});
    const auto what = words(columns.at(1));
    const Options options(what);
    const domain::RoomId id{std::stoll(options.text("in").value_or("1"))};
    domain::WaitingRoom& room = rooms_[id];
    room.id = id;
    if (what[0] == "room") {
      change(room, what, options);
    } else if (what[0] == "the") {
      room.drawn_at = now();
      if (room.draw_seed.empty()) room.draw_seed = options.text("seed").value_or(script_seed);
      add(domain::RoomMoved{domain::RoomStep::drawn, room});
    } else if (what[0] != "nothing") {
      move({id, std::stoll(what[0])}, what, options);
    }
  }

  void change(domain::WaitingRoom& room, const std::vector<std::string>& what,
              const Options& options) {
    const domain::ChangeRoom changes = room_changes(options);
    room.policy = changes.policy.applied_to(room.policy);
    room.opens_at = changes.opens_at.value_or(room.opens_at);
    room.name = options.text("name").value_or(room.name);
    for (const std::string& word : what) {
      if (const auto state = domain::from_text<domain::RoomState>(word)) room.state = *state;
    }
    add(domain::RoomMoved{domain::RoomStep::changed, room, by(options)});
  }

  void move(Key key, const std::vector<std::string>& what, const Options& options) {
    using domain::VisitorState;
    using domain::VisitorStep;
    domain::Visitor& visitor = visitors_[key];
    visitor.room = key.first;
    visitor.number = key.second;
    options.set("until", visitor.deadline);
    const std::string& verb = what.at(1) == "is" ? what.at(2) : what.at(1);
    if (verb == "enters") {
      enter(visitor, key, what, options);
    } else if (verb == "admitted") {
      visitor.state = VisitorState::active;
      visitor.activated_at = now();
      if (const auto place = options.text("place")) visitor.order_key = std::stoll(*place);
      add(domain::VisitorMoved{VisitorStep::admitted, visitor});
    } else if (verb == "heard") {
      visitor.claimed = visitor.state == VisitorState::active;
      add(domain::VisitorMoved{VisitorStep::heard, visitor});
    } else {
      visitor.state = state_after(verb);
      visitor.deadline.reset();
      visitor.ended_at = now();
      add(domain::VisitorMoved{VisitorStep::ended, visitor, by(options)});
    }
  }

  void enter(domain::Visitor& visitor, Key key, const std::vector<std::string>& what,
             const Options& options) {
    const auto [room, number] = key;
    const std::string place = options.text("place").value_or(std::to_string(number));
    const bool by_lot = what.back() == "lot";
    visitor = {
        .room = room,
        .user = {number},
        .number = number,
        .order_key = by_lot ? domain::draw_key(script_seed, room, number) : std::stoll(place),
        .issued_at = now(),
        .deadline = visitor.deadline};
    add(domain::VisitorMoved{domain::VisitorStep::entered, visitor});
  }

  static domain::VisitorState state_after(const std::string& verb) {
    if (verb == "pays") return domain::VisitorState::completed;
    if (verb == "leaves" || verb == "revoked") return domain::VisitorState::left;
    if (verb == "expires") return domain::VisitorState::expired;
    throw std::invalid_argument("no such step: " + verb);
  }
  static domain::UserId by(const Options& options) {
    return {std::stoll(options.text("by").value_or("0"))};
  }
  [[nodiscard]] domain::Timestamp now() const { return entries_.back().at; }
  void add(domain::Record record) { entries_.back().records.push_back(std::move(record)); }

  std::vector<JournalBatch> entries_;
  std::map<domain::RoomId, domain::WaitingRoom> rooms_;
  std::map<Key, domain::Visitor> visitors_;
};

}  // namespace onsale::testing
