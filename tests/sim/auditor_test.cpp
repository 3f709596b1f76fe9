// The auditor audited: of made-up batches it finds what is wrong, and only that.
#include "sim/auditor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/catalogue.h"
#include "domain/draw.h"

namespace onsale::test {
namespace {

using domain::RoomState;
using domain::VisitorState;
using domain::VisitorStep;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// A room with two slots as its records tell it. Correct unless a test makes it otherwise.
struct Story {
  explicit Story(domain::RoomPolicy with = {.active_sessions_max = 2}) {
    policy.room = with;
    auditor.emplace(sim::Auditor::Settings{.policy = policy}, room, now);
  }

  domain::Visitor& of(std::int64_t number) {
    return people.at(static_cast<std::size_t>(number - 1));
  }

  void enter(std::int64_t number) {
    domain::Visitor who{.room = room.id,
                        .user = {100 + number},
                        .number = number,
                        .order_key = number,
                        .issued_at = now};
    who.token.data[0] = static_cast<std::uint8_t>(number);
    if (room.draw_ahead()) who.order_key = domain::draw_key(room.draw_seed, room.id, number);
    people.push_back(who);
    move(VisitorStep::entered, number);
    entered_now = true;
  }
  void admit(std::int64_t number) {
    domain::Visitor& who = of(number);
    who.state = VisitorState::active;
    who.activated_at = now;
    who.expires_at = now + policy.room.session_duration;
    who.claimed = entered_now;
    who.deadline = who.claimed ? *who.expires_at : now + policy.room.claim_timeout;
    move(VisitorStep::admitted, number);
  }
  void claim(std::int64_t number) {
    of(number).claimed = true;
    of(number).deadline = of(number).expires_at;
    move(VisitorStep::heard, number);
  }
  void end(std::int64_t number, VisitorState how) {
    of(number).state = how;
    of(number).ended_at = now;
    of(number).deadline.reset();
    move(VisitorStep::ended, number);
  }
  void move(VisitorStep step, std::int64_t number) {
    records.emplace_back(domain::VisitorMoved{step, of(number)});
  }
  void reservation(domain::ReservationStep step, std::int64_t number) {
    records.emplace_back(domain::ReservationMoved{step, {.id = {1}, .user = of(number).user}, {}});
  }
  void change(domain::RoomStep step = domain::RoomStep::changed) {
    records.emplace_back(domain::RoomMoved{step, room});
  }
  void batch(bool saw_room = true) {
    auditor->committed(
        {.records = records, .decided_at = now, .durable_at = now, .saw_room = saw_room});
    records.clear();
    entered_now = false;
  }
  void wait(domain::Duration span) { now += span; }

  /// Numbers 1 … `count`: two active and claimed, the others waiting.
  void full_house(std::int64_t count) {
    for (std::int64_t number = 1; number <= count; ++number) {
      enter(number);
      if (number <= 2) admit(number);
    }
    batch();
  }

  domain::Policy policy;
  domain::WaitingRoom room{.id = domain::default_room};
  domain::Timestamp now = domain::from_millis(1'800'000'000'000);
  std::vector<domain::Visitor> people;
  std::vector<domain::Record> records;
  bool entered_now = false;
  std::optional<sim::Auditor> auditor;
};

auto finds(const char* what) { return Contains(HasSubstr(what)); }

TEST(Auditor, HasNothingToSayOfAnOrderlyDay) {
  Story story;
  story.full_house(5);
  story.wait(seconds{10});
  story.reservation(domain::ReservationStep::held, 1);
  story.reservation(domain::ReservationStep::paid, 1);
  story.end(1, VisitorState::completed);
  story.admit(3);
  story.batch();
  story.end(4, VisitorState::left);
  story.claim(3);
  story.batch();
  story.wait(story.policy.room.session_duration - seconds{10});
  story.end(2, VisitorState::expired);
  story.admit(5);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), IsEmpty());
  EXPECT_EQ(story.auditor->figures().admitted, 4);
  EXPECT_EQ(story.auditor->figures().waiting_most, 3);
}

TEST(Auditor, FindsWhoOvertakes) {
  Story story;
  story.full_house(4);
  story.end(1, VisitorState::left);
  story.admit(4);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), finds("out of turn: visitor 4"));
}

TEST(Auditor, FindsAdmissionsBeyondTheSessions) {
  Story story;
  story.full_house(4);
  story.admit(3);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), finds("beyond the sessions: visitor 3"));
}

TEST(Auditor, FindsAdmissionsBeyondTheRate) {
  Story story({.active_sessions_max = 100, .admission_rate_per_minute = 120});
  for (int i = 1; i <= 3; ++i) {
    story.enter(i);
    story.admit(i);
  }
  story.batch();  // two at once are a second's worth
  EXPECT_THAT(story.auditor->findings(), finds("beyond the rate: visitor 3"));
}

