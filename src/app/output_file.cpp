#include "app/output_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace onsale::app {

Done write_file(const std::string& path, std::string_view content) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (file) return {};
  return failed(fmt::format("cannot write {}: {}", path, std::strerror(errno ? errno : EIO)));
}

}  // namespace onsale::app
