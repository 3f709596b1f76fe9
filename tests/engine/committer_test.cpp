// Batches: everything that gathers is decided in order, committed once, answered after.
#include <gmock/gmock.h>

#include "tests/engine/box_office.h"
#include "tests/engine/faulty_store.h"

namespace onsale::test {
namespace {

using domain::HoldResult;
using engine::Refusal;

/// An office whose store can be told to fail.
struct FaultyOffice {
  FaultyStore* faulty = new FaultyStore(memory_store());  // the office owns it
  BoxOffice office{std::unique_ptr<store::Store>(faulty)};
};

/// Stops the committer in a commit, so that what is submitted meanwhile meets in one batch.
class Stall {
 public:
  explicit Stall(FaultyOffice& where) : where_(where) {
    where_.faulty->stalled = true;
    plug_ = submit(*where_.office.engine, domain::Charge{where_.office.users[4], {1}});
    eventually([&] { return where_.faulty->waiting > 0; });
  }
  void lift() {
    where_.faulty->stalled = false;
    where_.faulty->stalled.notify_all();
    plug_.get();
  }

 private:
  FaultyOffice& where_;
  std::future<ReplyTo<domain::Charge>> plug_;
};

TEST(Committer, ALaterCommandOfABatchSeesWhatAnEarlierOneDid) {
  FaultyOffice at;
  at.office.enter(at.office.users[0]);
  at.office.enter(at.office.users[1]);
  Stall stall(at);
  auto first = submit(*at.office.engine, at.office.hold_of(at.office.users[0], 1));
  auto second = submit(*at.office.engine, at.office.hold_of(at.office.users[1], 1));
  stall.lift();
  EXPECT_EQ(std::get<domain::HoldOutcome>(first.get()).result, HoldResult::held);
  EXPECT_EQ(std::get<domain::HoldOutcome>(second.get()).result, HoldResult::seat_taken);
}

TEST(Committer, AGuessedReservationOfTheSameBatchIsNotFoundAndHarmsNobody) {
  FaultyOffice at;
  const auto fan = at.office.users[0];
  at.office.enter(fan);
  const auto first = call(*at.office.engine, at.office.hold_of(fan, 1)).reservation.id;
  Stall stall(at);
  auto hold = submit(*at.office.engine, at.office.hold_of(fan, 2));
  auto pay = submit(*at.office.engine, domain::Pay{{first.value + 1}, fan, std::nullopt});
  auto cancel = submit(*at.office.engine, domain::Cancel{{first.value + 1}, fan});
  stall.lift();
  const auto held = std::get<domain::HoldOutcome>(hold.get());
  EXPECT_EQ(held.result, HoldResult::held);
  EXPECT_EQ(held.reservation.id.value, first.value + 1);
  EXPECT_EQ(std::get<domain::PayOutcome>(pay.get()).result, domain::PayResult::not_found);
  EXPECT_EQ(std::get<domain::CancelOutcome>(cancel.get()).result, domain::CancelResult::not_found);
}

TEST(Committer, WhatGathersDuringACommitIsCommittedTogether) {
  FaultyOffice at;
  Stall stall(at);
  const int before = at.faulty->commits;
  std::vector<std::future<ReplyTo<domain::Charge>>> charges;
  for (int i = 0; i < 100; ++i) {
    charges.push_back(submit(*at.office.engine, domain::Charge{at.office.users[0], {1}}));
  }
  stall.lift();
  std::int64_t last_balance = 0;
  for (auto& charge : charges) {
    const auto outcome = std::get<domain::ChargeOutcome>(charge.get());
    EXPECT_EQ(outcome.transfer.wallet_balance_after.minor, ++last_balance);  // in order
  }
  EXPECT_LE(at.faulty->commits - before, 3);  // the stalled one, and one or two for the hundred
}

TEST(Committer, RefusesAtOnceWhenTheQueueIsFull) {
  FaultyOffice at;
  at.office.limits.queue_max = 3;
  at.office.restart();
  Stall stall(at);
  std::vector<std::future<ReplyTo<domain::Charge>>> charges;
  for (int i = 0; i < 5; ++i) {
    charges.push_back(submit(*at.office.engine, domain::Charge{at.office.users[0], {1}}));
  }
  for (int i = 3; i < 5; ++i) EXPECT_EQ(std::get<Refusal>(charges[i].get()), Refusal::overloaded);
  stall.lift();
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(std::get<domain::ChargeOutcome>(charges[i].get()).executed());
}

TEST(Committer, AFullDiskRefusesAndLosesNothingAndGoesOnByItself) {
  FaultyOffice at;
  call(*at.office.engine, domain::Charge{at.office.users[0], {100}});
  at.faulty->fault = Fault::commit_unavailable;
  const auto reply = submit(*at.office.engine, domain::Charge{at.office.users[0], {50}}).get();
  EXPECT_EQ(std::get<Refusal>(reply), Refusal::unavailable);
  EXPECT_EQ(at.office.engine->trouble(), "injected");
  at.faulty->fault = Fault::none;
  // No request needs to come: the committer tries the store by itself.
  eventually([&] { return at.office.engine->trouble().empty(); });
  const auto charged = call(*at.office.engine, domain::Charge{at.office.users[0], {1}});
  EXPECT_EQ(charged.transfer.wallet_balance_after.minor, 101);
}

TEST(Committer, ALostRaceIsDecidedAgain) {
  FaultyOffice at;
  at.faulty->fault = Fault::conflict_once;
  const auto charged = call(*at.office.engine, domain::Charge{at.office.users[0], {7}});
  EXPECT_EQ(charged.transfer.wallet_balance_after.minor, 7);
}

TEST(Committer, ACommitWhoseAnswerWasLostIsAskedAfterAndNeverDoubled) {
  FaultyOffice at;
  at.faulty->fault = Fault::unknown_but_committed;
  EXPECT_EQ(call(*at.office.engine, domain::Charge{at.office.users[0], {7}})
                .transfer.wallet_balance_after.minor,
            7);
  at.faulty->fault = Fault::unknown_not_committed;
  EXPECT_EQ(call(*at.office.engine, domain::Charge{at.office.users[0], {7}})
                .transfer.wallet_balance_after.minor,
            14);
}

TEST(Committer, OneCommandThatBreaksAGuardFailsAlone) {
  FaultyOffice at;
  at.faulty->poisoned_seat = at.office.seat(2).value;
  for (int i = 0; i < 3; ++i) at.office.enter(at.office.users[i]);
  Stall stall(at);
  std::vector<std::future<ReplyTo<domain::Hold>>> holds;
  for (int i = 0; i < 3; ++i) {
    holds.push_back(submit(*at.office.engine, at.office.hold_of(at.office.users[i], i + 1)));
  }
  stall.lift();
  EXPECT_EQ(std::get<domain::HoldOutcome>(holds[0].get()).result, HoldResult::held);
  EXPECT_EQ(std::get<Refusal>(holds[1].get()), Refusal::internal);
  EXPECT_EQ(std::get<domain::HoldOutcome>(holds[2].get()).result, HoldResult::held);
  EXPECT_EQ(at.office.status_of(2), domain::SeatStatus::available);
}

// Of a race between nodes, such as for an e-mail address, the guard is what decides it.
TEST(Committer, WhatAGuardRefusedIsDecidedOnceMoreWhereOthersWrite) {
  for (const bool others_write : {false, true}) {
    FaultyOffice at;
    at.faulty->others_write = others_write;
    at.office.limits.tick = std::chrono::hours{1};  // but for the one at the start
    at.office.restart();
    call(*at.office.engine, domain::Charge{at.office.users[0], {5}});
    at.faulty->fault = Fault::refused_once;
    const auto reply = submit(*at.office.engine, domain::Charge{at.office.users[0], {5}}).get();
    EXPECT_EQ(std::holds_alternative<domain::ChargeOutcome>(reply), others_write);
  }
}

TEST(Committer, DrainAnswersWhatWasAcceptedAndRefusesTheRest) {
  FaultyOffice at;
  Stall stall(at);
  auto accepted = submit(*at.office.engine, domain::Charge{at.office.users[0], {5}});
  std::thread drain([&] { at.office.engine->drain(); });
  eventually([&] {
    auto late = submit(*at.office.engine, domain::Charge{at.office.users[1], {5}});
    return late.wait_for(std::chrono::seconds{0}) == std::future_status::ready &&
           std::get<Refusal>(late.get()) == Refusal::draining;
  });
  stall.lift();
  drain.join();
  EXPECT_TRUE(std::get<domain::ChargeOutcome>(accepted.get()).executed());
}

// By whatever clock: another node's, or that of the run before.
TEST(Committer, WithinARoomTimesFollowTheOrderOfTheCommits) {
  BoxOffice office;
  const auto visitor = [&](const domain::VisitorToken& token) {
    return std::move(office.store->reader()).value()->visitor(token).value().value();
  };
  const auto first = visitor(office.enter(office.users[0]));
  office.clock.advance(-std::chrono::hours{1});
  office.restart();
  const auto second = visitor(office.enter(office.users[1]));
  EXPECT_GE(second.issued_at, first.issued_at);
  EXPECT_GE(office.engine->now(), first.issued_at) << "who looks goes by the same clock";
}

// ---- idempotency ---------------------------------------------------------------------

engine::Idempotency<domain::ChargeOutcome> under(domain::UserId user, std::string key,
                                                 std::string fingerprint = "f") {
  return {.key = {user, "POST /charges", std::move(key)},
          .fingerprint = std::move(fingerprint),
          .word = [](const domain::ChargeOutcome& outcome) {
            return engine::StoredAnswer{
                201, std::to_string(outcome.transfer.wallet_balance_after.minor)};
          }};
}

TEST(Idempotency, TheSameKeyGetsTheStoredAnswerAlsoAfterARestart) {
  BoxOffice office;
  const domain::Charge charge{office.users[0], {100}};
  EXPECT_TRUE(std::holds_alternative<domain::ChargeOutcome>(
      submit(*office.engine, charge, under(charge.user, "k")).get()));
  for (int round = 0; round < 2; ++round) {
    const auto again = submit(*office.engine, charge, under(charge.user, "k")).get();
    EXPECT_EQ(std::get<engine::StoredAnswer>(again).body, "100");
    office.restart();
  }
  const auto other = submit(*office.engine, charge, under(charge.user, "k", "other")).get();
  EXPECT_EQ(std::get<Refusal>(other), Refusal::key_mismatch);
  // Somebody else's key of the same name is another key.
  const domain::Charge theirs{office.users[1], {100}};
  EXPECT_TRUE(std::holds_alternative<domain::ChargeOutcome>(
      submit(*office.engine, theirs, under(theirs.user, "k")).get()));
}

TEST(Idempotency, ARefusalIsDecidedAfresh) {
  BoxOffice office;
  const domain::Charge too_much{office.users[0],
                                office.policy.wallet.charge_max + domain::Money{1}};
  for (int i = 0; i < 2; ++i) {
    const auto reply = submit(*office.engine, too_much, under(too_much.user, "k")).get();
    EXPECT_EQ(std::get<domain::ChargeOutcome>(reply).result, domain::ChargeResult::invalid_amount);
  }
}

TEST(Idempotency, AKeyInFlightIsRefusedAndFreeAgainAfterwards) {
  FaultyOffice at;
  const domain::Charge charge{at.office.users[0], {100}};
  Stall stall(at);
  auto first = submit(*at.office.engine, charge, under(charge.user, "k"));
  auto second = submit(*at.office.engine, charge, under(charge.user, "k"));
  EXPECT_EQ(std::get<Refusal>(second.get()), Refusal::key_in_flight);
  stall.lift();
  EXPECT_TRUE(std::holds_alternative<domain::ChargeOutcome>(first.get()));
  const auto third = submit(*at.office.engine, charge, under(charge.user, "k")).get();
  EXPECT_EQ(std::get<engine::StoredAnswer>(third).body, "100");
}

TEST(Idempotency, AKeyIsForgottenAfterADay) {
  BoxOffice office;
  const domain::Charge charge{office.users[0], {100}};
  (void)submit(*office.engine, charge, under(charge.user, "k")).get();
  office.clock.advance(domain::idempotency_kept);
  const auto reply = submit(*office.engine, charge, under(charge.user, "k")).get();
  EXPECT_EQ(std::get<domain::ChargeOutcome>(reply).transfer.wallet_balance_after.minor, 200);
}

}  // namespace
}  // namespace onsale::test
