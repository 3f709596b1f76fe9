// A database as a crash would leave it: its files as they are on the disk, while it is still open.
#pragma once

#include <filesystem>
#include <string>

namespace onsale::testing {

/// Copies what a restart would find if the process died now; returns the copy's name.
inline std::string crash_copy(const std::string& file) {
  for (const char* part : {"", "-wal"}) {
    std::filesystem::copy_file(file + part, file + ".copy" + part,
                               std::filesystem::copy_options::overwrite_existing);
  }
  return file + ".copy";
}

}  // namespace onsale::testing
