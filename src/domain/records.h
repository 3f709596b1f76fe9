// The journal's vocabulary: what happened, in the words of the domain. Decisions write
// these beside their changes; the store appends them in the same transaction; views, other
// nodes, streams and audits read nothing else. A record carries all that a view needs, so
// that following the journal never means asking the store for the row again.
#pragma once

#include <variant>
#include <vector>

#include "domain/model.h"
#include "domain/policy.h"

namespace onsale::domain {

/// heard: a sign of life. excused: there was none, since nobody could be heard.
enum class VisitorStep { entered, admitted, heard, excused, ended };

/// A visitor moved. `visitor` is the whole row after it.
struct VisitorMoved {
  VisitorStep step = VisitorStep::entered;
  Visitor visitor;
  UserId by{};  ///< who ended the visit of somebody else, a revocation; otherwise none
};

enum class RoomStep { changed, drawn, resumed };

/// A waiting room is new, has been changed by an organiser, has held its draw or can hear its
/// visitors again. `room` is the
/// whole row after it. The seed of a draw that is still ahead is in here for the views of this
/// process; no store keeps it in the journal (store/journal_codec.h).
struct RoomMoved {
  RoomStep step = RoomStep::changed;
  WaitingRoom room;
  UserId by{};  ///< the organiser; none for a draw, a resumption and for what the program does by
                ///< itself
};

enum class ReservationStep { held, paid, canceled, expired };

/// A reservation moved, and with it exactly the seats in `seats`: to `held` or `sold`, or
/// back to `available`. Seats that somebody else took over in the meantime are not listed.
struct ReservationMoved {
  struct SeatOf {
    PerformanceId performance;
    SeatId seat;
  };
  ReservationStep step = ReservationStep::held;
  Reservation reservation;
  std::vector<SeatOf> seats;
};

struct MoneyMoved {
  Transfer transfer;
};

/// Something of the catalogue or the people is new or different; `id` says which row.
/// Readers who care load it; these are rare.
struct CatalogueChanged {
  enum class What { user, venue, room, event, performance, seats };
  What what = What::event;
  std::int64_t id = 0;  ///< for `seats`: the performance whose seats are new
};

/// A server decides by these defaults from now on; what rooms and events set themselves goes before
/// them. Each says so when it starts, whether they differ from the last ones or not.
struct PolicyDeclared {
  Policy policy;
};

using Record = std::variant<VisitorMoved, ReservationMoved, MoneyMoved, CatalogueChanged, RoomMoved,
                            PolicyDeclared>;

}  // namespace onsale::domain
