// The fairness audit behind `onsale verify --fairness`: replays every waiting room from the journal
// and shows that nobody was let in while somebody before them waited; names who lost a place and
// why. It believes the journal and nothing else: no table, no counter, and none of the rules that
// wrote it. What it cannot know from the journal it says (FairnessRoom::notes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/fairness_figures.h"
#include "store/store.h"

namespace onsale::store {

/// Written out, of each room; further ones are only counted.
inline constexpr std::size_t fairness_exceptions_max = 500;
inline constexpr std::size_t fairness_changes_max = 200;
/// Written out of all rooms together; further ones are only counted.
inline constexpr std::size_t fairness_violations_max = 100;

/// How visits ended.
struct VisitEnds {
  std::int64_t completed = 0;  ///< paid, or held where that ends a session
  std::int64_t left = 0;       ///< by themselves
  std::int64_t revoked = 0;    ///< by an organiser
  std::int64_t expired = 0;    ///< while waiting: idle for too long; after admission: session over
  std::int64_t unclaimed = 0;  ///< after admission: never showed up
};

enum class ExceptionCause { left, revoked, idle, unclaimed, session_over };

/// A visit that did not come to its end, and why: whoever is admitted after a lower number that
/// was not, it was for one of these.
struct FairnessException {
  std::int64_t number = 0;
  ExceptionCause cause = ExceptionCause::left;
  bool admitted = false;  ///< had been let in before
  domain::Timestamp entered_at;
  domain::Timestamp ended_at;
  domain::UserId by;  ///< who revoked it
};

/// What an organiser, or the program, did to a room.
struct RoomChange {
  domain::Timestamp at;
  domain::UserId by;  ///< none: the program itself
  std::string what;   ///< "active_sessions_max 20, paused"
};

/// A lottery that was held, and recomputed.
struct DrawHeld {
  domain::Timestamp at;
  std::string seed;
  std::int64_t numbers = 0;  ///< who took part
  std::int64_t left = 0;     ///< of those, gone before the draw
};

struct FairnessRoom {
  domain::RoomId id;
  std::string name;
  std::int64_t arrivals = 0;
  std::int64_t admitted = 0;
  VisitEnds while_waiting;
  VisitEnds after_admission;
  std::int64_t still_waiting = 0;
  std::int64_t still_active = 0;
  std::int64_t waiting_max = 0;  ///< the longest the line was
  std::int64_t active_max = 0;
  WaitTimes waits;  ///< of those who were admitted, from arrival to admission
  Timeline timeline;
  std::optional<DrawHeld> draw;
  std::vector<RoomChange> changes;
  std::int64_t changes_left_out = 0;
  std::vector<FairnessException> exceptions;
  std::int64_t exceptions_left_out = 0;
  /// What the journal does not say, and what was taken instead; a sentence each.
  std::vector<std::string> notes;
};

struct FairnessReport {
  std::int64_t journal_entries = 0;
  domain::Timestamp first_at;  ///< of the first and the last entry, if there are any
  domain::Timestamp last_at;
  std::vector<FairnessRoom> rooms;  ///< those that somebody entered or changed, by id

  /// One sentence each: which number of which room, and what is wrong.
  std::vector<std::string> violations;
  std::int64_t violations_left_out = 0;  ///< beyond fairness_violations_max

  [[nodiscard]] bool fair() const { return violations.empty(); }
};

/// Reads the journal once, in one snapshot. For each room it proves:
///
///   * Numbers are given 1, 2, 3, … in the order of the journal.
///   * Whoever is admitted waits, and nobody waits at that moment, and is not overdue, whose place
///     (order_key, number) comes before.
///   * Nobody is admitted while the room is paused or closed, before it opens or before its draw,
///     above the sessions or faster than the rate in force; nobody enters while it is closed.
///   * Places by lot are those that the published seed gives; all other places are the numbers.
///   * Nobody expires before their time.
///
/// What a room does not set itself is what the server that started last has declared in the
/// journal; before the first such declaration, which older servers did not make, `defaults`: those
/// of the configuration as it is now. After it, times also follow the order of the journal. Needs
/// some 200 bytes of memory for each visitor who waits or is active at the same time, and a few for
/// each who left a lottery before its draw. An error means that the store could not be read.
[[nodiscard]] Result<FairnessReport> audit_fairness(Reader& reader, const domain::Policy& defaults);

[[nodiscard]] std::string_view to_text(ExceptionCause cause);

}  // namespace onsale::store
