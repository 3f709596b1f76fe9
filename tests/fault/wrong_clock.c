/* A machine whose time of day is wrong: put before the C library with LD_PRELOAD, it moves what the
 * program takes for the time of day by as many milliseconds as the file named by WRONG_CLOCK says,
 * which may change at any time. The steady clocks stay as they are. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long milliseconds(void) {
  const char *control = getenv("WRONG_CLOCK");
  char text[32] = {0};
  if (!control) return 0;
  int file = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  return size > 0 ? atoll(text) : 0;
}

static void move(struct timespec *time) {
  const long long second = 1000000000;
  long long at = time->tv_sec * second + time->tv_nsec + milliseconds() * 1000000;
  time->tv_sec = at / second;
  time->tv_nsec = at % second;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int done = (int)syscall(SYS_clock_gettime, clock, time);
  if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) move(time);
  return done;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}
