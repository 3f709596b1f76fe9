#include "domain/room_control.h"

#include <array>
#include <utility>

#include "domain/admission_rate.h"
#include "domain/draw.h"
#include "domain/text.h"

namespace onsale::domain {
namespace {

/// What is wrong with a command: the member, and why in a sentence.
struct Fault {
  std::string field;
  std::string message;
};

struct Bounds {
  const char* field;
  std::optional<std::int64_t> value;
  std::int64_t min;
  std::int64_t max;
};

std::optional<std::int64_t> millis(const std::optional<Duration>& duration) {
  return duration ? std::optional(duration->count()) : std::nullopt;
}

std::optional<Fault> out_of_range(const RoomPolicyOverrides& policy) {
  const std::int64_t longest = room_duration_max.count();
  const std::array all{
      Bounds{"active_sessions_max", policy.active_sessions_max, 1, room_count_max},
      Bounds{"admission_rate_per_minute", policy.admission_rate_per_minute, 0, room_count_max},
      Bounds{"session_duration", millis(policy.session_duration), 1, longest},
      Bounds{"claim_timeout", millis(policy.claim_timeout), 1, longest},
      Bounds{"idle_timeout", millis(policy.idle_timeout), 0, longest},
      Bounds{"entry_work", policy.entry_work, 0, entry_work_max}};
  for (const auto& [field, value, min, max] : all) {
    if (!value) continue;
    if (*value < min) return Fault{field, min == 0 ? "It is negative." : "It is not positive."};
    if (*value > max) return Fault{field, "It is too large."};
  }
  return std::nullopt;
}

bool opens_later(const WaitingRoom& room, Timestamp now) {
  return room.opens_at && now < *room.opens_at;
}

/// A row before and after a command, with the policies that hold.
struct Change {
  WaitingRoom before;
  WaitingRoom after;
  RoomPolicy policy_before;
  RoomPolicy policy_after;

