#include "tests/support/journal_script.h"

#include <sstream>
#include <stdexcept>

#include "domain/draw.h"
#include "tests/support/script_text.h"

namespace onsale::testing {

namespace {

domain::VisitorState state_after(const std::string& verb) {
  if (verb == "pays") return domain::VisitorState::completed;
  if (verb == "leaves" || verb == "revoked") return domain::VisitorState::left;
  if (verb == "expires") return domain::VisitorState::expired;
  throw std::invalid_argument("no such step: " + verb);
}

domain::UserId by(const Options& options) { return {std::stoll(options.text("by").value_or("0"))}; }

}  // namespace

JournalScript::JournalScript(const std::string& text) {
  std::istringstream lines{text};
  for (std::string row; std::getline(lines, row);) {
    if (const auto columns = columns_of(row); !columns.empty()) take(columns);
  }
}

JournalScript::~JournalScript() = default;

TableReader JournalScript::reader() const {
  Tables tables;
  for (const auto& [id, room] : rooms_) tables.rooms[id] = room;
  tables.journal = entries_;
  return TableReader(std::move(tables));
}

void JournalScript::take(const std::vector<std::string>& columns) {
  const auto when = words(columns[0]);
  if (when.at(0) == "at") entries_.push_back({parse_time(when.at(1)), {}});
  const auto what = words(columns.at(1));
  const Options options(what);
  if (what[0] == "policy") {
    const auto own = room_changes(options).policy.applied_to({});
    return add(domain::PolicyDeclared{{.room = own.over(domain::RoomPolicy{})}});
  }
  const domain::RoomId id{std::stoll(options.text("in").value_or("1"))};
  domain::WaitingRoom& room = rooms_[id];
  room.id = id;
  if (what[0] == "room") {
    change(room, what, options);
  } else if (what[0] == "the") {
    room.drawn_at = now();
    if (room.draw_seed.empty()) room.draw_seed = options.text("seed").value_or(script_seed);
    add(domain::RoomMoved{domain::RoomStep::drawn, room});
  } else if (what[0] == "people") {
    room.silence_from = now();
    add(domain::RoomMoved{domain::RoomStep::resumed, room});
  } else if (what[0] != "nothing") {
    move({id, std::stoll(what[0])}, what, options);
  }
}

void JournalScript::change(domain::WaitingRoom& room, const std::vector<std::string>& what,
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

void JournalScript::move(Key key, const std::vector<std::string>& what, const Options& options) {
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
  } else if (verb == "excused") {
    add(domain::VisitorMoved{VisitorStep::excused, visitor});
  } else {
    visitor.state = state_after(verb);
    visitor.deadline.reset();
    visitor.ended_at = now();
    add(domain::VisitorMoved{VisitorStep::ended, visitor, by(options)});
  }
}

void JournalScript::enter(domain::Visitor& visitor, Key key, const std::vector<std::string>& what,
                          const Options& options) {
  const auto [room, number] = key;
  const std::string place = options.text("place").value_or(std::to_string(number));
  const bool by_lot = what.back() == "lot";
  visitor = {.room = room,
             .user = {number},
             .number = number,
             .order_key = by_lot ? domain::draw_key(script_seed, room, number) : std::stoll(place),
             .issued_at = now(),
             .deadline = visitor.deadline};
  add(domain::VisitorMoved{domain::VisitorStep::entered, visitor});
}

void JournalScript::add(domain::Record record) {
  entries_.back().records.push_back(std::move(record));
}

}  // namespace onsale::testing
