/* A disk that writes down what is asked of it: put before the C library with LD_PRELOAD, it appends
 * a record of every change below RECORDING_DISK_ROOT to the file RECORDING_DISK_TRACE, which several
 * processes may do one after the other. tests/blackbox/powercut/trace.py reads it.
 *
 * A change and its record are made under one lock, so the records are in the order in which the
 * changes were done. A sync has two: it covers what was done before it began, from when it ended.
 * Nothing is really synced: a sync is a short pause, the same on every machine. What would be on a
 * disk is computed from the trace.
 *
 * An answer of HTTP that says that something was done is recorded before it is sent: from then on it
 * must be true.
 *
 * The file RECORDING_DISK_CONTROL, while it is there, says what syncs do: "fail" fails with EIO,
 * "lie" succeeds without a record, "late" succeeds before it has happened, "kill" kills the process when it asks, "break" when it has failed
 * (nothing is half recorded then). A word after it is how the names of the files end of which that is
 * true.
 *
 * The index of the log, in shared memory, is SQLite's to rebuild: it is left out. Whatever else
 * could change a file without being seen here is recorded as unknown, which the reader refuses. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES_MAX = 65536, SYNC_US = 300, LATE_SYNC_US = 2000, ANSWER_BYTES_MAX = 4096 };

/* Which file an open descriptor is of, by inode; 0 for what is not below the root. */
static uint64_t inode_of[FILES_MAX];
static const char *root, *control;
static int trace = -1;
static uint64_t syncs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct record {
  uint8_t kind, created, directory, padding;
  uint32_t path_bytes, data_bytes, pid;
  uint64_t inode, at;
};

static void append(struct record record, const char *path, const void *data) {
  int before = errno;
  record.pid = (uint32_t)getpid();
  struct iovec parts[] = {{&record, sizeof record},
                          {(void *)path, record.path_bytes},
                          {(void *)data, record.data_bytes}};
  ssize_t wanted = (ssize_t)(sizeof record + record.path_bytes + record.data_bytes);
  if (syscall(SYS_writev, trace, parts, 3) != wanted) abort();
  errno = before;
}

static void append_path(char kind, const char *path, struct record record) {
  record.kind = (uint8_t)kind;
  record.path_bytes = (uint32_t)strlen(path);
  append(record, path, NULL);
}

static void append_number(char kind, uint64_t inode, uint64_t at) {
  append((struct record){.kind = (uint8_t)kind, .inode = inode, .at = at}, NULL, NULL);
}

__attribute__((constructor)) static void begin(void) {
  struct stat info;
  root = getenv("RECORDING_DISK_ROOT");
  control = getenv("RECORDING_DISK_CONTROL");
  const char *name = getenv("RECORDING_DISK_TRACE");
  if (!root || !control || !name || stat(root, &info) != 0) abort();
  trace = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (trace < 0) abort();
  append_path('P', root, (struct record){.inode = info.st_ino, .directory = 1});
}