TEST(Auditor, FindsAdmissionsInAPauseBeforeTheOpeningAndAfterTheClosing) {
  for (const RoomState state : {RoomState::paused, RoomState::closed, RoomState::open}) {
    Story story;
    story.enter(1);
    story.room.state = state;
    if (state == RoomState::open) story.room.opens_at = story.now + seconds{1};
    story.change();
    story.admit(1);
    story.batch();
    EXPECT_THAT(story.auditor->findings(), finds("admitted while nobody is: visitor 1"));
  }
}

TEST(Auditor, FindsALostSlot) {
  Story story;
  story.full_house(3);
  story.end(1, VisitorState::left);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), finds("a slot is lost: 1 wait, 1 of 2"));
}

TEST(Auditor, FindsABudgetThatIsNotSpentInTime) {
  Story story({.active_sessions_max = 100, .admission_rate_per_minute = 60});
  story.enter(1);
  story.enter(2);
  story.admit(1);
  story.batch();
  story.wait(milliseconds{1010});
  story.admit(2);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), IsEmpty());
  story.enter(3);
  story.batch();
  story.wait(milliseconds{1200});
  story.admit(3);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), finds("an admission was due for 200 ms"));
}

TEST(Auditor, FindsAnEndThatIsNoticedLateOrTooEarly) {
  Story late;
  late.full_house(3);
  late.wait(late.policy.room.session_duration + milliseconds{100});
  late.end(1, VisitorState::expired);
  late.admit(3);
  late.batch();
  EXPECT_THAT(late.auditor->findings(), finds("noticed 100 ms late"));
  EXPECT_EQ(late.auditor->figures().slot_ms_lost, 100);

  Story early;
  early.full_house(2);
  early.end(1, VisitorState::expired);
  early.batch();
  EXPECT_THAT(early.auditor->findings(), finds("expired before its time: visitor 1"));
}

TEST(Auditor, DoesNotCountTheTimeInWhichTheServerIsDown) {
  Story story;
  story.full_house(3);
  story.wait(story.policy.room.session_duration - seconds{1});
  story.auditor->went_down(story.now);
  story.wait(minutes{5});
  story.auditor->came_up(story.now);
  story.end(1, VisitorState::expired);
  story.end(2, VisitorState::expired);
  story.admit(3);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), IsEmpty());
  EXPECT_EQ(story.auditor->figures().people_waited,
            story.policy.room.session_duration - seconds{1});
}

/// The third was admitted, and before it could show up the server was down for five minutes.
struct Outage : Story {
  Outage() {
    full_house(4);
    end(1, VisitorState::left);
    admit(3);
    batch();
    auditor->went_down(now);
    wait(minutes{5});
    auditor->came_up(now);
  }
  void resume() {
    room.silence_from = now;
    change(domain::RoomStep::resumed);
  }
  void excuse() {
    of(3).deadline = now + policy.room.claim_timeout;
    move(VisitorStep::excused, 3);
  }
};

TEST(Auditor, FollowsAnExcuse) {
  Outage story;
  story.resume();
  story.excuse();
  story.batch();
  story.wait(story.policy.room.claim_timeout);
  story.end(3, VisitorState::expired);
  story.admit(4);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), IsEmpty());
}

TEST(Auditor, FindsWhoIsBlamedForAnOutage) {
  Outage story;
  story.end(3, VisitorState::expired);
  story.admit(4);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), finds("expired before its time: visitor 3"));
}

TEST(Auditor, FindsExcusesThatNobodyNeedsOrTheRoomDoesNotKnow) {
  Outage unknown;
  unknown.excuse();
  unknown.batch();
  EXPECT_THAT(unknown.auditor->findings(), finds("does not know the excuse of visitor 3"));

  Outage silent;
  silent.resume();
  silent.wait(silent.policy.room.claim_timeout);
  silent.excuse();
  silent.batch();
  EXPECT_THAT(silent.auditor->findings(), finds("excused without need: visitor 3"));

  Outage wrong;
  wrong.wait(seconds{1});
  wrong.resume();
  wrong.batch();
  EXPECT_THAT(wrong.auditor->findings(), finds("silence counts from another time than the start"));
}

TEST(Auditor, HoldsTheServerToWhatItHeard) {
  Story story;
  story.full_house(4);
  story.end(1, VisitorState::left);
  story.admit(3);
  story.batch();
  story.wait(story.policy.room.claim_timeout - seconds{1});
  story.auditor->looked(story.of(3).user, story.now);
  story.wait(seconds{1});
  story.end(3, VisitorState::expired);
  story.admit(4);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), finds("expired before its time: visitor 3"));
}

TEST(Auditor, FindsPurchasesThatDidNotHappenAndHoldsWithoutAdmission) {
  Story story;
  story.full_house(3);
  story.end(1, VisitorState::completed);
  story.reservation(domain::ReservationStep::held, 3);
  story.admit(3);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), finds("completed without a purchase: visitor 1"));
  EXPECT_THAT(story.auditor->findings(), finds("holds seats without being admitted: user 103"));
}

