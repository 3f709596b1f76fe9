// What a commit promises: all of the batch or nothing, seen by whoever reads afterwards.
#include <gmock/gmock.h>

#include <future>

#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAre;

class Committing : public Conformance {
 protected:
  static IdempotencyRecord answer(UserId user, const std::string& key, Timestamp at) {
    return {.key = {user, "POST /v1/reservations", key},
            .fingerprint = "f-" + key,
            .status = 201,
            .body = R"({"id":1})",
            .created_at = at};
  }
};

TEST_P(Committing, AReaderSeesWhatWasCommittedAndNothingBefore) {
  Rows rows;
  const CreateVenue command{"Hall", "Seoul", "Asia/Seoul"};
  Footprint need;
  footprint(command, box.policy, need);
  must(box.writer->load(need, rows));
  decide(rows, command, box.now, box.policy);
  const auto before = dump(*box.reader);
  const JournalId at = must(box.writer->commit(rows, batch_id(1), box.now));
  const auto after = dump(*box.reader);
  EXPECT_EQ(before.size() + 2, after.size()) << "the venue and its journal entry";
  EXPECT_EQ(at, must(box.reader->journal_end()));
}

TEST_P(Committing, AbandonLeavesNothing) {
  box.open_house(2, 1);
  const auto before = dump(*box.reader);
  const CreateVenue command{"Other", "Busan", "Asia/Seoul"};
  Footprint need;
  footprint(command, box.policy, need);
  Rows rows;
  must(box.writer->load(need, rows));
  const VenueId abandoned = decide(rows, command, box.now, box.policy).venue.id;
  box.writer->abandon();
  box.writer->abandon();  // harmless
  EXPECT_EQ(dump(*box.reader), before);
  EXPECT_EQ(box.run(command).venue.id, abandoned) << "an abandoned batch uses no ids up";
}

TEST_P(Committing, IdsGoOnWhereTheyWere) {
  box.open_house(4, 2);
  EXPECT_EQ(box.fans[1], UserId{2});
  EXPECT_EQ(box.held(box.fans[0], {1}), ReservationId{1});
  EXPECT_EQ(box.held(box.fans[1], {2}), ReservationId{2});
  const Rows rows = box.look({.fresh = {.users = 2, .reservations = 3}});
  EXPECT_EQ(rows.ids.users.next, 3);
  EXPECT_EQ(rows.ids.users.end, 5);
  EXPECT_EQ(rows.ids.reservations.next, 3);
  EXPECT_EQ(rows.ids.reservations.end, 6);
  EXPECT_EQ(rows.ids.seats.next, rows.ids.seats.end) << "not asked for";
}

TEST_P(Committing, FindBatchKnowsWhatWasCommitted) {
  box.add_user("one");
  box.add_user("two");
  EXPECT_EQ(must(box.writer->find_batch(batch_id(2))), JournalId{2});
  EXPECT_EQ(must(box.writer->find_batch(batch_id(3))), std::nullopt);
}

TEST_P(Committing, ABatchIsCommittedOnce) {
  box.add_user("one");
  Rows rows;
  must(box.writer->load({}, rows));
  const auto again = box.writer->commit(rows, batch_id(1), box.now);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().failure, store::Failure::constraint);
  EXPECT_EQ(again.error().message, "journal_batch_unique");
}