static int ends_with(const char *text, const char *end) {
  size_t size = strlen(text), end_size = strlen(end);
  return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* The absolute path in `out`; false if it is not one of those recorded. */
static int is_recorded(int folder, const char *path, char *out) {
  char link[64];
  ssize_t size = 0;
  if (!root || !path) return 0;
  if (path[0] != '/') {
    snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    size = readlink(link, out, PATH_MAX - 1);
    if (size < 0) return 0;
    out[size++] = '/';
  }
  if (snprintf(out + size, (size_t)(PATH_MAX - size), "%s", path) >= PATH_MAX - size) return 0;
  size_t begin = strlen(root);
  return strncmp(out, root, begin) == 0 && (out[begin] == '/' || !out[begin]) && !ends_with(out, "-shm");
}

static uint64_t inode(int fd) { return fd >= 0 && fd < FILES_MAX ? inode_of[fd] : 0; }

/* ---- opening and closing ---- */

static int open_file(int folder, const char *path, int flags, mode_t mode) {
  char full[PATH_MAX];
  struct stat before, now;
  if (!is_recorded(folder, path, full)) return (int)syscall(SYS_openat, folder, path, flags, mode);
  pthread_mutex_lock(&lock);
  int was_there = stat(full, &before) == 0;
  int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
  if (fd >= 0 && fstat(fd, &now) == 0) {
    if (fd >= FILES_MAX) abort();
    inode_of[fd] = now.st_ino;
    append_path((flags & O_TMPFILE) == O_TMPFILE ? 'X' : 'O', full,
                (struct record){.inode = now.st_ino, .created = !was_there, .directory = S_ISDIR(now.st_mode)});
    if (was_there && (flags & O_TRUNC) && before.st_size > 0) append_number('T', now.st_ino, 0);
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

#define MODE_OF(flags)                                           \
  mode_t mode = 0;                                               \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                         \
    va_list rest;                                                \
    va_start(rest, flags);                                       \
    mode = va_arg(rest, mode_t);                                 \
    va_end(rest);                                                \
  }

int open(const char *path, int flags, ...) {
  MODE_OF(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE_OF(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
  MODE_OF(flags)
  return open_file(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
  MODE_OF(flags)
  return open_file(folder, path, flags, mode);
}
int creat(const char *path, mode_t mode) {
  return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

/* A file that is made without being opened. */
int mknodat(int folder, const char *path, mode_t mode, dev_t device) {
  char full[PATH_MAX];
  struct stat info;
  if (!is_recorded(folder, path, full)) return (int)syscall(SYS_mknodat, folder, path, mode, device);
  pthread_mutex_lock(&lock);
  int result = (int)syscall(SYS_mknodat, folder, path, mode, device);
  if (result == 0 && stat(full, &info) == 0) {
    append_path(S_ISREG(mode) ? 'O' : 'X', full, (struct record){.inode = info.st_ino, .created = 1});
  }
  pthread_mutex_unlock(&lock);
  return result;
}
int mknod(const char *path, mode_t mode, dev_t device) {
  return mknodat(AT_FDCWD, path, mode, device);
}

int close(int fd) {
  if (inode(fd)) inode_of[fd] = 0;
  return (int)syscall(SYS_close, fd);
}

/* ---- writing ---- */

static ssize_t write_file(int fd, const struct iovec *parts, int count, off_t at, int in_place) {
  uint64_t file = inode(fd);
  if (!file) {
    return in_place ? syscall(SYS_pwritev, fd, parts, count, at, 0) : syscall(SYS_writev, fd, parts, count);
  }
  pthread_mutex_lock(&lock);
  ssize_t done = in_place ? syscall(SYS_pwritev, fd, parts, count, at, 0)
                          : syscall(SYS_writev, fd, parts, count);
  if (done > 0 && !in_place) at = lseek(fd, 0, SEEK_CUR) - done;
  for (ssize_t left = done; left > 0; parts++) {
    size_t size = parts->iov_len < (size_t)left ? parts->iov_len : (size_t)left;
    append((struct record){.kind = 'W', .inode = file, .at = (uint64_t)at, .data_bytes = (uint32_t)size},
           NULL, parts->iov_base);
    at += (off_t)size;
    left -= (ssize_t)size;
  }
  pthread_mutex_unlock(&lock);
  return done;
}

#define ONE(data, size) &(struct iovec){(void *)(data), size}, 1

ssize_t write(int fd, const void *data, size_t size) { return write_file(fd, ONE(data, size), 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  return write_file(fd, ONE(data, size), at, 1);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  return write_file(fd, ONE(data, size), at, 1);
}
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_file(fd, parts, count, 0, 0); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  return write_file(fd, parts, count, at, 1);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  return write_file(fd, parts, count, at, 1);
}
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
  if (flags & RWF_APPEND) abort(); /* would not be written where it says */
  return write_file(fd, parts, count, at, at != -1);
}
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t at, int flags) {
  return pwritev2(fd, parts, count, at, flags);
}

/* ---- sizes ---- */

static int resize(int fd, long result, char kind, off_t size) {
  if (result == 0) append_number(kind, inode(fd), (uint64_t)size);
  pthread_mutex_unlock(&lock);
  return (int)result;
}

int ftruncate(int fd, off_t size) {
  if (!inode(fd)) return (int)syscall(SYS_ftruncate, fd, size);
  pthread_mutex_lock(&lock);
  return resize(fd, syscall(SYS_ftruncate, fd, size), 'T', size);
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int fallocate(int fd, int mode, off_t at, off_t size) {
  if (!inode(fd)) return (int)syscall(SYS_fallocate, fd, mode, at, size);
  pthread_mutex_lock(&lock);
  return resize(fd, syscall(SYS_fallocate, fd, mode, at, size), mode ? 'X' : 'E', at + size);
}
int fallocate64(int fd, int mode, off64_t at, off64_t size) { return fallocate(fd, mode, at, size); }
int posix_fallocate(int fd, off_t at, off_t size) { return fallocate(fd, 0, at, size) ? errno : 0; }
int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }

/* ---- syncing ---- */

/* What the next sync of this file is to do, in a word; empty for what it should. */
static void ask(int fd, char *word, size_t size) {
  char text[64] = {0}, link[64], path[PATH_MAX] = {0}, end[32] = "";
  word[0] = 0;
  int file = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t got = syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  char first[16];
  if (got <= 0 || sscanf(text, "%15s %31s", first, end) < 1) return;
  if (readlink(link, path, sizeof path - 1) > 0 && ends_with(path, end)) snprintf(word, size, "%s", first);
}

/* Under the lock, so that nobody is about to record something. */
static void die(void) {
  for (kill(getpid(), SIGKILL);;) pause();
}

static void end_sync(uint64_t file, uint64_t number, char kind, useconds_t pause) {
  usleep(pause);
  pthread_mutex_lock(&lock);
  append_number(kind, file, number);
  pthread_mutex_unlock(&lock);
}

struct late_sync {
  uint64_t file, number;
};

static void *end_late(void *sync) {
  struct late_sync late = *(struct late_sync *)sync;
  free(sync);
  end_sync(late.file, late.number, 's', LATE_SYNC_US);
  return NULL;
}

static int late(uint64_t file, uint64_t number) {
  struct late_sync *sync = malloc(sizeof *sync);
  pthread_t thread;
  *sync = (struct late_sync){file, number};
  if (pthread_create(&thread, NULL, end_late, sync) != 0 || pthread_detach(thread) != 0) abort();
  return 0;
}

static int sync_file(int fd, int call) {
  uint64_t file = inode(fd);
  char word[16];
  if (!file) return (int)syscall(call, fd);
  ask(fd, word, sizeof word);
  if (strcmp(word, "lie") == 0) return 0;
  int fails = strcmp(word, "fail") == 0 || strcmp(word, "break") == 0;
  pthread_mutex_lock(&lock);
  uint64_t number = ++syncs;
  append_number('S', file, number);
  if (strcmp(word, "kill") == 0) die();
  pthread_mutex_unlock(&lock);
  if (strcmp(word, "late") == 0) return late(file, number);
  end_sync(file, number, fails ? 'f' : 's', SYNC_US);
  if (strcmp(word, "break") == 0) {
    pthread_mutex_lock(&lock);
    die();
  }
  if (fails) errno = EIO;
  return fails ? -1 : 0;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }
/* sync_file_range promises nothing about a power cut: it is not recorded. */

/* ---- names ---- */

/* The names that a call changes; from the first that is recorded on, under the lock. */
struct change {
  char names[2 * PATH_MAX];
  int named, recorded;
};

static void name(struct change *change, int folder, const char *path) {
  char full[PATH_MAX];
  change->named++;
  if (!is_recorded(folder, path, full)) return;
  if (!change->recorded++) pthread_mutex_lock(&lock);
  if (change->names[0]) strcat(change->names, "\n");
  strcat(change->names, full);
}

static int changed(char kind, struct change *change, long result) {
  struct stat info = {0};
  if (!change->recorded) return (int)result;
  if (kind == 'M') (void)!stat(change->names, &info);
  if (change->recorded < change->named) kind = 'X'; /* into or out of what is recorded */
  if (result == 0) append_path(kind, change->names, (struct record){.inode = info.st_ino});
  pthread_mutex_unlock(&lock);
  return (int)result;
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  struct change change = {0};
  name(&change, from, old);
  name(&change, to, new);
  return changed(flags ? 'X' : 'R', &change, syscall(SYS_renameat2, from, old, to, new, flags));
}
int renameat(int from, const char *old, int to, const char *new) {
  return renameat2(from, old, to, new, 0);
}
int rename(const char *old, const char *new) { return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0); }

int linkat(int from, const char *old, int to, const char *new, int flags) {
  struct change change = {0};
  name(&change, from, old);
  name(&change, to, new);
  return changed('L', &change, syscall(SYS_linkat, from, old, to, new, flags));
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int unlinkat(int folder, const char *path, int flags) {
  struct change change = {0};
  name(&change, folder, path);
  return changed('U', &change, syscall(SYS_unlinkat, folder, path, flags));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int result = unlinkat(AT_FDCWD, path, 0);
  return result != 0 && (errno == EISDIR || errno == EPERM) ? unlinkat(AT_FDCWD, path, AT_REMOVEDIR)
                                                            : result;
}

int mkdirat(int folder, const char *path, mode_t mode) {
  struct change change = {0};
  name(&change, folder, path);
  return changed('M', &change, syscall(SYS_mkdirat, folder, path, mode));
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* ---- answering ---- */

static void note_answer(const struct iovec *parts, size_t count) {
  static const char success[] = "HTTP/1.1 2";
  char text[ANSWER_BYTES_MAX];
  size_t size = 0;
  for (size_t i = 0; i < count; i++) {
    if (parts[i].iov_len > sizeof text - size) return; /* nothing that was done takes so many words */
    memcpy(text + size, parts[i].iov_base, parts[i].iov_len);
    size += parts[i].iov_len;
  }
  if (size < sizeof success || memcmp(text, success, sizeof success - 1) != 0) return;
  pthread_mutex_lock(&lock);
  append((struct record){.kind = 'A', .data_bytes = (uint32_t)size}, NULL, text);
  pthread_mutex_unlock(&lock);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  note_answer(message->msg_iov, message->msg_iovlen);
  return syscall(SYS_sendmsg, fd, message, flags);
}
ssize_t send(int fd, const void *data, size_t size, int flags) {
  note_answer(ONE(data, size));
  return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}

/* ---- what is not understood ---- */

static void unknown(int fd, const char *what) {
  if (!inode(fd)) return;
  pthread_mutex_lock(&lock);
  append_path('X', what, (struct record){.inode = inode(fd)});
  pthread_mutex_unlock(&lock);
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t at) {
  int writes = (protection & PROT_WRITE) && (flags & MAP_SHARED) && !(flags & MAP_ANONYMOUS);
  if (writes) unknown(fd, "mmap");
  return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, at);
}
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t at) {
  return mmap64(address, size, protection, flags, fd, at);
}
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *to_at, size_t size, unsigned flags) {
  unknown(to, "copy_file_range");
  return syscall(SYS_copy_file_range, from, at, to, to_at, size, flags);
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t size) {
  unknown(to, "sendfile");
  return syscall(SYS_sendfile, to, from, at, size);
}
ssize_t sendfile(int to, int from, off_t *at, size_t size) { return sendfile64(to, from, at, size); }