  [[nodiscard]] bool order_differs() const { return policy_before.order != policy_after.order; }
  [[nodiscard]] bool opening_differs() const { return before.opens_at != after.opens_at; }
  [[nodiscard]] bool lottery() const { return policy_after.order == RoomOrder::lottery; }
  [[nodiscard]] bool anybody_entered() const { return before.next_number > 1; }
};

Change change_of(const WaitingRoom& room, const ChangeRoom& command, const Policy& defaults) {
  Change change{.before = room, .after = room};
  change.after.policy = command.policy.applied_to(room.policy);
  change.after.state = command.state.value_or(room.state);
  change.after.opens_at = command.opens_at.value_or(room.opens_at);
  change.policy_before = change.before.policy.over(defaults.room);
  change.policy_after = change.after.policy.over(defaults.room);
  return change;
}

/// What people have been promised, by the draw or by having come first, is kept.
std::optional<Fault> broken_promise(const Change& change, Timestamp now) {
  const bool draw_is_new = change.lottery() && !change.before.draw_ahead();
  if (change.before.drawn_at) {
    if (change.order_differs()) return Fault{"order", "The draw was held."};
    if (change.opening_differs()) return Fault{"opens_at", "The draw was held."};
    return std::nullopt;
  }
  if (!change.anybody_entered()) return std::nullopt;
  if (change.before.draw_ahead() && change.order_differs()) {
    return Fault{"order", "Visitors have entered for the draw."};
  }
  if (draw_is_new && change.order_differs()) {
    return Fault{"order", "Visitors have entered already: they are served first come first."};
  }
  if (draw_is_new && change.opening_differs() && opens_later(change.after, now)) {
    return Fault{"opens_at", "Visitors have entered already: no draw can decide who comes first."};
  }
  return std::nullopt;
}

std::optional<Fault> no_opening(const Change& change, Timestamp now) {
  const bool chosen = change.lottery() && change.order_differs();
  const bool promised = change.before.draw_ahead() && !change.order_differs();
  if ((chosen && !opens_later(change.after, now)) || (promised && !change.after.opens_at)) {
    return Fault{"opens_at", "A lottery needs an opening that is still ahead."};
  }
  return std::nullopt;
}

/// Promises a draw or takes the promise back; neither once somebody has entered.
void settle_seed(Change& change, const std::string& fresh_seed, Timestamp now) {
  WaitingRoom& room = change.after;
  if (change.anybody_entered() || room.drawn_at) return;
  if (!change.lottery()) {
    room.draw_seed.clear();
  } else if (room.draw_seed.empty() && opens_later(room, now)) {
    require(is_draw_seed(fresh_seed), "a draw needs a seed");
    room.draw_seed = fresh_seed;
  }
}

void publish_draw_if_due(Rows& rows, RoomId id, Timestamp now) {
  const WaitingRoom& seen = rows.rooms.get(id);
  if (!seen.draw_ahead() || !seen.opens_at || opens_later(seen, now)) return;
  WaitingRoom& room = rows.rooms.change(id);
  room.drawn_at = now;
  rows.records.emplace_back(RoomMoved{RoomStep::drawn, room});
}

}  // namespace

// ---- create ------------------------------------------------------------------------

void footprint(const CreateRoom&, const Policy&, Footprint& need) { ++need.fresh.rooms; }

CreateRoomOutcome decide(Rows& rows, const CreateRoom& command, Timestamp now,
                         const Policy& defaults) {
  require(is_text(command.name), "a room's name is a text");
  const auto refused = [](CreateRoomResult result, Fault fault) {
    return CreateRoomOutcome{result, {}, std::move(fault.field), std::move(fault.message)};
  };
  if (auto fault = out_of_range(command.policy)) {
    return refused(CreateRoomResult::invalid, *std::move(fault));
  }
  WaitingRoom room{.name = command.name, .policy = command.policy, .opens_at = command.opens_at};
  Change change{.before = {}, .after = room};
  change.policy_after = command.policy.over(defaults.room);
  // A room that only follows the default may well open at once: there is nothing to draw then.
  if (command.policy.order == RoomOrder::lottery && !opens_later(room, now)) {
    return refused(CreateRoomResult::conflict,
                   {"opens_at", "A lottery needs an opening that is still ahead."});
  }
  settle_seed(change, command.fresh_seed, now);
  const RoomId id = rows.ids.rooms.take();
  change.after.id = id;
  const WaitingRoom& created = rows.rooms.add(id, std::move(change.after));
  rows.records.emplace_back(CatalogueChanged{CatalogueChanged::What::room, id.value});
  rows.records.emplace_back(RoomMoved{RoomStep::changed, created, command.by});
  return {.result = CreateRoomResult::created, .room = created};
}

// ---- change ------------------------------------------------------------------------

void footprint(const ChangeRoom& command, const Policy&, Footprint& need) {
  need.rooms.push_back(command.room);
}

ChangeRoomOutcome decide(Rows& rows, const ChangeRoom& command, Timestamp now,
                         const Policy& defaults) {
  const auto refused = [](ChangeRoomResult result, Fault fault) {
    return ChangeRoomOutcome{result, {}, std::move(fault.field), std::move(fault.message)};
  };
  const WaitingRoom* found = rows.rooms.find(command.room);
  if (!found) return refused(ChangeRoomResult::not_found, {});
  if (auto fault = out_of_range(command.policy.applied_to({}))) {
    return refused(ChangeRoomResult::invalid, *std::move(fault));
  }
  Change change = change_of(*found, command, defaults);
  if (auto fault = broken_promise(change, now)) {
    return refused(ChangeRoomResult::conflict, *std::move(fault));
  }
  if (auto fault = no_opening(change, now)) {
    return refused(ChangeRoomResult::conflict, *std::move(fault));
  }
  settle_seed(change, command.fresh_seed, now);
  change_rate(change.after, change.policy_before, change.policy_after, now);
  if (change.after != change.before) {
    rows.rooms.change(command.room) = change.after;
    rows.records.emplace_back(RoomMoved{RoomStep::changed, change.after, command.by});
    publish_draw_if_due(rows, command.room, now);
  }
  return {.result = ChangeRoomResult::changed, .room = rows.rooms.get(command.room)};
}

// ---- the draw ----------------------------------------------------------------------

void publish_due_draws(Rows& rows, Timestamp now) {
  for (const RoomId id : rows.room_ids) publish_draw_if_due(rows, id, now);
}

}  // namespace onsale::domain
