// The server in virtual time: batches, ticks and crashes as the real one has them.
#include "sim/server.h"

#include <gtest/gtest.h>

#include "domain/catalogue.h"
#include "domain/identity.h"

namespace onsale::test {
namespace {

using domain::Duration;
using std::chrono::minutes;

/// A server with one slot and some users.
struct Hall {
  Hall() {
    server.start();
    for (int i = 1; i <= 4; ++i) {
      server.submit(domain::CreateUser{"fan" + std::to_string(i) + "@x.org", "Fan", "-"},
                    [](const engine::Reply<domain::CreateUserOutcome>&) {});
    }
    work();
  }

  static sim::ServerSettings settings() {
    sim::ServerSettings with{.room = domain::default_room};
    with.policy.room.active_sessions_max = 1;
    return with;
  }
  void step() {
    clock.advance(server.next_at() - clock.now());
    server.act();
  }
  void work() {
    while (server.busy()) step();
  }
  void enter(std::int64_t user, std::uint8_t token) {
    domain::Enter command{domain::default_room, {user}, {}};
    command.token.data[0] = token;
    server.submit(command, [this](const engine::Reply<domain::EnterOutcome>& reply) {
      replies.push_back(reply);
    });
  }
  [[nodiscard]] engine::RoomView room() {
    return server.views().room(domain::default_room)->room(clock.now());
  }

  std::unique_ptr<store::Store> store =
      std::move(store::open("memory:", store::Access::read_write)).value();
  engine::ManualClock clock{domain::from_millis(1'800'000'000'000)};
  std::vector<sim::CommittedBatch> seen;
  sim::Server server{*store, clock, settings(),
                     [this](const sim::CommittedBatch& batch) { seen.push_back(batch); }};
  std::vector<engine::Reply<domain::EnterOutcome>> replies;
};

domain::EnterResult result_of(const engine::Reply<domain::EnterOutcome>& reply) {
  return std::get<domain::EnterOutcome>(reply).result;
}

TEST(Server, WhatComesWhileABatchIsUnderWayMeetsInTheNext) {
  Hall hall;
  const domain::Timestamp start = hall.clock.now();
  hall.seen.clear();
  hall.enter(1, 1);
  hall.step();  // taken
  hall.enter(2, 2);
  hall.enter(3, 3);
  hall.work();
  ASSERT_EQ(hall.replies.size(), 3);
  ASSERT_EQ(hall.seen.size(), 2);
  EXPECT_EQ(hall.seen[0].decided_at, start);
  EXPECT_EQ(hall.seen[0].durable_at, start + Duration{5});
  EXPECT_EQ(hall.seen[1].decided_at, start + Duration{5});
  EXPECT_EQ(hall.room().waiting, 2);
}

TEST(Server, ACrashBeforeTheCommitUndoesTheBatch) {
  Hall hall;
  hall.enter(1, 1);
  hall.step();
  hall.enter(2, 2);
  hall.server.crash(sim::CrashPoint::before_commit);
  ASSERT_EQ(hall.replies.size(), 2);
  for (const auto& reply : hall.replies) {
    EXPECT_EQ(std::get<engine::Refusal>(reply), engine::Refusal::unavailable);
  }
  EXPECT_FALSE(hall.server.up());
  hall.server.start();
  EXPECT_EQ(hall.room().active + hall.room().waiting, 0);
}

TEST(Server, ACrashAfterTheCommitKeepsTheBatchAndTellsNobody) {
  Hall hall;
  hall.enter(1, 1);
  hall.step();
  hall.server.crash(sim::CrashPoint::after_commit);
  EXPECT_EQ(std::get<engine::Refusal>(hall.replies.at(0)), engine::Refusal::unavailable);
  hall.server.start();
  EXPECT_EQ(hall.room().active, 1);
  hall.enter(1, 9);
  hall.work();
  EXPECT_EQ(result_of(hall.replies.at(1)), domain::EnterResult::present);
}

TEST(Server, WhoeverAsksWhileItIsDownIsRefusedAtOnce) {
  Hall hall;
  hall.server.crash(sim::CrashPoint::before_commit);
  hall.enter(1, 1);
  EXPECT_TRUE(std::holds_alternative<engine::Refusal>(hall.replies.at(0)));
  EXPECT_EQ(hall.server.next_at(), domain::Timestamp::max());
}

TEST(Server, WakesForTheFirstTickThatFindsSomethingDueAndForNoOther) {
  Hall hall;
  hall.enter(1, 1);
  hall.enter(2, 2);
  hall.work();
  const domain::Timestamp entered = hall.seen.back().decided_at;
  const domain::Timestamp over = entered + minutes{10};
  const domain::Timestamp wake = hall.server.next_at();
  EXPECT_GE(wake, over);
  EXPECT_LT(wake, over + Duration{25});
  hall.seen.clear();
  hall.step();
  hall.step();
  ASSERT_EQ(hall.seen.size(), 1);
  EXPECT_EQ(hall.room().active, 1);  // the second has the slot of the first
  EXPECT_EQ(hall.room().waiting, 0);
}

}  // namespace
}  // namespace onsale::test
