// Opening: which addresses are understood, and what the others are told.
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::store {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Box;
using testing::dump;
using ::testing::HasSubstr;
using testing::must;
using testing::TempDir;

Error refusal(const std::string& url, Access access = Access::read_write) {
  auto opened = open(url, access);
  if (opened) return {Failure::unknown, "was opened"};
  return opened.error();
}

void run_sql(const std::string& file, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

class Open : public ::testing::Test {
 protected:
  TempDir dir;
  std::string file = dir.file("onsale.db");
  std::string url = "sqlite:" + file;
};

TEST_F(Open, UnknownAddressesAreToldWhatIsKnown) {
  for (const char* unknown : {"", "mysql://x", "onsale.db", "sqlite:", "memory", "memory:x"}) {
    EXPECT_THAT(refusal(unknown).message, AllOf(HasSubstr("sqlite:PATH"), HasSubstr("memory:")))
        << unknown;
  }
  EXPECT_THAT(refusal("sqlite::memory:").message, HasSubstr("use memory:"));
}

TEST_F(Open, CreatesTheDirectoryOfANewFile) {
  const std::string deep = dir.file("a/b/onsale.db");
  EXPECT_EQ(must(open("sqlite:" + deep, Access::read_write))->describe(), "sqlite:" + deep);
  EXPECT_TRUE(fs::exists(deep));
}

TEST_F(Open, ADirectoryThatCannotBeMadeIsNamed) {
  std::ofstream(dir.file("file")) << "not a directory";
  EXPECT_THAT(refusal("sqlite:" + dir.file("file/onsale.db")).message,
              HasSubstr("cannot create directory '" + dir.file("file")));
}

TEST_F(Open, WhatWasWrittenIsThereAfterReopening) {
  std::vector<std::string> before;
  {
    Box box(must(open(url, Access::read_write)));
    box.open_house(3, 2);
    box.held(box.fans[0], {1});
    EXPECT_EQ(must(box.store->secret("key", "kept")), "kept");
    before = dump(*box.reader);
  }
  EXPECT_FALSE(fs::exists(file + "-wal")) << "closed properly, so the log is gone";
  Box box(must(open(url, Access::read_write)));
  EXPECT_EQ(dump(*box.reader), before);
  EXPECT_EQ(must(box.store->secret("key", "other")), "kept");
}

TEST_F(Open, OnlyOneProcessWrites) {
  const auto first = must(open(url, Access::read_write));
  const Error second = refusal(url);
  EXPECT_EQ(second.failure, Failure::unavailable);
  EXPECT_THAT(second.message, HasSubstr("in use by process " + std::to_string(getpid())));
  fs::create_symlink(file, dir.file("link.db"));
  EXPECT_THAT(refusal("sqlite:" + dir.file("link.db")).message, HasSubstr("in use by process"));
}

TEST_F(Open, TheLockGoesWithTheLastUser) {
  auto store = must(open(url, Access::read_write));
  auto writer = must(store->writer());
  store.reset();
  EXPECT_THAT(refusal(url).message, HasSubstr("in use"));
  writer.reset();
  EXPECT_TRUE(open(url, Access::read_write));
}

TEST_F(Open, ReadsBesideARunningServer) {
  Box box(must(open(url, Access::read_write)));
  const auto beside = must(open(url, Access::read_only));
  const auto reader = must(beside->reader());
  box.add_user("fan");
  EXPECT_EQ(dump(*reader), dump(*box.reader));
  EXPECT_THAT(beside->writer().error().message, HasSubstr("open for reading only"));
  EXPECT_FALSE(beside->secret("no such", "x"));
}

TEST_F(Open, ReadingCreatesNothing) {
  EXPECT_THAT(refusal(url, Access::read_only).message, HasSubstr("no such file"));
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(Open, ANewerSchemaIsRefused) {
  must(open(url, Access::read_write)).reset();
  run_sql(file, "pragma user_version = 99");
  for (const auto access : {Access::read_write, Access::read_only}) {
    EXPECT_EQ(refusal(url, access).failure, Failure::damaged);
    EXPECT_THAT(refusal(url, access).message, HasSubstr("schema version 99"));
  }
}

TEST_F(Open, AnOlderSchemaIsNotReadAsIfItWereNew) {
  must(open(url, Access::read_write)).reset();
  run_sql(file, "pragma user_version = 0");
  EXPECT_THAT(refusal(url, Access::read_only).message, HasSubstr("start the server"));
}

TEST_F(Open, AnotherProgramsDatabaseIsLeftAlone) {
  run_sql(file, "create table theirs (x); insert into theirs values (1)");
  EXPECT_EQ(refusal(url).failure, Failure::damaged);
  EXPECT_THAT(refusal(url).message, HasSubstr("another program"));
  run_sql(file, "select x from theirs");
}

TEST_F(Open, WhatIsNoDatabaseIsRefused) {
  std::ofstream(file) << std::string(5'000, 'x');
  EXPECT_EQ(refusal(url).failure, Failure::damaged);
  EXPECT_THAT(refusal(url).message, AllOf(HasSubstr(file), HasSubstr("not a database")));
}

TEST_F(Open, ADamagedJournalEntryIsReportedAsDamage) {
  {
    Box(must(open(url, Access::read_write))).add_user("fan");
  }
  run_sql(file, "update journal set records = '[{}]'");
  const auto store = must(open(url, Access::read_only));
  const auto read = must(store->reader())->each_journal_entry({}, [](const JournalEntry&) {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().failure, Failure::damaged);
}

}  // namespace
}  // namespace onsale::store
