// A dump that was restored on another server than it came from.
#include <gmock/gmock.h>

#include "store/postgres/connection.h"
#include "tests/conformance/box.h"
#include "tests/engine/box_office.h"
#include "tests/postgres/fixture.h"

namespace onsale::testing {
namespace {

using namespace domain;
using store::postgres::Answer;
using store::postgres::Connection;

/// As a dump is restored from another server: its journal holds the ids of transactions that are
/// yet to come on this one, the last of them `ahead` of now.
class RestoredDump : public PostgresStore {
 protected:
  static constexpr std::int64_t entries = 20'000;

  void restore(std::int64_t ahead) const {
    open().reset();
    Connection db(url);
    db.exec(("insert into journal (batch_id, at, records, xid) select gen_random_uuid(), 0, '[]', "
             "greatest(3, pg_current_xact_id()::text::bigint + n + " +
             std::to_string(ahead - entries) + ")::text::xid8 from generate_series(1, " +
             std::to_string(entries) + ") n")
                .c_str());
    db.exec("analyze journal");
  }
  /// What is new for who follows, by position.
  std::vector<std::int64_t> followed(store::Reader& reader, store::JournalMark& mark) const {
    std::vector<std::int64_t> positions;
    must(reader.follow_journal(
        mark, {}, [&](const store::JournalEntry& entry) { positions.push_back(entry.id.value); }));
    return positions;
  }
};

TEST_F(RestoredDump, IsFollowedFromItsEnd) {
  restore(9'000'000'000'000);
  const auto store = open();
  const auto reader = must(store->reader());
  auto mark = must(reader->journal_mark());
  EXPECT_THAT(followed(*reader, mark), ::testing::IsEmpty());
  Box box(open());
  box.add_user("fan");
  EXPECT_THAT(followed(*reader, mark), ::testing::ElementsAre(entries + 1));
}

// Each of these transactions writes an entry while the ids of the dump's come by.
TEST_F(RestoredDump, ItsTransactionsAreNotTakenForOnesOfThisServer) {
  constexpr std::int64_t ahead = 30;
  restore(ahead);
  Box box(open());
  auto mark = must(box.reader->journal_mark());
  for (std::int64_t n = 1; n <= 2 * ahead; ++n) {
    box.add_user("fan" + std::to_string(n));
    ASSERT_THAT(followed(*box.reader, mark), ::testing::ElementsAre(entries + n));
  }
}

// Ten million entries must not keep a server from starting.
TEST_F(RestoredDump, CostsTheSameHoweverMuchIsInIt) {
  restore(9'000'000'000'000);
  const auto touched = [&] {
    wait_until_alone();
    Connection admin(url);
    const Answer counted = admin.query(
        "select (n_tup_upd + seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint "
        "from pg_stat_user_tables where relname = 'journal'");
    return counted.row(0).next<std::int64_t>();
  };
  const std::int64_t before = touched();
  for (int start = 0; start < 2; ++start) {
    const auto store = open();
    const auto reader = must(store->reader());
    auto mark = must(reader->journal_mark());
    EXPECT_THAT(followed(*reader, mark), ::testing::IsEmpty());
  }
  EXPECT_LE(touched() - before, entries / 2);
}

}  // namespace
}  // namespace onsale::testing
