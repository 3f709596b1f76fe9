#include "store/directories.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace onsale::store {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> cannot(const char* what, const fs::path& directory, std::error_code why) {
  return std::unexpected(
      Error{Failure::unavailable,
            fmt::format("cannot {} directory '{}': {}", what, directory.string(), why.message())});
}

/// Those that are not there, the innermost first.
std::vector<fs::path> missing(fs::path directory) {
  std::vector<fs::path> found;
  std::error_code unknown;
  while (!directory.empty() && !fs::exists(directory, unknown)) {
    found.push_back(directory);
    directory = directory.parent_path();
  }
  return found;
}

}  // namespace

Result<void> sync_directory(const fs::path& directory) {
  const fs::path name = directory.empty() ? fs::path(".") : directory;
  const int fd = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const std::error_code why(errno, std::system_category());
  if (fd >= 0) ::close(fd);
  if (synced) return {};
  return cannot("write", name, why);
}

Result<void> make_directories(const fs::path& directory) {
  if (directory.empty()) return {};
  const std::vector<fs::path> created = missing(directory);
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed) return cannot("create", directory, failed);
  for (const fs::path& one : created) {
    if (auto synced = sync_directory(one.parent_path()); !synced) return synced;
  }
  return {};
}

}  // namespace onsale::store
