/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all benchmarks share: clocks, and a figure as one line of JSON for bench/run. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends the program when a step failed that must not. */
#define BENCH_MUST(ok) bench_must ((ok), #ok, __FILE__, __LINE__)
void bench_must (bool ok, const char *what, const char *file, int line);

double bench_wall_seconds (void);
int64_t bench_now_us (void);
/* CPU of all threads of this process, user and system. */
double bench_cpu_seconds (void);
/* Bytes that malloc has given out. */
size_t bench_heap_bytes (void);

/* One figure: ours beside what it is held against in the same run. baseline NULL = a figure that
 * stands alone; then other is ignored. */
void bench_row (const char *figure, const char *unit, double ours, const char *baseline,
                double other);

/* Sorts the samples. permille 500 = the median. */
double bench_percentile (double *samples, size_t count, unsigned permille);

#endif
