// Signs of life, and the time in which there can be none: nobody who asks again and again loses the
// place, whatever the server or its store went through, and no crowd's asking costs a buyer
// anything.
#include <gmock/gmock.h>

#include "domain/room_control.h"
#include "engine/hearing.h"
#include "tests/engine/box_office.h"
#include "tests/engine/faulty_store.h"

namespace onsale::test {
namespace {

using domain::Duration;
using std::chrono::seconds;

constexpr Duration idle = seconds{6};
constexpr Duration claim = seconds{8};

domain::Policy short_patience() {
  domain::Policy policy;
  policy.room.active_sessions_max = 1;
  policy.room.idle_timeout = idle;
  policy.room.claim_timeout = claim;
  return policy;
}

/// One is inside and a line waits, in a room whose store can be told to fail.
struct Line {
  explicit Line(int waiting = 3, Duration standstill = std::chrono::hours{1}, bool nodes = false)
      : office(wrapped(nodes), 5, waiting + 1, short_patience()) {
    office.limits.standstill = standstill;
    office.restart();
    for (const auto user : office.users) tokens.push_back(office.enter(user));
  }
  std::unique_ptr<store::Store> wrapped(bool nodes) {
    faulty->others_write = nodes;
    return std::unique_ptr<store::Store>(faulty);
  }

  [[nodiscard]] engine::RoomView room() const {
    return office.engine->views().room(domain::default_room)->room(office.clock.now());
  }
  [[nodiscard]] bool hear(std::size_t who) { return heard(who).has_value(); }
  std::optional<engine::VisitorView> heard(std::size_t who) {
    auto view = office.engine->hear(tokens[who]);
    return view && view->visitor.live_at(office.clock.now()) ? view : std::nullopt;
  }
  [[nodiscard]] domain::Visitor stored(std::size_t who) const {
    return (*office.store->reader())->visitor(tokens[who]).value().value();
  }
  [[nodiscard]] std::optional<domain::Timestamp> silence_from() const {
    std::optional<domain::Timestamp> from;
    const auto read = (*office.store->reader())->each_room([&](const domain::WaitingRoom& row) {
      from = row.silence_from;
    });
    EXPECT_TRUE(read);
    return from;
  }
  [[nodiscard]] std::uint64_t batches() const { return office.engine->stats().batches; }

  [[nodiscard]] bool trouble() const { return !office.engine->trouble().empty(); }
  [[nodiscard]] bool interrupted() const { return office.engine->views().hearing().interrupted(); }
  [[nodiscard]] bool all_have(domain::Timestamp deadline) const {
    for (std::size_t who = 1; who < tokens.size(); ++who) {
      if (stored(who).deadline != deadline) return false;
    }
    return true;
  }

