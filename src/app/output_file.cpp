#include "app/output_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace onsale::app {
namespace {

Done put(const std::string& path, std::string_view content, std::ios::openmode mode) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | mode);
  file << content;
  file.close();
  if (file) return {};
  return failed(fmt::format("cannot write {}: {}", path, std::strerror(errno ? errno : EIO)));
}

}  // namespace

Done write_file(const std::string& path, std::string_view content) {
  return put(path, content, std::ios::trunc);
}

Done can_write_file(const std::string& path) {
  std::error_code unknown;
  const bool there = std::filesystem::exists(path, unknown);
  Done done = put(path, "", std::ios::app);
  if (done && !there) std::filesystem::remove(path, unknown);
  return done;
}

}  // namespace onsale::app
