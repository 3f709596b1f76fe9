// Who waits, who is let in and when it is over. Strictly first come, first served, or by a draw
// among those who come before the opening; the two limits (sessions at a time, admissions a
// minute) hold together. Rules: domain.md "Waiting room". What organisers do to a room is in
// room_control.h. All functions are pure: rows, command and time in; rows changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/footprint.h"
#include "domain/policy.h"
#include "domain/rows.h"

namespace onsale::domain {

// ---- enter -------------------------------------------------------------------------

/// Asks for a place. `token` is the name the visitor will have if it is new; it must be
/// unguessable and is not used otherwise.
struct Enter {
  RoomId room;
  UserId user;
  VisitorToken token{};
  /// What the visitor's browser calls itself; empty if it does not say. Who is here already
  /// keeps the first one.
  std::string browser_id{};
  /// False: nobody new gets a place; who has one is told it. For callers that ask something of
  /// newcomers, and let this one by because of the place there seemed to be.
  bool newcomer = true;
};

/// In order of precedence.
enum class EnterResult {
  room_not_found,
  user_not_found,
  present,      ///< the user has a live visitor here already and gets it back
  not_present,  ///< there is no live visitor, and only one was asked for
  room_closed,  ///< nobody new enters any more
  entered,
};

struct EnterOutcome {
  EnterResult result = EnterResult::entered;
  VisitorToken token{};  ///< set when `present` or `entered`

  [[nodiscard]] bool executed() const {
    return result == EnterResult::present || result == EnterResult::entered;
  }
};

void footprint(const Enter& command, const Policy& policy, Footprint& need);
EnterOutcome decide(Rows& rows, const Enter& command, Timestamp now, const Policy& policy);

// ---- leave -------------------------------------------------------------------------

/// Gives the place or the session up. Only the owner or an organiser may; an organiser who ends
/// somebody else's visit revokes it, and the journal says who did.
struct Leave {
  VisitorToken token{};
  UserId by;
  bool organiser = false;
};

enum class LeaveResult {
  not_found,
  not_owner,
  already_over,  ///< nothing changed
  left,
};

struct LeaveOutcome {
  LeaveResult result = LeaveResult::left;
  Visitor visitor;  ///< as it is now, unless `not_found`

  [[nodiscard]] bool executed() const { return result >= LeaveResult::already_over; }
};

void footprint(const Leave& command, const Policy& policy, Footprint& need);
LeaveOutcome decide(Rows& rows, const Leave& command, Timestamp now, const Policy& policy);

// ---- being heard of ----------------------------------------------------------------

/// The visitor showed up: an active one claims its session, a waiting one is not idle.
struct Touch {
  VisitorToken token{};
  std::optional<Timestamp> at{};  ///< when; none: now
  bool waiting = false;           ///< it was told to wait, which claims nothing
};

struct TouchOutcome {
  bool changed = false;
  [[nodiscard]] bool executed() const { return changed; }
};

void footprint(const Touch& command, const Policy& policy, Footprint& need);
TouchOutcome decide(Rows& rows, const Touch& command, Timestamp now, const Policy& policy);

/// Signs of life that have gathered.
struct Touches {
  std::vector<Touch> each;
};

struct TouchesOutcome {
  bool changed = false;
  [[nodiscard]] bool executed() const { return changed; }
};

void footprint(const Touches& command, const Policy& policy, Footprint& need);
TouchesOutcome decide(Rows& rows, const Touches& command, Timestamp now, const Policy& policy);

/// Of a live visitor, also one whose deadline has passed without its having been silent: writes
/// down that it showed up at `at`. False if that changes nothing, or its time would be over all the
/// same.
bool hear(Rows& rows, const VisitorToken& token, Timestamp at, Timestamp now, const Policy& policy);

// ---- admission ---------------------------------------------------------------------

/// How many waiting visitors the room can admit at `now`: bounded by free sessions, the
/// rate, the number waiting and admissions_per_batch_max. Zero unless the room is open, its
/// `opens_at` has come and its draw, if there is one, was held.
[[nodiscard]] std::int64_t admissible(const WaitingRoom& room, Timestamp now, const Policy& policy);

/// Admits up to admissible() visitors, strictly in the order of Visitor::admitted_before, out of
/// `rows.first_waiting` and `rows.newly_waiting`. first_waiting must hold the admissible() first
/// who wait in the store, or all if there are fewer; those who left in this batch are passed over.
/// A visitor that enters and is admitted in the same batch has claimed its session, since
/// the answer tells it so.
void admit(Rows& rows, RoomId room, Timestamp now, const Policy& policy);

/// The earliest time at which the room could admit somebody without anything else
/// happening (rate budget, opening time); none if nobody waits, sessions are full or the room is
/// paused or closed.
[[nodiscard]] std::optional<Timestamp> next_admission_at(const WaitingRoom& room, Timestamp now,
                                                         const Policy& policy);

// ---- ends of sessions --------------------------------------------------------------

/// Ends a live visitor. Its slot is free at once; who gets it is decided by admit(). `by`: who
/// revoked it, if somebody did.
void end_visit(Rows& rows, const VisitorToken& token, VisitorState state, Timestamp now,
               UserId by = {});

/// The user's visitor in the room if its session is active at `now`, else null.
[[nodiscard]] const Visitor* active_visitor(const Rows& rows, UserId user, RoomId room,
                                            Timestamp now);

/// Notes that an active visitor made a guarded request, which claims the session.
void claim(Rows& rows, const VisitorToken& token);

/// Ends every loaded visitor whose time is over; whoever has time left is spared
/// (domain/silence.h).
void end_due_visits(Rows& rows, Timestamp now, const Policy& policy);

// ---- the order of times ------------------------------------------------------------

/// The latest decision in any of the loaded rooms: nothing may be decided on these rows as of an
/// earlier time. The rows must be locked, or another writer may decide meanwhile.
[[nodiscard]] Timestamp decided_last(const Rows& rows);

/// Notes in the rooms of all that the records tell that it was decided at `now`. To be called once
/// all is decided.
void note_decided(Rows& rows, Timestamp now);

}  // namespace onsale::domain
