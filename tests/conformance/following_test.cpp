// Following the journal: nothing is left out, nothing comes twice.
#include <gmock/gmock.h>

#include "tests/conformance/box.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Following : public Conformance {
 protected:
  /// How many records each new entry brings.
  std::vector<std::size_t> follow(const std::vector<store::BatchId>& known = {}) {
    std::vector<std::size_t> found;
    must(box.reader->follow_journal(
        mark, known, [&](const store::JournalEntry& e) { found.push_back(e.records.size()); }));
    return found;
  }

  store::JournalMark mark = must(box.reader->journal_mark());
};

TEST_P(Following, BringsWhatIsNewOnce) {
  EXPECT_THAT(follow(), IsEmpty());
  box.add_user("a");
  box.batch({CreateUser{"b@x.org", "b", "hash"}, CreateUser{"c@x.org", "c", "hash"}});
  EXPECT_THAT(follow(), ElementsAre(1, 2));
  EXPECT_THAT(follow(), IsEmpty());
  box.add_user("d");
  EXPECT_THAT(follow(), ElementsAre(1));
}

TEST_P(Following, SaysWhatWasWrittenWhenAndByWhichBatch) {
  box.add_user("a");
  std::vector<store::JournalEntry> found;
  must(box.reader->follow_journal(
      mark, {}, [&](const store::JournalEntry& entry) { found.push_back(entry); }));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, must(box.reader->journal_end()));
  EXPECT_EQ(found[0].batch, batch_id(1));
  EXPECT_EQ(found[0].at, box.now);
  EXPECT_EQ(std::get<CatalogueChanged>(found[0].records.at(0)).id, 1);
}

TEST_P(Following, BringsKnownBatchesWithoutTheirRecords) {
  box.add_user("a");
  box.add_user("b");
  box.add_user("c");
  EXPECT_THAT(follow({batch_id(1), batch_id(3)}), ElementsAre(0, 1, 0));
}

TEST_P(Following, GoesOnFromTheMomentOfASnapshot) {
  must(box.reader->snapshot([&]() -> store::Result<void> {
    must(box.reader->journal_end());
    const auto other = must(box.store->writer());
    Rows rows;
    must(other->load({.emails = {"late@x.org"}, .fresh = {.users = 1, .accounts = 1}}, rows));
    decide(rows, CreateUser{"late@x.org", "late", "hash"}, box.now, box.policy);
    must(other->commit(rows, batch_id(70), box.now));
    mark = must(box.reader->journal_mark());
    return {};
  }));
  EXPECT_THAT(follow(), ElementsAre(1)) << "committed after the moment";
}

TEST_P(Following, OfASinkThatThrowsIsTriedAgain) {
  box.add_user("a");
  EXPECT_THROW((void)box.reader->follow_journal(
                   mark, {}, [](const store::JournalEntry&) { throw std::logic_error("bug"); }),
               std::logic_error);
  EXPECT_THAT(follow(), ElementsAre(1));
}

TEST_P(Following, IsSettledWhenNothingIsBeingCommitted) {
  box.add_user("a");
  EXPECT_TRUE(must(box.reader->is_settled(must(box.reader->journal_mark()))));
  must(box.reader->snapshot([&]() -> store::Result<void> {
    mark = must(box.reader->journal_mark());
    return {};
  }));
  EXPECT_TRUE(must(box.reader->is_settled(mark)));
}

TEST_P(Following, TheOnlyProcessLeads) {
  EXPECT_TRUE(box.writer->leads());
  EXPECT_TRUE(must(box.store->writer())->leads()) << "whichever lane asks";
}

ONSALE_ON_EVERY_STORE(Following);

}  // namespace
}  // namespace onsale::testing
