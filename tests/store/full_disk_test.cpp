// A disk that is full or read-only fails batches, whole ones, and does nothing worse: when
// there is room again the next batch succeeds, without a restart. Needs the right to mount
// a file system; elsewhere the limit is set on the file's size.
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::store {
namespace {

namespace fs = std::filesystem;
using testing::Box;
using testing::dump;
using ::testing::HasSubstr;
using testing::must;
using testing::TempDir;

/// A small disk of its own, or nothing where mounting is not allowed.
class SmallDisk {
 public:
  SmallDisk() {
    fs::create_directories(path());
    mounted_ = mount("tmpfs", path().c_str(), "tmpfs", 0, "size=6m") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) umount2(path().c_str(), MNT_DETACH);
  }
  [[nodiscard]] std::string path() const { return dir_.file("disk"); }
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool read_only(bool on) const {
    unsigned long flags = MS_REMOUNT;
    if (on) flags |= MS_RDONLY;
    return mount("tmpfs", path().c_str(), "tmpfs", flags, "size=6m") == 0;
  }
  void fill() const {
    std::ofstream ballast(path() + "/ballast", std::ios::binary);
    const std::string block(4'096, 'x');
    while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void empty() const { fs::remove(path() + "/ballast"); }

 private:
  TempDir dir_;
  bool mounted_ = false;
};

/// Files of this process may not grow beyond so many bytes while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

Result<domain::JournalId> add_big_user(Box& box, int number) {
  return box.write({.fresh = {.users = 1}}, [&](domain::Rows& rows) {
    const domain::UserId id = rows.ids.users.take();
    rows.users.add(
        id,
        {.id = id, .email = std::to_string(number) + "@x.org", .name = std::string(50'000, 'n')});
  });
}

/// Adds users until the store refuses; returns the error.
Error fill_up(Box& box) {
  for (int number = 0; number < 10'000; ++number) {
    if (auto added = add_big_user(box, number); !added) return added.error();
  }
  return {Failure::unknown, "never full"};
}

void goes_on(Box& box, const std::vector<std::string>& before) {
  EXPECT_EQ(dump(*box.reader), before) << "nothing of the failed batches is there";
  EXPECT_TRUE(add_big_user(box, 20'000)) << "and there is room again";
  EXPECT_EQ(dump(*box.reader).size(), before.size() + 2);
}

TEST(FullDisk, FailsWholeBatchesUntilThereIsRoom) {
  const TempDir dir;
  Box box(must(open("sqlite:" + dir.file("onsale.db"), Access::read_write)));
  std::vector<std::string> before;
  {
    const FileSizeLimit limit(2'000'000);
    const Error full = fill_up(box);
    EXPECT_EQ(full.failure, Failure::unavailable) << full.message;
    before = dump(*box.reader);
    EXPECT_FALSE(add_big_user(box, 10'000)) << "still full";
  }
  goes_on(box, before);
}

TEST(FullDisk, ARealOneToo) {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  Box box(must(open("sqlite:" + disk.path() + "/onsale.db", Access::read_write)));
  disk.fill();
  const Error full = fill_up(box);
  EXPECT_EQ(full.failure, Failure::unavailable);
  EXPECT_THAT(full.message, HasSubstr("disk is full"));
  const auto before = dump(*box.reader);
  EXPECT_FALSE(add_big_user(box, 10'000)) << "still full";
  disk.empty();
  goes_on(box, before);
}

TEST(FullDisk, AFileSystemThatIsReadOnly) {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  const std::string url = "sqlite:" + disk.path() + "/onsale.db";
  std::vector<std::string> before;
  {
    Box box(must(open(url, Access::read_write)));
    box.add_user("fan");
    before = dump(*box.reader);
  }
  ASSERT_TRUE(disk.read_only(true));
  const auto writing = open(url, Access::read_write);
  ASSERT_FALSE(writing);
  EXPECT_EQ(writing.error().failure, Failure::unavailable);
  {
    const auto store = must(open(url, Access::read_only));
    EXPECT_EQ(dump(*must(store->reader())), before) << "reading is still possible";
  }
  ASSERT_TRUE(disk.read_only(false));
  Box box(must(open(url, Access::read_write)));
  EXPECT_EQ(dump(*box.reader), before);
}

}  // namespace
}  // namespace onsale::store
