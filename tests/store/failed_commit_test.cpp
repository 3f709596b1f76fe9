// A COMMIT that fails in its very last step, the sync, has written everything already. What
// the store then says about the batch must be true, also after a crash.
#include <gmock/gmock.h>

#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"
#include "tests/store/crash_copy.h"
#include "tests/store/failing_sync.h"

namespace onsale::store {
namespace {

using testing::Box;
using testing::dump;
using testing::FailingSync;
using testing::must;
using testing::TempDir;

class FailedCommit : public ::testing::Test {
 protected:
  Result<domain::JournalId> add_user(const std::string& name) {
    return box.write({.fresh = {.users = 1}}, [&](domain::Rows& rows) {
      const domain::UserId id = rows.ids.users.take();
      rows.users.add(id, {.id = id, .email = name + "@x.org"});
    });
  }
  /// What a restart would find if the process died now.
  std::vector<std::string> after_a_crash() {
    const auto store = must(open("sqlite:" + testing::crash_copy(file), Access::read_write));
    return dump(*must(store->reader()));
  }

  TempDir dir;
  FailingSync disk;
  std::string file = dir.file("onsale.db");
  Box box{must(open("sqlite:" + file, Access::read_write))};
};

TEST_F(FailedCommit, IsNotThereWhenTheStoreSaysSo) {
  ASSERT_TRUE(add_user("first"));
  const auto before = dump(*box.reader);
  FailingSync::fail_next(1);
  const auto failed = add_user("second");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().failure, Failure::unavailable);
  EXPECT_EQ(dump(*box.reader), before);
  EXPECT_EQ(after_a_crash(), before) << "recovery must not find the batch either";
  EXPECT_EQ(must(box.writer->find_batch(testing::batch_id(2))), std::nullopt);
}

TEST_F(FailedCommit, TheNextBatchSucceeds) {
  ASSERT_TRUE(add_user("first"));
  FailingSync::fail_next(3);
  EXPECT_FALSE(add_user("second"));
  EXPECT_FALSE(add_user("second"));
  EXPECT_TRUE(add_user("second"));
  EXPECT_EQ(after_a_crash(), dump(*box.reader));
  EXPECT_EQ(must(box.reader->user_by_email("second@x.org"))->id, domain::UserId{2});
}

}  // namespace
}  // namespace onsale::store
