// A process that is killed keeps its promises: whatever it reported as committed is there.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>

#include "tests/conformance/box.h"

namespace onsale::store {
namespace {

using testing::Box;
using testing::must;
using testing::TempDir;

/// Commits one user after the other and reports each id, until it is killed.
[[noreturn]] void commit_until_killed(const std::string& url, int report) {
  try {
    Box box(must(open(url, Access::read_write)));
    const auto found = box.look({.fresh = {.users = 1}}).ids.users.next;
    for (std::int64_t id = found;; ++id) {
      domain::Rows rows;
      must(box.writer->load({.fresh = {.users = 1}}, rows));
      const domain::UserId user = rows.ids.users.take();
      rows.users.add(user, {.id = user, .email = std::to_string(user.value) + "@x.org"});
      must(box.writer->commit(rows, testing::batch_id(static_cast<std::uint64_t>(id)), box.now));
      if (write(report, &user.value, sizeof user.value) != sizeof user.value) break;
    }
  } catch (const std::exception&) {
    _exit(1);
  }
  _exit(0);
}

TEST(Crash, EveryReportedCommitSurvivesAKill) {
  const TempDir dir;
  const std::string url = "sqlite:" + dir.file("onsale.db");
  std::int64_t reported = 0;
  for (int round = 0; round < 5; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) commit_until_killed(url, pipe_ends[1]);
    close(pipe_ends[1]);
    std::int64_t id = 0;
    for (int i = 0; i < 20 + round; ++i) {
      if (read(pipe_ends[0], &id, sizeof id) == sizeof id) reported = id;
    }
    kill(child, SIGKILL);
    while (read(pipe_ends[0], &id, sizeof id) == sizeof id) reported = id;
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed by itself";

    const auto store = must(open(url, Access::read_write));  // the lock died with the child
    const auto reader = must(store->reader());
    std::int64_t users = 0;
    must(reader->each_user([&](const domain::User& user) { EXPECT_EQ(user.id.value, ++users); }));
    EXPECT_GE(users, reported);
    EXPECT_LE(users, reported + 1) << "at most the one that was not reported yet";
    EXPECT_EQ(must(reader->journal_end()).value, users) << "no half of a batch";
  }
  EXPECT_GE(reported, 100);
}

}  // namespace
}  // namespace onsale::store
