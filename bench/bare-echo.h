/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least programs that answer over UDP, for bench/echo.c to be held against. */
#ifndef BENCH_BARE_ECHO_H
#define BENCH_BARE_ECHO_H

#include <stddef.h>

enum { BENCH_ECHO_BYTES = 100 };

typedef enum {
  BARE_ECHO_BLOCKING, /* connected IPv4 sockets, recv and send */
  /* What a program needs that has timers and more than one peer: ppoll with a deadline, recvmmsg,
   * sendmmsg, a socket for IPv4 and IPv6 that is not connected. */
  BARE_ECHO_LOOP,
  BARE_ECHO_SEALED_LOOP, /* the same, and each datagram is sealed and opened (HMAC) */
} BareEcho;

/* Between two questions, of number i. */
unsigned bench_echo_pause_us (size_t i);

/* Asks count times, two threads. us out: how long each took. others_a_second: datagrams that a
 * third thread sends to the answering end meanwhile, which are read and dropped; 0 = no third
 * thread. */
void bench_bare_echo (BareEcho kind, double *us, size_t count, unsigned others_a_second);

#endif
