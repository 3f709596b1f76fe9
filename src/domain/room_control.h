// What organisers do to a waiting room: create it, tune it while the sale runs, pause, resume and
// close it, and let a lottery decide who comes first. Everything takes effect in the batch that
// decides it and is journaled with who did it. Rules: domain.md "Waiting room".
#pragma once

#include <string>

#include "domain/footprint.h"
#include "domain/policy.h"
#include "domain/rows.h"

namespace onsale::domain {

// ---- create ------------------------------------------------------------------------

struct CreateRoom {
  std::string name;
  UserId by;
  RoomPolicyOverrides policy;
  std::optional<Timestamp> opens_at;
  /// Becomes the seed of the draw if the room is a lottery that opens later, and is not used
  /// otherwise. Unguessable, in the form of is_draw_seed().
  std::string fresh_seed;
};

/// In order of precedence.
enum class CreateRoomResult {
  invalid,   ///< `field` is out of range
  conflict,  ///< a lottery without an opening that is ahead
  created,
};

struct CreateRoomOutcome {
  CreateRoomResult result = CreateRoomResult::created;
  WaitingRoom room;  ///< when `created`
  std::string
      field;  ///< which member is wrong: "active_sessions_max", "opens_at"; unless `created`
  std::string message;  ///< what is wrong, in a sentence; unless `created`

  [[nodiscard]] bool executed() const { return result == CreateRoomResult::created; }
};

void footprint(const CreateRoom& command, const Policy& policy, Footprint& need);
CreateRoomOutcome decide(Rows& rows, const CreateRoom& command, Timestamp now,
                         const Policy& policy);

// ---- change ------------------------------------------------------------------------

/// Changes what is given. More sessions: the next in line are admitted in this very batch; fewer:
/// nobody is thrown out. A new rate goes on from the budget that was left. Times hold for whoever
/// is admitted, or heard of while waiting, from now on. An opening that is moved to now or before
/// opens the room, and holds its draw, at once.
struct ChangeRoom {
  RoomId room;
  UserId by;  ///< none: the program itself, at its start
  RoomPolicyChanges policy;
  std::optional<RoomState> state;
  std::optional<std::optional<Timestamp>> opens_at;  ///< present and empty: no opening time
  /// As in CreateRoom: used if the room is, or becomes, a lottery whose draw is ahead and that
  /// has no seed yet. A draw is promised only while nobody has entered.
  std::string fresh_seed;
};

/// In order of precedence.
enum class ChangeRoomResult {
  not_found,
  invalid,  ///< `field` is out of range
  /// A draw forbids it: the order is changed, or a draw becomes due, after somebody entered; the
  /// order or opens_at is changed after the draw; a lottery has no opening that is ahead.
  conflict,
  changed,  ///< also when nothing is different now
};

struct ChangeRoomOutcome {
  ChangeRoomResult result = ChangeRoomResult::changed;
  WaitingRoom room;     ///< as it is now, when `changed`; before admissions of this batch
  std::string field;    ///< which member is wrong, when `invalid` or `conflict`
  std::string message;  ///< what is wrong, in a sentence, when `invalid` or `conflict`

  [[nodiscard]] bool executed() const { return result == ChangeRoomResult::changed; }
};

void footprint(const ChangeRoom& command, const Policy& policy, Footprint& need);
ChangeRoomOutcome decide(Rows& rows, const ChangeRoom& command, Timestamp now,
                         const Policy& policy);

// ---- the draw ----------------------------------------------------------------------

/// Holds the draw of every room of `rows.room_ids` that is due one: the seed becomes public and
/// admission may begin. To be called with the other due things (end_due_visits), before the
/// commands.
void publish_due_draws(Rows& rows, Timestamp now);

}  // namespace onsale::domain
