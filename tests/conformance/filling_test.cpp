// A store that is filled with what another one reads, in every direction.
#include <gmock/gmock.h>

#include "store/audit.h"
#include "store/fingerprint.h"
#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

/// Something of every kind, whatever its state.
void play_an_evening(Box& box) {
  box.open_house(/*seats=*/12, /*users=*/6);
  must(box.store->secret("key", "a secret"));
  for (const UserId fan : box.fans) box.run(Charge{fan, {10'000}});
  const ReservationId paid = box.held(box.fans[0], {1, 2});
  box.run(Pay{paid, box.fans[0]});
  const ReservationId canceled = box.held(box.fans[1], {3});
  box.run(Cancel{canceled, box.fans[1]});
  box.now += std::chrono::minutes{1};
  box.held(box.fans[2], {4, 5});
  box.run(ChangeRoom{.room = default_room, .by = box.fans[0], .state = RoomState::paused});
  for (const UserId fan : {box.fans[3], box.fans[4]}) box.enter(fan);
  must(box.write({.users = {box.fans[0]}}, [&](Rows& rows) {
    for (const char* key : {"b", "B", "a", "\xc3\xa4"}) {
      rows.new_idempotency.push_back({.key = {box.fans[0], "POST /v1/x", key},
                                      .fingerprint = "f",
                                      .status = 201,
                                      .body = R"({"id":"1"})",
                                      .created_at = box.now});
    }
  }));
}

struct Pair {
  Backend from;
  Backend to;
};

class Filling : public ::testing::TestWithParam<Pair> {
 protected:
  TempDir from_dir;
  TempDir to_dir;
  Box from{open_store(GetParam().from, from_dir)};

  std::unique_ptr<store::Store> other() { return open_store(GetParam().to, to_dir); }

  store::Result<void> fill(store::Store& to) {
    return from.reader->snapshot([&] { return to.fill_from(*from.reader); });
  }
};

std::vector<std::string> kept_answers(store::Reader& reader) {
  std::vector<std::string> keys;
  must(reader.each_idempotency([&](const IdempotencyRecord& row) {
    keys.push_back(row.key.route + " " + row.key.key + ": " + row.body);
  }));
  return keys;
}

TEST_P(Filling, MakesTheSame) {
  play_an_evening(from);
  auto to = other();
  must(fill(*to));
  const auto reader = must(to->reader());
  EXPECT_THAT(dump(*reader), ElementsAreArray(dump(*from.reader)));
  EXPECT_THAT(kept_answers(*reader), ElementsAreArray(kept_answers(*from.reader)));
  EXPECT_EQ(must(store::fingerprint(*reader)), must(store::fingerprint(*from.reader)));
  EXPECT_TRUE(must(store::audit(*reader)).clean());
  EXPECT_EQ(must(to->secret("key", "another")), "a secret");
}

TEST_P(Filling, LeavesNothingOfWhatEveryStoreHasFromTheStart) {
  from.run(ChangeRoom{.room = default_room, .by = {1}, .state = RoomState::paused});
  auto to = other();
  must(to->secret("key", "of a server that never sold"));
  must(fill(*to));
  EXPECT_THAT(dump(*must(to->reader())), ElementsAreArray(dump(*from.reader)));
  EXPECT_EQ(must(to->secret("key", "another")), "another");
}

TEST_P(Filling, GoesOnAsTheOtherOneWould) {
  play_an_evening(from);
  auto store = other();
  must(fill(*store));
  Box to(std::move(store));
  const auto go_on = [&](Box& box) {
    box.now = from.now;
    const UserId fan = box.add_user("newcomer");
    box.run(ChangeRoom{.room = default_room, .by = from.fans[0], .state = RoomState::open});
    box.run(Charge{fan, {500}});
    box.run(Pay{ReservationId{3}, from.fans[2]});
    box.tick();
    return dump(*box.reader);
  };
  // Batches have names of their own.
  for (int i = 0; i < 100; ++i) to.next_batch();
  const auto left = go_on(from);
  const auto right = go_on(to);
  EXPECT_EQ(left.size(), right.size());
  EXPECT_TRUE(must(store::audit(*to.reader)).clean());
  EXPECT_EQ(must(to.reader->journal_end()), must(from.reader->journal_end()));
}

TEST_P(Filling, TakesOnlyAStoreInWhichNothingHappened) {
  play_an_evening(from);
  Box used(other());
  used.add_user("somebody");
  const auto before = dump(*used.reader);
  const auto refused = fill(*used.store);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("is not empty"));
  EXPECT_THAT(dump(*used.reader), ElementsAreArray(before));
}

std::vector<Pair> all_pairs() {
  std::vector<Pair> pairs;
  for (const Backend& from : backends) {
    for (const Backend& to : backends) pairs.push_back({from, to});
  }
  return pairs;
}

INSTANTIATE_TEST_SUITE_P(Stores, Filling, ::testing::ValuesIn(all_pairs()),
                         [](const ::testing::TestParamInfo<Pair>& of) {
                           return std::string(of.param.from.name) + "To" + of.param.to.name;
                         });

}  // namespace
}  // namespace onsale::testing
