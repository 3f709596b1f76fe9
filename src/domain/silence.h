// Time in which people could not be heard does not count against them. Two deadlines are deadlines
// of silence: that of a waiting visitor (idle_timeout) and that of an admitted one who has not
// shown up (claim_timeout). Both begin anew when people can be heard again. Nothing is rewritten
// for that but one value of the room, WaitingRoom::silence_from: a visitor gets the new deadline
// when the one in the row has come, and so does one who was heard of without that being written
// down. Rules: domain.md "Waiting room". Pure, like the rest.
#pragma once

#include "domain/policy.h"
#include "domain/rows.h"

namespace onsale::domain {

/// Notes in every room of `rows.room_ids` that has visitors from when on silence counts, unless it
/// is known there. For a batch that has loaded all of them (Footprint::due).
void note_outage(Rows& rows);

/// To be called before a visitor's deadline is asked for: if its time seems to be over by its
/// silence, but it has time left, it gets its new deadline. That is so if it was heard of (`heard`,
/// as by a Touch at that time), or was not because nobody could be (`excused`; the room then knows
/// since when silence counts). Never beyond the end of a session.
void spare(Rows& rows, const VisitorToken& token, Timestamp now, const Policy& policy);
/// The user's visitor in the room, if there is one.
void spare(Rows& rows, UserId user, RoomId room, Timestamp now, const Policy& policy);

/// Is it live at `now`, if it is spared?
[[nodiscard]] bool spared(Rows& rows, const VisitorToken& token, Timestamp now,
                          const Policy& policy);

}  // namespace onsale::domain