TEST_P(Committing, AccountsAreWrittenAsDifferences) {
  const UserId fan = box.add_user("fan");
  box.run(Charge{fan, {100}});
  Rows rows;
  must(box.writer->load({.wallets = {fan}}, rows));
  const AccountId wallet = rows.wallets.get(fan);
  AccountRow& row = rows.accounts.change(wallet);
  row.account.balance = Money{1'005};  // whatever the balance was thought to be,
  row.loaded_balance = Money{1'000};   // it grows by five
  must(box.writer->commit(rows, box.next_batch(), box.now));
  EXPECT_EQ(must(box.reader->wallet(fan))->balance, Money{105});
}

TEST_P(Committing, IdempotencyRecordsAreKeptAndFound) {
  const UserId fan = box.add_user("fan");
  must(box.write({}, [&](Rows& rows) {
    rows.new_idempotency = {answer(fan, "a", box.now), answer({}, "a", box.now)};
  }));
  const IdempotencyKey other_route{fan, "POST /v1/wallet/charges", "a"};
  const Rows rows =
      box.look({.idempotency_keys = {answer(fan, "a", {}).key, answer(fan, "b", {}).key,
                                     other_route, answer({}, "a", {}).key}});
  ASSERT_EQ(rows.idempotency.size(), 2U);
  const IdempotencyRecord& found = rows.idempotency.at(answer(fan, "a", {}).key);
  EXPECT_EQ(found.fingerprint, "f-a");
  EXPECT_EQ(found.status, 201);
  EXPECT_EQ(found.body, R"({"id":1})");
  EXPECT_EQ(found.created_at, box.now);
}

TEST_P(Committing, ANewAnswerTakesThePlaceOfOneThatWasKeptLongEnough) {
  const UserId fan = box.add_user("fan");
  must(box.write({}, [&](Rows& rows) { rows.new_idempotency = {answer(fan, "a", box.now)}; }));
  IdempotencyRecord later = answer(fan, "a", box.now + idempotency_kept);
  later.body = "new";
  must(box.write({}, [&](Rows& rows) { rows.new_idempotency = {later}; }));
  const Rows rows = box.look({.idempotency_keys = {later.key}});
  EXPECT_EQ(rows.idempotency.at(later.key).body, "new");
}

TEST_P(Committing, PurgeDeletesOldAnswersAndNoMoreThanAsked) {
  const UserId fan = box.add_user("fan");
  must(box.write({}, [&](Rows& rows) {
    for (int i = 0; i < 5; ++i) {
      rows.new_idempotency.push_back(
          answer(fan, std::to_string(i), box.now + std::chrono::hours{i}));
    }
  }));
  const Timestamp before = box.now + std::chrono::hours{3};
  EXPECT_EQ(must(box.writer->purge_idempotency(before, 2)), 2U);
  EXPECT_EQ(must(box.writer->purge_idempotency(before, 2)), 1U);
  EXPECT_EQ(must(box.writer->purge_idempotency(before, 2)), 0U);
  const Rows rows =
      box.look({.idempotency_keys = {answer(fan, "2", {}).key, answer(fan, "3", {}).key}});
  EXPECT_EQ(rows.idempotency.size(), 1U);
}

TEST_P(Committing, TheFirstSecretStays) {
  EXPECT_EQ(must(box.store->secret("signing key", "first")), "first");
  EXPECT_EQ(must(box.store->secret("signing key", "second")), "first");
  EXPECT_EQ(must(box.store->secret("other", "third")), "third");
}

TEST_P(Committing, AWholePlanIsImportedInOneBatch) {
  box.open_house(5'000, 0);
  std::int64_t seats = 0;
  std::string last;
  must(box.reader->each_seat(box.performance, [&](const store::SeatOnMap& seat) {
    EXPECT_EQ(seat.seat.id.value, ++seats) << "in the order of the plan";
    last = text(seat);
  }));
  EXPECT_EQ(seats, 5'000);
  EXPECT_EQ(last,
            "seat 5000 1 'A-5000' 1000 available 0 - place 'guid-5000' 'A' '500' '5000' 1 2500 "
            "1.25");
}

TEST_P(Committing, ASeatMayChangeHandsWithinABatch) {
  box.open_house(2, 2);
  const auto first = box.held(box.fans[0], {1});
  box.enter(box.fans[1]);
  const auto outcomes = box.batch({Cancel{first, box.fans[0]}, box.hold_of(box.fans[1], {1})});
  ASSERT_EQ(std::get<HoldOutcome>(outcomes[1]).result, HoldResult::held);
  EXPECT_EQ(box.look({.seats = {{1}}}).seats.get({1}).reservation,
            std::get<HoldOutcome>(outcomes[1]).reservation.id);
}

TEST_P(Committing, AnExpiredHoldIsTakenOver) {
  box.open_house(2, 2);
  box.held(box.fans[0], {1});
  box.now += std::chrono::seconds{300};
  const auto second = box.held(box.fans[1], {1});
  ASSERT_TRUE(second);
  box.tick();
  EXPECT_EQ(box.look({.seats = {{1}}}).seats.get({1}).reservation, second);
  EXPECT_EQ(must(box.reader->reservation({1}))->reservation.state, ReservationState::expired);
}

TEST_P(Committing, ALaneWaitsForTheOtherLanesBatch) {
  const auto other = must(box.store->writer());
  Rows first;
  must(box.writer->load({.fresh = {.users = 1}}, first));
  box.writer->abandon();
  Rows second;
  must(other->load({.fresh = {.users = 1}}, second));
  EXPECT_EQ(second.ids.users.next, 1);
  must(other->commit(second, batch_id(50), box.now));
  EXPECT_TRUE(box.add_user("fan"));
}

// One changes the password, the other the role, of the same user at the same time.
TEST_P(Committing, ChangesOfOneUserByTwoLanesAreBothKept) {
  constexpr std::uint64_t rounds = 25;
  const UserId user = box.add_user("fan");
  const auto other = must(box.store->writer());
  const auto change = [&](store::Writer& lane, const ChangeUser& command, std::uint64_t batch) {
    Footprint need;
    footprint(command, box.policy, need);
    Rows rows;
    must(lane.load(need, rows));
    decide(rows, command, box.now, box.policy);
    must(lane.commit(rows, batch_id(batch), box.now));
  };
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::string hash = "hash " + std::to_string(round);
    const Role role = round % 2 == 0 ? Role::staff : Role::buyer;
    auto changing = std::async(std::launch::async, [&] {
      change(*other, {.email = "fan@x.org", .password_hash = hash}, 1000 + round);
    });
    change(*box.writer, {.email = "fan@x.org", .role = role}, 2000 + round);
    changing.get();
    const auto after = must(box.reader->user(user));
    EXPECT_EQ(after->password_hash, hash);
    EXPECT_EQ(after->role, role);
  }
}

TEST_P(Committing, CreatedRowsReadBackWordForWord) {
  box.open_house(1, 1);
  const auto room = [](Rows& rows) {
    WaitingRoom& r = rows.rooms.change(default_room);
    r.policy = {.active_sessions_max = 7,
                .admission_rate_per_minute = 60,
                .session_duration = Duration{1},
                .claim_timeout = Duration{2},
                .idle_timeout = Duration{3},
                .entry_work = 4,
                .session_ends_on = SessionEnd::hold,
                .order = RoomOrder::lottery};
    r.state = RoomState::paused;
    r.opens_at = opening;
    r.draw_seed = std::string(64, 'e');
    r.drawn_at = opening;
    r.silence_from = opening;
    r.next_admission_us = 1'234'567;
    r.decided_at = opening;
  };
  must(box.write({.rooms = {default_room}}, room));
  must(box.write({.emails = {"fan1@x.org"}, .events = {box.event}}, [&](Rows& rows) {
    rows.users.change(box.fans[0]).role = Role::organiser;
    rows.users.change(box.fans[0]).name = "It's \"me\" \xe2\x98\x83";
    Event& event = rows.events.change(box.event);
    event.sales_close_at = opening + std::chrono::hours{5};
    event.policy = {
        .hold_duration = Duration{9}, .seats_per_user_max = 2, .require_balance_at_hold = true};
  }));
  const auto lines = dump(*box.reader);
  EXPECT_THAT(
      lines,
      ::testing::IsSupersetOf({
          "room 1 'default' 7 60 1 2 3 4 hold lottery paused 1900000000000 '" +
              std::string(64, 'e') + "' 1900000000000 1 0 0 1234567 1900000000000 1900000000000",
          std::string(
              "user 1 'fan1@x.org' 'It's \"me\" \xe2\x98\x83' 'hash' organiser 1900000000000"),
          std::string("event 1 'Show' 'Band' 1 1 1899996400000 1900018000000 9 2 yes"),
      }));
}

ONSALE_ON_EVERY_STORE(Committing);

}  // namespace
}  // namespace onsale::testing
