/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bulk by QUIC, to hold ours against; only where Debian's libngtcp2 was there at build time. */
#ifndef BENCH_QUIC_H
#define BENCH_QUIC_H

#include <stdbool.h>
#include <stdint.h>

/* Moves so many bytes over loopback between two threads. segments: UDP_SEGMENT and UDP_GRO, else a
 * datagram a system call. Returns: CPU seconds of both. */
double bench_quic_bulk (uint64_t bytes, bool segments);

#endif
