// What was answered survives a loss of power, also when the process before this one was killed in
// the middle of a sync, or a disk has lost what it was told to keep.
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <thread>

#include "store/sqlite/disk_writes.h"
#include "store/sqlite/settings.h"
#include "store/sqlite/store.h"
#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"
#include "tests/store/lossy_disk.h"

namespace onsale::store {
namespace {

namespace fs = std::filesystem;
using testing::Box;
using testing::dump;
using ::testing::HasSubstr;
using testing::LossyDisk;
using testing::must;
using testing::TempDir;

constexpr int round_pages = 256;
constexpr std::size_t round_bytes = std::size_t{round_pages} * 4'096;
constexpr std::size_t part_bytes = round_bytes / 5;

/// Copies the log early, tries a failed round again at once, and lets the log have so many MiB
/// meanwhile.
std::unique_ptr<Store> open_impatiently(const std::string& file,
                                        std::uint64_t log_mib_max = 1'024) {
  return must(sqlite::open(file, Access::read_write,
                           {.round_pages = round_pages,
                            .log_bytes_max = log_mib_max << 20,
                            .left_bytes_max = 10 * round_bytes,
                            .retry_pause = std::chrono::milliseconds{1},
                            .retry_pause_max = std::chrono::milliseconds{5}}));
}

/// Waits for a condition that comes by itself.
template <class Condition>
bool comes(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (!condition() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return condition();
}

Result<domain::JournalId> add_user(Box& box, const std::string& name, std::size_t bytes = 1) {
  return box.write({.fresh = {.users = 1}}, [&](domain::Rows& rows) {
    const domain::UserId id = rows.ids.users.take();
    rows.users.add(id, {.id = id, .email = name + "@x.org", .name = std::string(bytes, 'n')});
  });
}

std::vector<std::string> dump_of(const std::string& file) {
  const auto store = must(open("sqlite:" + file, Access::read_only));
  return dump(*must(store->reader()));
}

class LostWrites : public ::testing::Test {
 protected:
  static void write_until_begun_anew(Box& box) {
    std::uint64_t longest = 0;
    for (int n = 0; n < 1'000; ++n) {
      must(add_user(box, "filling" + std::to_string(n), round_bytes));
      const std::uint64_t now = box.store->condition().log->bytes;
      if (now < longest) return;
      longest = now;
    }
    ADD_FAILURE() << "the log was never begun anew";
  }
  [[nodiscard]] std::uintmax_t log_size() const { return fs::file_size(file + "-wal"); }

  TempDir dir;
  LossyDisk disk;
  std::string file = dir.file("onsale.db");
};

TEST_F(LostWrites, AKillInTheMiddleOfASync) {
  Box box(open_impatiently(file));
  must(add_user(box, "first"));
  std::string restarted;
  LossyDisk::before_next_log_sync([&] { restarted = LossyDisk::restarted(file); });
  must(add_user(box, "second"));
  const Box next(open_impatiently(restarted));
  const auto answered = dump(*next.reader);
  EXPECT_EQ(answered, dump(*box.reader)) << "or nothing is tried here";
  EXPECT_EQ(dump_of(LossyDisk::after_power_cut(restarted)), answered);
}

TEST_F(LostWrites, ALogThatWasNotSyncedIsNotBuiltOn) {
  std::string restarted;
  {
    Box box(open_impatiently(file));
    must(add_user(box, "first"));
    LossyDisk::fail_log_syncs(1'000);
    EXPECT_FALSE(add_user(box, "lost", 100'000));
    EXPECT_FALSE(add_user(box, "lost", 50'000));
    restarted = LossyDisk::restarted(file);
    LossyDisk::fail_log_syncs(0);
  }
  Box next(open_impatiently(restarted));
  for (int n = 0; n < 10; ++n) next.next_batch();  // those names have been taken
  for (int n = 0; n < 40; ++n) must(add_user(next, std::to_string(n)));
  const auto answered = dump(*next.reader);
  EXPECT_EQ(dump_of(LossyDisk::after_power_cut(restarted)), answered);
}

TEST_F(LostWrites, WithoutASyncOfTheLogThereIsNoStart) {
  Box box(open_impatiently(file));
  must(add_user(box, "first"));
  const std::string restarted = LossyDisk::restarted(file);
  LossyDisk::fail_log_syncs(1);
  const auto refused = open("sqlite:" + restarted, Access::read_write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().failure, Failure::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("write-ahead log cannot be made durable"));
  EXPECT_EQ(dump(*must(open_impatiently(restarted)->reader())), dump(*box.reader));
}

TEST_F(LostWrites, ALogThatChangedSinceItWasReadIsNotBelieved) {
  Box box(open_impatiently(file));
  for (int n = 0; n < 20; ++n) must(add_user(box, std::to_string(n), 10'000));
  const std::string restarted = LossyDisk::restarted(file);
  sqlite::Connection shell = sqlite::open_for_reading(restarted);  // it has read all of the log
  {
    std::fstream log(restarted + "-wal");
    log.seekp(50'000).put('x');
  }
  const auto refused = open("sqlite:" + restarted, Access::read_write);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("lost some of the write-ahead log"));
}

TEST_F(LostWrites, WhatWasCopiedAndNotFlushedIsCopiedAgainByTheNextProcess) {
  must(open("sqlite:" + file, Access::read_write)).reset();
  sqlite::Connection shell = sqlite::open_for_writing(file);  // keeps what is said about the log
  shell.exec("create table notes (id integer primary key, text text)");
  const auto write = [&](int first, int last) {
    for (std::int64_t id = first; id < last; ++id) {
      shell.statement("insert into notes values (?1, ?2)").bind(id, std::string(3'000, 'n')).run();
    }
  };
  write(0, 100);
  sqlite::Connection reader = sqlite::open_for_reading(file);
  reader.exec("begin; select count(*) from notes");
  write(100, 110);
  int copied = 0;
  sqlite3_wal_checkpoint_v2(shell.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &copied);
  ASSERT_GT(copied, 0) << "not to the end of the log, so without a flush";
  reader.exec("commit");
  LossyDisk::lose_what_was_not_synced(file);
  {
    Box box(open_impatiently(file));
    write_until_begun_anew(box);
  }
  sqlite::Connection cut = sqlite::open_for_reading(LossyDisk::after_power_cut(file));
  EXPECT_EQ(cut.text_of("pragma integrity_check"), "ok");
  EXPECT_EQ(cut.text_of("select count(*) from notes"), "110");
}

TEST_F(LostWrites, WhatWasCopiedAndNotFlushedIsCopiedAgainAfterAFlushThatFailed) {
  Box box(open_impatiently(file));
  must(box.reader->snapshot([&]() -> Result<void> {
    EXPECT_TRUE(box.reader->journal_end());
    // As far as this reader lets it, and without a flush at the end.
    for (int n = 0; n < 8; ++n) must(add_user(box, std::to_string(n), part_bytes));
    return {};
  }));
  LossyDisk::fail_database_syncs(1);
  write_until_begun_anew(box);
  EXPECT_GT(box.store->condition().log->failures, 0U) << "or nothing is tried here";
  EXPECT_EQ(dump_of(LossyDisk::after_power_cut(file)), dump(*box.reader));
}

TEST_F(LostWrites, FlushesThatFailNowAndThen) {
  Box box(open_impatiently(file));
  std::mt19937 random(1);
  for (int i = 0; i < 60; ++i) {
    if (i % 4 == 0) LossyDisk::fail_database_syncs(static_cast<int>(random() % 3));
    must(add_user(box, std::to_string(i), part_bytes));
  }
  EXPECT_GT(box.store->condition().log->failures, 0U) << "or nothing is tried here";
  EXPECT_TRUE(comes([&] { return !box.store->condition().log->copying_fails; }));
  write_until_begun_anew(box);
  EXPECT_EQ(dump_of(LossyDisk::after_power_cut(file)), dump(*box.reader));
}

TEST_F(LostWrites, ALogThatCannotBeCopiedIsBounded) {
  constexpr std::uint64_t mib_max = 4;
  Box box(open_impatiently(file, mib_max));
  EXPECT_EQ(box.store->condition().concern, "");
  LossyDisk::fail_database_syncs(1'000'000);
  Result<void> done;
  for (int n = 0; n < 100; ++n) {
    domain::Rows rows;
    done = box.writer->load({}, rows);
    if (!done) break;
    box.writer->abandon();
    must(add_user(box, std::to_string(n), part_bytes));
    if (n == 10) {
      EXPECT_TRUE(comes([&] { return box.store->condition().log->copying_fails; }));
    }
  }
  ASSERT_FALSE(done) << "the log has " << (log_size() >> 20) << " MiB";
  EXPECT_EQ(done.error().failure, Failure::unavailable);
  EXPECT_THAT(done.error().message, HasSubstr("from 4 MiB on nothing more is written"));
  EXPECT_LT(log_size(), (mib_max + 1) << 20);
  const Condition failing = box.store->condition();
  EXPECT_THAT(failing.concern, HasSubstr("cannot be copied into the file"));
  EXPECT_TRUE(failing.log->copying_fails);
  EXPECT_GE(failing.log->bytes, mib_max << 20);
  const auto before = dump(*box.reader);

  LossyDisk::fail_database_syncs(0);
  EXPECT_TRUE(comes([&] { return !box.store->condition().log->copying_fails; }));
  must(add_user(box, "again"));
  EXPECT_EQ(box.store->condition().concern, "");
  EXPECT_LT(box.store->condition().log->bytes, 1U << 20) << "begun anew";
  const auto after = dump(*box.reader);
  EXPECT_GT(after.size(), before.size());
  EXPECT_EQ(dump_of(LossyDisk::after_power_cut(file)), after);
}

TEST_F(LostWrites, SomebodyWhoReadsForLongIsTold) {
  Box box(open_impatiently(file));
  must(box.reader->snapshot([&]() -> Result<void> {
    EXPECT_TRUE(box.reader->journal_end());
    Result<domain::JournalId> done = domain::JournalId{};
    for (int n = 0; done && n < 12; ++n) done = add_user(box, std::to_string(n), round_bytes);
    EXPECT_TRUE(done) << "nobody is refused for that";
    EXPECT_THAT(box.store->condition().concern, HasSubstr("reading it for long"));
    return {};
  }));
}

TEST_F(LostWrites, AFullDiskTakesBackAllOfATransaction) {
  sqlite::Connection db = sqlite::open_for_writing(file);
  db.exec("pragma cache_size = 10; create table notes (id integer primary key, text text); begin");
  for (std::int64_t id = 0; id < 20; ++id) {  // some of which is in the log, though not on the disk
    db.statement("insert into notes values (?1, ?2)").bind(id, std::string(3'000, 'n')).run();
  }
  LossyDisk::fill_for_logs(true);
  const char* many =
      "insert into notes with recursive n (i) as (select 100 union all select i + 1 from n "
      "where i < 200) select i, printf('%.3000c', 'n') from n";
  EXPECT_THROW(db.exec(many), sqlite::SqliteFailure);
  EXPECT_FALSE(db.in_transaction()) << "what came before that statement is lost as well";
  LossyDisk::fill_for_logs(false);
  EXPECT_EQ(db.text_of("select count(*) from notes"), "0");
}

TEST_F(LostWrites, NobodyElseCopiesTheLog) {
  Box box(open_impatiently(file));
  must(add_user(box, "first"));
  sqlite::Connection shell = sqlite::open_for_writing(file);
  EXPECT_EQ(shell.text_of("pragma wal_checkpoint(truncate)"), "1") << "is busy";
  EXPECT_GT(log_size(), 0U);
  must(add_user(box, "second"));
  box.writer.reset();
  box.reader.reset();
  box.store.reset();
  EXPECT_EQ(shell.text_of("pragma wal_checkpoint(truncate)"), "0") << "now it may";
  EXPECT_EQ(log_size(), 0U);
}

TEST_F(LostWrites, WhoCannotCopyAloneSaysSo) {
  must(open("sqlite:" + file, Access::read_write)).reset();
  sqlite::Connection reading = sqlite::open_for_reading(file);
  const std::atomic<sqlite::Pace> pace = sqlite::Pace::gentle;
  EXPECT_THROW(sqlite::copy_alone(reading, pace), sqlite::SqliteFailure);
  EXPECT_THROW(sqlite::make_log_durable(reading), sqlite::SqliteFailure);
}

}  // namespace
}  // namespace onsale::store
