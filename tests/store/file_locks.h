// The locks that SQLite has on a file as long as it is open, as other programs find them.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace onsale::testing {

/// Whether another process could not lock these bytes for itself.
inline bool locked(const std::string& file, off_t start, off_t length) {
  const pid_t child = fork();
  if (child == 0) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = length;
    if (fd < 0 || fcntl(fd, F_GETLK, &lock) != 0) _exit(2);
    _exit(lock.l_type == F_UNLCK ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/// Whether whoever opens the file now finds that somebody else uses it, by both signs that SQLite
/// goes by: the shared lock of the file (https://www.sqlite.org/fileformat2.html, 1.3.13 on the
/// lock-byte page) and that of its shared memory (https://www.sqlite.org/walformat.html, 2.1).
inline bool in_use(const std::string& file) {
  return locked(file, 0x40000000 + 2, 510) && locked(file + "-shm", 128, 1);
}

}  // namespace onsale::testing
