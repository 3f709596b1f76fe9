/* Writes down who opens which file and what is synced, in the order in which it happens: put before
 * the C library with LD_PRELOAD, it adds lines to the file named by DISK_CALLS, such as
 * "open libsqlite3.so.0 /var/onsale.db" and "sync - /var". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(const char *what, const char *who, int fd) {
  const char *log = getenv("DISK_CALLS");
  char link[64], path[PATH_MAX] = {0}, line[2 * PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (!log || fd < 0 || readlink(link, path, sizeof path - 1) < 0) return;
  int size = snprintf(line, sizeof line, "%s %s %s\n", what, who, path);
  int file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (syscall(SYS_write, file, line, size) != size) abort();
  syscall(SYS_close, file);
}

/* The library, or the program, that has the code at this address. */
static const char *owner(void *address) {
  Dl_info info;
  if (!dladdr(address, &info) || !info.dli_fname) return "?";
  const char *slash = strrchr(info.dli_fname, '/');
  return slash ? slash + 1 : info.dli_fname;
}

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))
#define CALLER owner(__builtin_return_address(0))

#define MODE_OF(flags)                                  \
  ({                                                    \
    mode_t mode_ = 0;                                   \
    if ((flags) & (O_CREAT | O_TMPFILE)) {              \
      va_list rest_;                                    \
      va_start(rest_, flags);                           \
      mode_ = va_arg(rest_, mode_t);                    \
      va_end(rest_);                                    \
    }                                                   \
    mode_;                                              \
  })

#define OPEN(name)                                                        \
  int name(const char *path, int flags, ...) {                            \
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, MODE_OF(flags)); \
    note("open", CALLER, fd);                                             \
    return fd;                                                            \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                      \
  int name(int at, const char *path, int flags, ...) {                    \
    int fd = (int)syscall(SYS_openat, at, path, flags, MODE_OF(flags));   \
    note("open", CALLER, fd);                                             \
    return fd;                                                            \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                       \
  FILE *name(const char *path, const char *mode) {                        \
    FILE *file = NEXT(FILE *(*)(const char *, const char *), #name)(path, mode); \
    if (file) note("open", CALLER, fileno(file));                         \
    return file;                                                          \
  }
FOPEN(fopen)
FOPEN(fopen64)

int fsync(int fd) {
  note("sync", "-", fd);
  return NEXT(int (*)(int), "fsync")(fd);
}

int fdatasync(int fd) {
  note("sync", "-", fd);
  return NEXT(int (*)(int), "fdatasync")(fd);
}
