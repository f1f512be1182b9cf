/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/io/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

int64_t
app_clock_now_us (void) {
  struct timespec now;
  clock_gettime (CLOCK_BOOTTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
app_clock_wall_ms (void) {
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
fill_from_kernel (void *user, uint8_t *out, size_t size) {
  (void)user;
  while (size > 0) {
    ssize_t got = getrandom (out, size, 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      perror ("ahoy: the kernel gives no random bytes");
      abort ();
    }
    out += got;
    size -= (size_t)got;
  }
}

RtmfpRng
app_clock_rng (void) {
  return (RtmfpRng){.fill = fill_from_kernel};
}
