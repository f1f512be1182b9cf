/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * natlab-wire - carries Ethernet frames between two TAP devices, both ways, with
 * a delay. Used by natlab where the kernel has no netem queueing discipline.
 *
 * usage: natlab-wire TAP1 TAP2 DELAY_MS [JITTER_MS]
 *
 * Each frame waits DELAY_MS plus a random part of up to JITTER_MS (uniform). With
 * jitter, frames can overtake each other, as they do on real multipath networks.
 * The devices are created here and vanish when the process ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_MAX = 2048, QUEUE_MAX = 65536 };

struct frame {
  int64_t due; /* ns, CLOCK_MONOTONIC */
  uint64_t order;
  size_t len;
  unsigned char data[FRAME_MAX];
};

struct line { /* one direction: a binary heap, the earliest frame first */
  struct frame **heap;
  size_t count;
  uint64_t next_order;
  int out;
};

static int64_t
now_ns (void) {
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int
open_tap (const char *name) {
  struct ifreq ifr;
  int fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (fd < 0) {
    perror ("/dev/net/tun");
    exit (1);
  }
  memset (&ifr, 0, sizeof ifr);
  ifr.ifr_flags = IFF_TAP | IFF_NO_PI;
  snprintf (ifr.ifr_name, sizeof ifr.ifr_name, "%s", name);
  if (ioctl (fd, TUNSETIFF, &ifr) < 0) {
    perror (name);
    exit (1);
  }
  return fd;
}

static int
before (const struct frame *a, const struct frame *b) {
  return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void
push (struct line *l, struct frame *f) {
  size_t i = l->count++;
  while (i > 0 && before (f, l->heap[(i - 1) / 2])) {
    l->heap[i] = l->heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  l->heap[i] = f;
}

static struct frame *
pop (struct line *l) {
  struct frame *first = l->heap[0], *last = l->heap[--l->count];
  size_t i = 0, child;
  while ((child = 2 * i + 1) < l->count) {
    if (child + 1 < l->count && before (l->heap[child + 1], l->heap[child]))
      child++;
    if (!before (l->heap[child], last))
      break;
    l->heap[i] = l->heap[child];
    i = child;
  }
  l->heap[i] = last;
  return first;
}

int
main (int argc, char **argv) {
  struct line line[2] = {{0}};
  int tap[2], i;
  int64_t delay, jitter;

  if (argc < 4) {
    fprintf (stderr, "usage: natlab-wire TAP1 TAP2 DELAY_MS [JITTER_MS]\n");
    return 2;
  }
  delay = (int64_t)(atof (argv[3]) * 1e6);
  jitter = argc > 4 ? (int64_t)(atof (argv[4]) * 1e6) : 0;
  for (i = 0; i < 2; i++)
    tap[i] = open_tap (argv[1 + i]);
  for (i = 0; i < 2; i++) {
    line[i].out = tap[!i];
    line[i].heap = malloc (QUEUE_MAX * sizeof *line[i].heap);
    if (!line[i].heap)
      return 1;
  }
  srandom ((unsigned)now_ns ());

  for (;;) {
    struct pollfd p[2] = {{tap[0], POLLIN, 0}, {tap[1], POLLIN, 0}};
    struct timespec wait = {0, 0}, *w = NULL;
    int64_t now = now_ns (), next = INT64_MAX;

    for (i = 0; i < 2; i++) {
      while (line[i].count && line[i].heap[0]->due <= now) {
        struct frame *f = pop (&line[i]);
        if (write (line[i].out, f->data, f->len) < 0 && errno == EBADFD)
          return 1;
        free (f);
      }
      if (line[i].count && line[i].heap[0]->due < next)
        next = line[i].heap[0]->due;
    }
    if (next != INT64_MAX) {
      int64_t left = next - now_ns ();
      if (left < 0)
        left = 0;
      wait.tv_sec = left / 1000000000;
      wait.tv_nsec = left % 1000000000;
      w = &wait;
    }
    if (ppoll (p, 2, w, NULL) < 0 && errno != EINTR)
      return 1;
    now = now_ns ();
    for (i = 0; i < 2; i++) {
      int burst;
      for (burst = 0; burst < 64 && line[i].count < QUEUE_MAX; burst++) {
        struct frame *f = malloc (sizeof *f);
        ssize_t n;
        if (!f)
          return 1;
        n = read (tap[i], f->data, sizeof f->data);
        if (n <= 0) {
          free (f);
          break;
        }
        f->len = (size_t)n;
        f->due =
            now + delay +
            (jitter
                 ? (int64_t)(((uint64_t)random () << 31 | (uint64_t)random ()) % (uint64_t)jitter)
                 : 0);
        f->order = line[i].next_order++;
        push (&line[i], f);
      }
    }
  }
}
