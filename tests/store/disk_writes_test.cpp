// The log is written in large pieces, the file in small ones: nobody must see that.
#include <gmock/gmock.h>

#include "store/sqlite/settings.h"
#include "tests/conformance/box.h"
#include "tests/store/crash_copy.h"

namespace onsale::store::sqlite {
namespace {

using testing::TempDir;

/// A table of notes, on a connection that keeps hardly any page in memory: a transaction that is
/// longer than that writes into the log, and reads from there, before it is committed.
class DiskWrites : public ::testing::Test {
 protected:
  DiskWrites() {
    db.exec("pragma cache_size = 10; create table notes (id integer primary key, text text)");
  }

  void add(int first, int last) {
    for (std::int64_t id = first; id < last; ++id) {
      db.statement("insert into notes values (?1, ?2)").bind(id, std::string(3'000, 'n')).run();
    }
  }
  static std::string notes(Connection& of) {
    return of.text_of("select count(*) || ' of ' || sum(length(text)) from notes");
  }

  TempDir dir;
  std::string file = dir.file("notes.db");
  Connection db = open_for_writing(file);
};

TEST_F(DiskWrites, ATransactionSeesWhatItHasWritten) {
  db.exec("begin");
  add(0, 1'000);
  EXPECT_EQ(notes(db), "1000 of 3000000");
  db.exec("update notes set text = 'x' where id % 2 = 0");
  EXPECT_EQ(notes(db), "1000 of 1500500");
  db.exec("commit");
  EXPECT_EQ(notes(db), "1000 of 1500500");
}

TEST_F(DiskWrites, OthersSeeWhatIsCommittedAndNothingElse) {
  add(0, 10);
  Connection other = open_for_reading(file);
  db.exec("begin");
  add(10, 1'000);
  EXPECT_EQ(notes(other), "10 of 30000");
  db.exec("commit");
  EXPECT_EQ(notes(other), "1000 of 3000000");
}

TEST_F(DiskWrites, WhatIsCommittedIsOnTheDisk) {
  db.exec("begin");
  add(0, 1'000);
  db.exec("commit");
  Connection after_a_crash = open_for_writing(testing::crash_copy(file));
  EXPECT_EQ(notes(after_a_crash), "1000 of 3000000");
}

TEST_F(DiskWrites, WhatWasTakenBackIsWrittenOver) {
  add(0, 10);
  db.exec("begin");
  add(10, 1'000);
  db.exec("rollback; begin");
  add(10, 20);
  db.exec("commit");
  EXPECT_EQ(notes(db), "20 of 60000");
  Connection after_a_crash = open_for_writing(testing::crash_copy(file));
  EXPECT_EQ(notes(after_a_crash), "20 of 60000");
}

TEST_F(DiskWrites, WhatWasTakenBackHarmsNobodyElse) {
  Connection other = open_for_writing(file);
  db.exec("begin");
  add(0, 1'000);
  db.exec("rollback");
  // Where that was in the log, and further.
  other.exec("begin; insert into notes values (1, 'other')");
  for (std::int64_t id = 2; id <= 1'500; ++id) {
    other.statement("insert into notes values (?1, ?2)").bind(id, std::string(3'000, 'o')).run();
  }
  other.exec("commit");
  EXPECT_EQ(notes(db), "1500 of 4497005");
  add(5'000, 5'001);
  EXPECT_EQ(notes(other), "1501 of 4500005");
  Connection after_a_crash = open_for_writing(testing::crash_copy(file));
  EXPECT_EQ(notes(after_a_crash), "1501 of 4500005");
}

}  // namespace
}  // namespace onsale::store::sqlite