TEST(Auditor, FindsGapsDoublesAndGhosts) {
  Story gap;
  gap.enter(1);
  gap.people.emplace_back();
  gap.enter(3);
  gap.admit(1);
  gap.batch();
  EXPECT_THAT(gap.auditor->findings(), finds("numbers have a gap before 3"));

  Story twice;
  twice.full_house(3);
  twice.enter(4);
  twice.of(4).user = twice.of(3).user;
  twice.records.clear();
  twice.move(VisitorStep::entered, 4);
  twice.batch();
  EXPECT_THAT(twice.auditor->findings(), finds("is here twice: user 103"));

  Story ghost;
  ghost.full_house(3);
  ghost.end(3, VisitorState::left);
  ghost.end(3, VisitorState::left);
  ghost.batch();
  EXPECT_THAT(ghost.auditor->findings(), finds("moves after its end: visitor 3"));
}

/// Four who take part in a draw, and their turn by the lot.
struct Lottery : Story {
  Lottery() {
    room.draw_seed = std::string(64, 'a');
    room.opens_at = now + minutes{10};
    change();
    batch();
    for (std::int64_t number = 1; number <= 4; ++number) enter(number);
    batch();
    wait(minutes{10});
    const std::vector<std::int64_t> numbers{1, 2, 3, 4};
    order = domain::drawn_order(room.draw_seed, room.id, numbers);
    room.drawn_at = now;
  }
  std::vector<std::int64_t> order;
};

TEST(Auditor, FollowsADraw) {
  Lottery story;
  story.change(domain::RoomStep::drawn);
  story.admit(story.order[0]);
  story.admit(story.order[1]);
  story.batch();
  story.enter(5);
  story.batch();
  EXPECT_THAT(story.auditor->findings(), IsEmpty());
  EXPECT_EQ(story.auditor->room().position(story.order[3]), 2);
  EXPECT_EQ(story.auditor->room().position(5), 3);
}

TEST(Auditor, FindsADrawThatIsNotFollowedOrNotFair) {
  Lottery arrival;
  arrival.change(domain::RoomStep::drawn);
  arrival.admit(arrival.order[1]);
  arrival.admit(arrival.order[0]);
  arrival.batch();
  EXPECT_THAT(arrival.auditor->findings(), finds("out of turn"));

  Lottery other_seed;
  other_seed.room.draw_seed = std::string(64, 'b');
  other_seed.change(domain::RoomStep::drawn);
  other_seed.batch();
  EXPECT_THAT(other_seed.auditor->findings(), finds("with another seed"));
}

TEST(Auditor, ComparesWhatTheViewSays) {
  Story story;
  story.full_house(6);
  engine::WaitingRoomView view(story.policy.room);
  for (std::int64_t number = 1; number <= 6; ++number) {
    domain::Visitor who = story.of(number);
    who.state = VisitorState::waiting;
    view.apply({VisitorStep::entered, who, {}}, story.now);
    if (number <= 2) view.apply({VisitorStep::admitted, story.of(number), {}}, story.now);
  }
  for (std::uint64_t i = 0; i < 20; ++i) story.auditor->look(view, story.now, {1, 1, i});
  EXPECT_THAT(story.auditor->findings(), IsEmpty());

  story.end(4, VisitorState::left);  // which the view misses
  story.batch();
  for (std::uint64_t i = 0; i < 20; ++i) story.auditor->look(view, story.now, {1, 1, i});
  EXPECT_THAT(story.auditor->findings(), finds("counts other people"));
  EXPECT_THAT(story.auditor->findings(), finds("shows somebody who is gone: visitor 4"));
  EXPECT_THAT(story.auditor->findings(), finds("wrong position of visitor"));
  EXPECT_THAT(story.auditor->findings(), finds("wrong number behind visitor"));
}

TEST(Auditor, ComparesWhatTheStoreHas) {
  Story story;
  story.full_house(3);
  const auto store = std::move(store::open("memory:", store::Access::read_write)).value();
  const auto reader = std::move(store->reader()).value();
  story.auditor->finish(*reader, story.now);
  EXPECT_THAT(story.auditor->findings(), finds("the store has other visitors than entered"));
  EXPECT_THAT(story.auditor->findings(), finds("the store counts other people"));
}

TEST(Auditor, WritesOutTheFirstFindingsAndCountsTheRest) {
  Story story;
  for (int i = 0; i < 30; ++i) story.auditor->find(story.now, "something");
  EXPECT_EQ(story.auditor->findings().size(), sim::findings_max);
  EXPECT_EQ(story.auditor->findings_left_out(), 10);
}

}  // namespace
}  // namespace onsale::test
