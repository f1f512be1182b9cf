/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks of the kernel, and rows as lines of JSON. */
#include "bench/report.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void
bench_must (bool ok, const char *what, const char *file, int line) {
  if (!ok) {
    fprintf (stderr, "%s:%d: failed: %s\n", file, line, what);
    exit (1);
  }
}

static double
read_clock (clockid_t clock) {
  struct timespec now;
  clock_gettime (clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double
bench_wall_seconds (void) {
  return read_clock (CLOCK_MONOTONIC);
}

int64_t
bench_now_us (void) {
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

double
bench_cpu_seconds (void) {
  return read_clock (CLOCK_PROCESS_CPUTIME_ID);
}

size_t
bench_heap_bytes (void) {
  const struct mallinfo2 info = mallinfo2 ();
  return info.uordblks + info.hblkhd;
}

void
bench_row (const char *figure, const char *unit, double ours, const char *baseline, double other) {
  printf ("{\"figure\": \"%s\", \"unit\": \"%s\", \"ours\": %.6g", figure, unit, ours);
  if (baseline != NULL) {
    printf (", \"baseline\": \"%s\", \"other\": %.6g, \"ratio\": %.3f", baseline, other,
            other != 0 ? ours / other : 0.0);
  }
  printf ("}\n");
  fflush (stdout);
}

static int
compare (const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double
bench_percentile (double *samples, size_t count, unsigned permille) {
  qsort (samples, count, sizeof *samples, compare);
  const size_t at = count * permille / 1000;
  return samples[at < count ? at : count - 1];
}
