/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many sessions between two endpoints of one process, on a wire in memory and a clock of our own:
 * what they cost is the engine alone. Each session comes from an address of its own. */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include "core/endpoint/endpoint.h"

typedef struct {
  RtmfpEndpoint *client, *server;
  RtmfpId server_identity;
  RtmfpIdentityConfig client_config;
  int64_t now_us;
  RtmfpId opened; /* the client's session that opened last */
  /* The server answers each message on a return flow. flows: the client's sending flows, by
   * session; returns: the server's, by slot of its receiving flow. */
  RtmfpId *flows;
  RtmfpId *returns;
  size_t sessions_max;
  bool times_server;                   /* adds the processor time of the server to server_seconds */
  double server_seconds;               /* with what reading the clock costs */
  uint64_t server_times;               /* how often it was added to */
  uint64_t messages, datagrams, bytes; /* delivered to the client; moved on the wire */
} BenchPair;

/* groups: RTMFP_GROUP_*; static_keys: of the client. */
void bench_pair_init (BenchPair *pair, size_t sessions_max, uint32_t groups, bool static_keys);
void bench_pair_clear (BenchPair *pair);
/* One more identity of the client, one session from the address number. Returns: its id. */
RtmfpId bench_pair_open (BenchPair *pair, uint32_t number);
/* A flow in each session of sessions. */
void bench_pair_open_flow (BenchPair *pair, RtmfpId session, uint32_t number);
void bench_pair_send (BenchPair *pair, uint32_t number, RtmfpBytes message);
/* Lets everything happen that is due now. */
void bench_pair_settle (BenchPair *pair);
/* Lets time pass; each timer fires when it is due. Returns: how often time stood still for timers.
 */
size_t bench_pair_pass (BenchPair *pair, int64_t for_us);

#endif