  FaultyStore* faulty = new FaultyStore(memory_store());  // the office owns it
  BoxOffice office;
  std::vector<domain::VisitorToken> tokens;
};

/// The committer is stopped in a commit.
struct Stall {
  explicit Stall(Line& where) : line(where) {
    line.faulty->stalled = true;
    plug = submit(*line.office.engine, domain::Charge{line.office.users[0], {1}});
    eventually([&] { return line.faulty->waiting > 0; });
  }
  void lift() {
    line.faulty->stalled = false;
    line.faulty->stalled.notify_all();
    plug.get();
  }
  Line& line;
  std::future<ReplyTo<domain::Charge>> plug;
};

// ---- when nobody can be heard --------------------------------------------------------

TEST(Silence, AServerThatWasDownForLongLosesNobodysPlace) {
  Line line;
  line.office.engine.reset();
  line.office.clock.advance(idle * 3);
  line.office.start();
  const auto now = line.office.clock.now();
  for (std::size_t who = 1; who <= 3; ++who) EXPECT_TRUE(line.hear(who));
  eventually([&] { return line.all_have(now + idle); });
  EXPECT_EQ(line.room().waiting, 3);
  EXPECT_EQ(line.silence_from(), now);
  // Silence afterwards counts.
  line.office.clock.advance(idle - Duration{1});
  EXPECT_TRUE(line.hear(2));
  line.office.clock.advance(Duration{1});
  eventually([&] { return line.room().waiting == 1; });
  EXPECT_TRUE(line.hear(2));
  EXPECT_FALSE(line.hear(1));
}

TEST(Silence, NorTheSlotOfWhoWasAdmittedAndNotThereYet) {
  Line line(2);
  call(*line.office.engine, domain::Leave{line.tokens[0], line.office.users[0]});
  const auto told = line.stored(1).expires_at;
  line.office.engine.reset();
  line.office.clock.advance(claim * 3);
  line.office.start();
  const auto now = line.office.clock.now();
  eventually([&] { return line.stored(1).deadline == now + claim; });
  line.office.clock.advance(claim - Duration{1});
  EXPECT_EQ(line.heard(1)->position, 0);
  eventually([&] { return line.stored(1).claimed; });
  EXPECT_EQ(line.stored(1).deadline, told);
}

TEST(Silence, AnExcuseForgetsNoSignOfLifeThatIsOnItsWay) {
  const auto now = domain::from_millis(1'000'000);
  engine::Hearing hearing;
  hearing.resume(now);
  engine::WaitingRoomView view(domain::RoomPolicy{}, /*open=*/true, &hearing);
  domain::Visitor visitor{.token = {{1}},
                          .room = domain::default_room,
                          .user = {1},
                          .number = 1,
                          .order_key = 1,
                          .issued_at = now};
  view.apply({domain::VisitorStep::entered, visitor}, now);
  visitor.state = domain::VisitorState::active;
  visitor.activated_at = now;
  visitor.expires_at = now + std::chrono::minutes{10};
  visitor.deadline = now + claim;
  view.apply({domain::VisitorStep::admitted, visitor}, now);
  const auto seen = view.find(visitor.token, now);
  ASSERT_TRUE(seen && seen->wants_touch);
  visitor.deadline = now + claim + seconds{1};
  view.apply({domain::VisitorStep::excused, visitor}, now);
  EXPECT_EQ(view.sign({.token = visitor.token, .at = now}, seen->touch_by), now);
}

TEST(Silence, AStoreThatIsAwayLosesNobodysPlace) {
  Line line(3, /*standstill=*/Duration{20});
  line.faulty->fault = Fault::commit_unavailable;
  const auto refused = submit(*line.office.engine, domain::Charge{line.office.users[0], {1}}).get();
  EXPECT_EQ(std::get<engine::Refusal>(refused), engine::Refusal::unavailable);
  eventually([&] { return line.interrupted(); });
  for (int i = 0; i < 20; ++i) {  // they ask twice a second and are answered; the third does not
    line.office.clock.advance(Duration{500});
    EXPECT_TRUE(line.hear(1) && line.hear(2));
  }
  EXPECT_TRUE(line.office.engine->visitor_of(line.office.users[3], domain::default_room)
                  ->visitor.live_at(line.office.clock.now()));
  const auto now = line.office.clock.now();
  line.faulty->fault = Fault::none;
  eventually([&] { return !line.trouble() && line.stored(3).deadline > now; });
  EXPECT_EQ(line.room().waiting, 3);
  eventually([&] {
    line.office.clock.advance(idle / 3);
    EXPECT_TRUE(line.hear(1) && line.hear(2));
    return line.room().waiting == 2;
  });
  EXPECT_FALSE(line.hear(3));
}

TEST(Silence, AProcessThatStoodStillLosesNobodysPlace) {
  Line line(2, /*standstill=*/Duration{20});
  Stall stall(line);
  eventually([&] { return line.interrupted(); });
  line.office.clock.advance(idle * 2);
  const auto now = line.office.clock.now();
  // Asked before the committer runs again.
  EXPECT_TRUE(line.office.engine->visitor_of(line.office.users[1], domain::default_room)
                  ->visitor.live_at(now));
  stall.lift();
  eventually([&] { return line.all_have(now + idle); });
  EXPECT_EQ(line.room().waiting, 2);
}

TEST(Silence, WhoIsHeardWhileACommitTakesLongHasBeenHeard) {
  Line line(2);
  Stall stall(line);
  line.office.clock.advance(idle - Duration{1});
  EXPECT_TRUE(line.hear(1));
  const auto now = line.office.clock.now();
  line.office.clock.advance(Duration{2});
  stall.lift();
  eventually([&] { return line.room().waiting == 1; });
  EXPECT_TRUE(line.hear(1));
  EXPECT_EQ(line.stored(1).deadline, now + idle);
}

// ---- what a sign of life costs -------------------------------------------------------

TEST(Silence, WhereNobodyElseDecidesACrowdThatAsksWritesOncePerIdleTime) {
  Line line(100);
  const auto before = line.batches();
  for (int i = 0; i < 5; ++i) {
    line.office.clock.advance(seconds{1});
    for (std::size_t who = 1; who <= 100; ++who) {
      EXPECT_FALSE(line.heard(who)->wants_touch);
    }
  }
  const auto now = line.office.clock.now();
  call(*line.office.engine, domain::Charge{line.office.users[0], {1}});
  EXPECT_EQ(line.batches() - before, 1);  // the charge
  line.office.clock.advance(seconds{1});
  eventually([&] { return line.all_have(now + idle) && line.batches() - before >= 2; });
  EXPECT_EQ(line.batches() - before, 2);
  EXPECT_EQ(line.room().waiting, 100);
}

TEST(Silence, WhereOthersDecideTheLastSignIsWrittenInGoodTimeAndManyTogether) {
  Line line(100, std::chrono::hours{1}, /*nodes=*/true);
  line.office.clock.advance(seconds{1});
  for (std::size_t who = 1; who <= 100; ++who) EXPECT_TRUE(line.heard(who)->wants_touch);
  line.office.clock.advance(seconds{1});
  for (std::size_t who = 1; who <= 100; ++who) EXPECT_FALSE(line.heard(who)->wants_touch);
  const auto heard_at = line.office.clock.now();
  const auto before = line.batches();
  line.office.clock.advance(idle * 2 / 3 - seconds{2} - Duration{1});
  call(*line.office.engine, domain::Charge{line.office.users[0], {1}});
  EXPECT_EQ(line.batches() - before, 1);  // the charge
  line.office.clock.advance(Duration{1});
  eventually([&] { return line.all_have(heard_at + idle) && line.batches() - before >= 2; });
  EXPECT_EQ(line.batches() - before, 2);  // and the hundred
}

TEST(Silence, ASignThatWasWrittenOtherwiseIsNotWrittenAgain) {
  Line line(1, std::chrono::hours{1}, /*nodes=*/true);
  line.office.clock.advance(seconds{1});
  EXPECT_TRUE(line.heard(1)->wants_touch);
  line.office.clock.advance(seconds{2});
  line.office.enter(line.office.users[1]);  // is here already, and heard of
  EXPECT_EQ(line.stored(1).deadline, line.office.clock.now() + idle);
  const auto before = line.batches();
  line.office.clock.advance(seconds{1});
  for (int i = 0; i < 3; ++i) {
    call(*line.office.engine, domain::Charge{line.office.users[0], {1}});
  }
  EXPECT_EQ(line.batches() - before, 3);  // the charges
}

TEST(Silence, MoreSignsThanABatchTakesAreWrittenInSeveral) {
  Line line(20, std::chrono::hours{1}, /*nodes=*/true);
  line.office.limits.signs_per_batch = 5;
  line.office.restart();
  line.office.clock.advance(idle * 2 / 3);
  for (std::size_t who = 1; who <= 20; ++who) EXPECT_TRUE(line.hear(who));
  eventually([&] { return line.all_have(line.office.clock.now() + idle); });
}

TEST(Silence, ASignThatCouldNotBeWrittenIsWrittenLater) {
  Line line(1, std::chrono::hours{1}, /*nodes=*/true);
  line.office.clock.advance(idle * 2 / 3);
  line.faulty->fault = Fault::commit_unavailable;
  EXPECT_TRUE(line.hear(1));
  eventually([&] { return line.trouble(); });
  const auto heard_at = line.office.clock.now();
  line.office.clock.advance(seconds{1});
  line.faulty->fault = Fault::none;
  eventually([&] { return line.stored(1).deadline == heard_at + idle; });
}

TEST(Silence, MoreSignsThanAreKeptAreAskedForAgainAndThePressingAreKept) {
  Line line(6, std::chrono::hours{1}, /*nodes=*/true);
  line.office.limits.signs_max = 3;
  line.office.restart();
  line.office.clock.advance(seconds{1});
  for (std::size_t who = 1; who <= 5; ++who) EXPECT_TRUE(line.heard(who)->wants_touch);
  EXPECT_FALSE(line.heard(3)->wants_touch);
  EXPECT_TRUE(line.heard(4)->wants_touch);
  const auto heard_at = line.office.clock.now();
  line.office.clock.advance(idle * 2 / 3 - seconds{1});
  Stall stall(line);
  EXPECT_TRUE(line.heard(6)->wants_touch);
  EXPECT_FALSE(line.heard(6)->wants_touch);
  stall.lift();
  eventually([&] { return line.stored(6).deadline == line.office.clock.now() + idle; });
  for (std::size_t who = 1; who <= 3; ++who) {
    eventually([&] { return line.stored(who).deadline == heard_at + idle; });
  }
}

TEST(Silence, AFullCrowdThatAsksRefusesNobodyAHold) {
  Line line(50);
  line.office.limits.queue_max = 3;
  line.office.restart();
  domain::ChangeRoom change{.room = domain::default_room, .by = line.office.users[0]};
  change.policy.active_sessions_max = std::optional<std::int64_t>(1000);
  call(*line.office.engine, change);
  eventually([&] { return line.room().active == 51; });
  Stall stall(line);
  // Each of them claims its session, which is to be written at once.
  for (std::size_t who = 1; who <= 50; ++who) EXPECT_TRUE(line.heard(who)->wants_touch);
  std::vector<std::future<ReplyTo<domain::Hold>>> holds;
  for (int seat = 1; seat <= 4; ++seat) {
    holds.push_back(submit(*line.office.engine, line.office.hold_of(line.office.users[0], seat)));
  }
  stall.lift();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(std::get<domain::HoldOutcome>(holds[i].get()).result, domain::HoldResult::held);
  }
  EXPECT_EQ(std::get<engine::Refusal>(holds[3].get()), engine::Refusal::overloaded);
  eventually([&] {
    for (std::size_t who = 1; who <= 50; ++who) {
      if (!line.stored(who).claimed) return false;
    }
    return true;
  });
}

TEST(Silence, WhatWasHeardBeforeAnOrderlyEndIsWritten) {
  Line line(1, std::chrono::hours{1}, /*nodes=*/true);
  line.office.clock.advance(idle / 2);
  Stall stall(line);
  EXPECT_TRUE(line.hear(1));
  std::thread ending([&] { line.office.engine->drain(); });
  stall.lift();
  ending.join();
  EXPECT_EQ(line.stored(1).deadline, line.office.clock.now() + idle);
}

// ---- hearing -------------------------------------------------------------------------

TEST(Hearing, NobodyCanBeHeardBeforeItBeginsAndAfterItWasQuietForTooLong) {
  const auto at = domain::from_millis(5'000);
  engine::Hearing hearing;
  EXPECT_EQ(hearing.silence_from(), domain::Timestamp::max());
  hearing.resume(at);
  EXPECT_EQ(hearing.silence_from(), at);
  hearing.watch(Duration{1});
  eventually([&] { return hearing.interrupted(); });
  EXPECT_EQ(hearing.silence_from(), domain::Timestamp::max());
  hearing.watch(std::chrono::hours{1});
  hearing.resume(at + seconds{7});
  hearing.beat();
  EXPECT_EQ(hearing.silence_from(), at + seconds{7});
  hearing.set_blind(true);
  EXPECT_TRUE(hearing.interrupted());
  hearing.set_blind(false);
  hearing.missed_nothing();
  EXPECT_EQ(hearing.silence_from(), domain::Timestamp{});
  hearing.interrupt();
  EXPECT_TRUE(hearing.interrupted());
}

}  // namespace
}  // namespace onsale::test
