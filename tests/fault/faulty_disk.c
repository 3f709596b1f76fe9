/* A disk that fails on request: put before the C library with LD_PRELOAD, it makes writing or
 * syncing files whose name contains ".db" fail as long as the file named by FAULTY_DISK says so:
 * "write 30" fails writes and all that follows from them with errno 30, "sync 5" only syncs with 5,
 * "flush 5" only syncs of files whose name ends with ".db". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* The errno to fail with, or 0. Uses no function that is replaced below. */
static int fault(const char *kind, int fd) {
  const char *control = getenv("FAULTY_DISK");
  char text[32] = {0}, word[32], link[64], path[4096] = {0};
  int code = 0;
  if (!control) return 0;
  int file = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t size = syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  if (size <= 0 || sscanf(text, "%31s %d", word, &code) != 2) return 0;
  if (strcmp(word, "write") != 0 && strcmp(kind, "sync") != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (readlink(link, path, sizeof path - 1) < 0 || !strstr(path, ".db")) return 0;
  if (strcmp(word, "flush") == 0 && strcmp(path + strlen(path) - 3, ".db") != 0) return 0;
  return code;
}

#define FAIL_IF(kind, fd)          \
  do {                             \
    int code_ = fault(kind, fd);   \
    if (code_) {                   \
      errno = code_;               \
      return -1;                   \
    }                              \
  } while (0)

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

ssize_t write(int fd, const void *data, size_t size) {
  FAIL_IF("write", fd);
  return syscall(SYS_write, fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  FAIL_IF("write", fd);
  return NEXT(ssize_t(*)(int, const void *, size_t, off_t), "pwrite")(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  FAIL_IF("write", fd);
  return NEXT(ssize_t(*)(int, const void *, size_t, off64_t), "pwrite64")(fd, data, size, at);
}

int ftruncate(int fd, off_t size) {
  FAIL_IF("write", fd);
  return NEXT(int (*)(int, off_t), "ftruncate")(fd, size);
}

int ftruncate64(int fd, off64_t size) {
  FAIL_IF("write", fd);
  return NEXT(int (*)(int, off64_t), "ftruncate64")(fd, size);
}

int fsync(int fd) {
  FAIL_IF("sync", fd);
  return NEXT(int (*)(int), "fsync")(fd);
}

int fdatasync(int fd) {
  FAIL_IF("sync", fd);
  return NEXT(int (*)(int), "fdatasync")(fd);
}
