#include "store/sqlite/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace onsale::store::sqlite {
namespace {

std::string owner_of(int fd) {
  std::array<char, 20> text{};
  const auto size = pread(fd, text.data(), text.size(), 0);
  std::string owner(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  if (!owner.empty() && owner.back() == '\n') owner.pop_back();
  return owner.empty() ? "another process" : "process " + owner;
}

}  // namespace

Result<LockFile> LockFile::acquire(const std::string& path) {
  const std::string name = path + ".lock";
  const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    const std::string why = std::error_code(errno, std::system_category()).message();
    return std::unexpected(
        Error{Failure::unavailable, fmt::format("cannot create '{}': {}", name, why)});
  }
  LockFile lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return std::unexpected(
        Error{Failure::unavailable,
              fmt::format("in use by {}: only one process may write it", owner_of(fd))});
  }
  // Only for the message above: not being able to write it changes nothing.
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(fd, 0) == 0 && pwrite(fd, pid.data(), pid.size(), 0) < 0) errno = 0;
  return lock;
}

LockFile::~LockFile() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace onsale::store::sqlite
