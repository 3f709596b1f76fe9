// While the file is open, every other program must see that it is: one that believes to be its only
// user deletes the log when it leaves, and with it what is sold afterwards.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"
#include "tests/store/file_locks.h"

namespace onsale::store {
namespace {

namespace fs = std::filesystem;
using testing::Box;
using testing::dump;
using ::testing::HasSubstr;
using testing::in_use;
using testing::must;
using testing::TempDir;

class LiveFile : public ::testing::Test {
 protected:
  [[nodiscard]] static mode_t mode_of(const std::string& name) {
    struct stat info{};
    return ::stat(name.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
  }

  TempDir dir;
  std::string file = dir.file("onsale.db");
  std::string url = "sqlite:" + file;
};

TEST_F(LiveFile, IsInUseFromTheStartToTheEnd) {
  auto store = must(open(url, Access::read_write));
  EXPECT_TRUE(in_use(file)) << "opened";
  auto writer = must(store->writer());
  EXPECT_TRUE(in_use(file)) << "a writer";
  auto second = must(store->writer());
  second.reset();
  EXPECT_TRUE(in_use(file)) << "another one came and went";
  auto reader = must(store->reader());
  EXPECT_TRUE(in_use(file)) << "a reader";
  EXPECT_EQ(must(store->secret("key", "kept")), "kept");
  EXPECT_TRUE(in_use(file)) << "a secret was kept";
  EXPECT_EQ(must(store->secret("key", "other")), "kept");
  EXPECT_TRUE(in_use(file)) << "a secret was read";
  reader.reset();
  writer.reset();
  EXPECT_TRUE(in_use(file)) << "only the store is left";
  store.reset();
  EXPECT_FALSE(in_use(file)) << "closed";
}

TEST_F(LiveFile, IsInUseWhateverElseThisProcessDoesWithIt) {
  Box box(must(open(url, Access::read_write)));
  box.add_user("fan");
  {
    const auto beside = must(open(url, Access::read_only));
    EXPECT_EQ(dump(*must(beside->reader())), dump(*box.reader));
  }
  EXPECT_TRUE(in_use(file)) << "somebody looked beside";
  EXPECT_FALSE(open(url, Access::read_write));
  EXPECT_TRUE(in_use(file)) << "somebody else was refused";
  {
    const auto other = must(open("sqlite:" + dir.file("other.db"), Access::read_write));
    must(box.reader->snapshot([&] { return other->fill_from(*box.reader); }));
    EXPECT_TRUE(in_use(dir.file("other.db"))) << "the copy";
  }
  EXPECT_TRUE(in_use(file)) << "it was copied";
  box.add_user("another");
  EXPECT_TRUE(in_use(file)) << "at the end";
}

TEST_F(LiveFile, ReadingItIsUsingIt) {
  must(open(url, Access::read_write)).reset();
  const auto store = must(open(url, Access::read_only));
  auto reader = must(store->reader());
  EXPECT_TRUE(in_use(file));
  must(store->reader()).reset();
  EXPECT_TRUE(in_use(file)) << "another reader came and went";
}

TEST_F(LiveFile, IsForItsOwnerOnly) {
  const auto store = must(open(url, Access::read_write));
  for (const char* part : {"", "-wal", "-shm", ".lock"}) {
    EXPECT_EQ(mode_of(file + part), mode_t{0600}) << part;
  }
}

TEST_F(LiveFile, KeepsTheModeThatItHas) {
  std::ofstream{file};
  fs::permissions(file, fs::perms{0640});
  const auto store = must(open(url, Access::read_write));
  for (const char* part : {"", "-wal", "-shm"}) {
    EXPECT_EQ(mode_of(file + part), mode_t{0640}) << part;
  }
}

TEST_F(LiveFile, ALinkToAFileThatIsStillToBeMade) {
  fs::create_symlink("far/onsale.db", dir.file("link.db"));
  const std::string far = dir.file("far/onsale.db");
  const auto store = must(open("sqlite:" + dir.file("link.db"), Access::read_write));
  EXPECT_EQ(mode_of(far), mode_t{0600});
  EXPECT_TRUE(in_use(far));
  for (const auto& name : {dir.file("link.db"), far}) {
    const auto second = open("sqlite:" + name, Access::read_write);
    ASSERT_FALSE(second) << name;
    EXPECT_THAT(second.error().message, HasSubstr("in use by process"));
  }
}

TEST_F(LiveFile, ALinkInCirclesIsRefused) {
  fs::create_symlink("b.db", dir.file("a.db"));
  fs::create_symlink("a.db", dir.file("b.db"));
  EXPECT_FALSE(open("sqlite:" + dir.file("a.db"), Access::read_write));
}

}  // namespace
}  // namespace onsale::store
