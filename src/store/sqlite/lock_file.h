// Makes sure that only one process writes a database file: a lock on a file beside it,
// which the kernel releases however the process ends.
#pragma once

#include <string>
#include <utility>

#include "store/store.h"

namespace onsale::store::sqlite {

class LockFile {
 public:
  /// Locks `<path>.lock`, creating it. If another process (or another store of this one)
  /// has it, the error names the process. The file itself stays when the lock is gone:
  /// removing it would let two processes lock two files of the same name.
  [[nodiscard]] static Result<LockFile> acquire(const std::string& path);

  LockFile(LockFile&& from) noexcept : fd_(std::exchange(from.fd_, -1)) {}
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace onsale::store::sqlite
