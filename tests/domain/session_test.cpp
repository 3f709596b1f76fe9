// How long a place in the line and a session last, and what ends them early (domain.md
// "Waiting room").
#include <gtest/gtest.h>

#include "tests/support/script.h"

namespace onsale::testing {
namespace {

TEST(Session, WhoIsAdmittedAtOnceHasClaimedTheSession) {
  play(R"(
    room session=600s claim=60s
    at 10:00:00  fan1 enters     active
    and          fan1 is         active until 10:10:00
  )");
}

TEST(Session, AnAdmissionInTheBatchOfTheEntryIsItsOwnAnswer) {
  play(R"(
    room sessions=1 session=600s claim=60s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:00:01  fan3 enters     active        # fan1 and fan2 leave in this very batch
    and          fan1 leaves     left
    and          fan2 leaves     left
    and          fan3 is         active until 10:10:01
  )");
}

TEST(Session, SessionNotClaimedInTimeGoesToTheNext) {
  play(R"(
    room sessions=1 session=600s claim=60s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    at 10:05:00  fan1 leaves     left
    and          fan2 is         active until 10:06:00
    at 10:05:59.999  tick
    and          fan2 is         active until 10:06:00
    at 10:06:00  tick
    and          fan2 is         expired
    and          fan3 is         active until 10:07:00
  )");
}

TEST(Session, ASignOfLifeClaimsTheSession) {
  play(R"(
    room sessions=1 session=600s claim=60s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:05:00  fan1 leaves     left
    at 10:05:30  fan2 is heard   noted
    and          fan2 is         active until 10:15:00
    at 10:05:31  fan2 is heard   no              # noted once
    at 10:15:00  tick
    and          fan2 is         expired
  )");
}

TEST(Session, EnteringAgainIsASignOfLife) {
  play(R"(
    room sessions=1 session=600s claim=60s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:05:00  fan1 leaves     left
    at 10:05:30  fan2 enters     back, active
    and          fan2 is         active until 10:15:00
  )");
}

TEST(Session, AGuardedRequestClaimsWhateverItsOutcome) {
  play(R"(
    room sessions=1 session=600s claim=60s
    at 10:00:00  fan1 enters        active
    and          fan2 enters        waiting at 1
    at 10:05:00  fan1 leaves        left
    at 10:05:59  fan2 holds Z-9     seat_not_found ?
    and          fan2 is            active until 10:15:00
  )");
}

TEST(Session, AClaimPastItsTimeComesTooLate) {
  play(R"(
    room sessions=1 claim=60s
    at 10:00:00  fan1 enters        active
    and          fan2 enters        waiting at 1
    at 10:05:00  fan1 leaves        left
    at 10:06:00  fan2 is heard      no             # no tick came by yet
    and          fan2 is            expired
    at 10:06:00  fan2 holds A-1     not_admitted
    at 10:06:00  fan2 leaves        already_over
    and          room is            0 active, 0 waiting
  )");
}

TEST(Session, NoClaimOutlastsTheSession) {
  play(R"(
    room sessions=1 session=30s claim=60s
    at 10:00:00  fan1 enters        active
    and          fan2 enters        waiting at 1
    at 10:00:10  fan1 leaves        left
    and          fan2 is            active until 10:00:40
    at 10:00:39  fan2 is heard      noted
    and          fan2 is            active until 10:00:40
  )");
}

TEST(Session, SessionEndsAtItsTime) {
  play(R"(
    room sessions=1 session=600s
    at 10:00:00      fan1 enters       active
    and              fan2 enters       waiting at 1
    at 10:09:59.999  fan1 holds A-1    held until 10:14:59.999
    at 10:10:00      fan1 holds A-2    not_admitted
    and              fan2 is           waiting at 1       # until a tick comes by
    tick
    and              fan1 is           expired
    and              fan2 is           active until 10:12:00
  )");
}

TEST(Session, WhoComesBackAfterTheSessionGetsANewNumber) {
  play(R"(
    room sessions=1 session=60s
    at 10:00:00  fan1 enters        active
    and          fan2 enters        waiting at 1
    at 10:01:00  fan1 enters        waiting at 1   # no tick came by; fan2 is let in
    and          fan2 is            active until 10:02:00
    and          number of fan1 is  3
    and          room is            1 active, 1 waiting
  )");
}

TEST(Session, SessionEndsWithThePayment) {
  play(R"(
    room sessions=1
    fan1 has 100
    at 10:00:00  fan1 enters       active
    and          fan2 enters       waiting at 1
    at 10:01:00  fan1 holds A-1    held until 10:06:00
    and          fan1 is           active until 10:10:00
    at 10:02:00  fan1 pays         paid, 0 left
    and          fan1 is           completed
    and          fan2 is           active until 10:04:00
  )");
}

TEST(Session, SessionEndsWithTheHoldIfTheRoomSaysSo) {
  play(R"(
    room sessions=1 ends_on=hold
    fan1 has 100
    at 10:00:00  fan1 enters       active
    and          fan2 enters       waiting at 1
    at 10:01:00  fan1 holds Z-9    seat_not_found ?
    and          fan1 is           active until 10:10:00
    at 10:01:00  fan1 holds A-1    held until 10:06:00
    and          fan1 is           completed
    and          fan2 is           active until 10:03:00
    at 10:01:30  fan1 enters       waiting at 1
    at 10:02:00  fan1 pays         paid, 0 left     # held is held; no session needed
    and          fan1 is           waiting at 1
  )");
}

TEST(Session, WaitingVisitorKeepsThePlaceWithoutAnIdleTimeout) {
  play(R"(
    room sessions=1 session=36000s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    at 10:00:01  fan2 is heard   no              # nothing to note
    at 19:00:00  tick
    and          fan2 is         waiting at 1
  )");
}

TEST(Session, IdleVisitorsAreDropped) {
  play(R"(
    room sessions=1 idle=30s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    and          fan4 enters     waiting at 3
    at 10:00:20  fan3 is heard   noted
    at 10:00:20  fan4 enters     back, waiting at 3
    at 10:00:30  tick
    and          fan2 is         expired
    and          fan3 is         waiting at 1
    and          fan4 is         waiting at 2
    and          fan1 is         active until 10:10:00
    at 10:00:50  tick
    and          room is         1 active, 0 waiting
  )");
}

TEST(Session, AnIdleVisitorIsNeverAdmittedPastTheDeadline) {
  play(R"(
    room sessions=1 idle=30s
    at 10:00:00  fan1 enters     active
    and          fan2 enters     waiting at 1
    and          fan3 enters     waiting at 2
    at 10:00:20  fan3 is heard   noted
    at 10:00:40  fan1 leaves     left            # no tick has written fan2 down
    and          fan4 enters     waiting at 2
    and          fan2 is         expired
    and          fan3 is         waiting at 1    # the next batch lets fan3 in, before fan4
    tick
    and          fan3 is         active until 10:02:40
    and          fan4 is         waiting at 1
  )");
}

}  // namespace
}  // namespace onsale::testing
