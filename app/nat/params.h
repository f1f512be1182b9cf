/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds and times towards relays: chosen by us, but where a section is named. */
#ifndef APP_NAT_PARAMS_H
#define APP_NAT_PARAMS_H

#include <stdint.h>

/* One message to the server: as long as a datagram of the engine (RTMFP_DATAGRAM_BYTES_MAX), so
 * what the engine sends by a relay is a few bytes shorter at most. */
#define APP_TURN_MESSAGE_BYTES_MAX 1472
/* Messages that wait to be carried to it; the oldest go first when there are more. */
#define APP_TURN_QUEUE_MAX 256
/* Peers with a channel; beyond it the one that was used longest ago goes. */
#define APP_TURN_PEERS_MAX 64
/* Datagrams that wait for one peer's channel. */
#define APP_TURN_HELD_MAX 4
/* First repetition of a request over UDP (doubles, RFC 8489 s6.2.1), and how many are sent. */
#define APP_TURN_RETRY_US 250000
#define APP_TURN_TRIES 6
/* The same for a look at an allocation that stands: fewer, since a call waits. */
#define APP_TURN_LOOK_TRIES 3
/* An answer over a stream comes by then (RFC 8489 s6.2.2 has 39.5 s). */
#define APP_TURN_STREAM_US INT64_C (8000000)
/* In a row: answers that only want another nonce, or the credential anew. */
#define APP_TURN_CHALLENGES_MAX 3
/* The allocation is refreshed at half of its lifetime, at least so often. */
#define APP_TURN_REFRESH_US INT64_C (240000000)
/* A channel is bound anew: its permission lasts 300 s (RFC 8656 s9). */
#define APP_TURN_BIND_US INT64_C (240000000)
/* A peer that the server refused is not asked for again before. */
#define APP_TURN_PEER_REFUSED_US INT64_C (30000000)
/* Sent, and nothing heard for so long: the allocation is looked after, and not again before. */
#define APP_TURN_SILENT_US INT64_C (1500000)
#define APP_TURN_LOOK_US INT64_C (3000000)

/* UDP does not answer: TCP is tried too; neither does: TLS. And its address of the other family,
 * so much later than the first. */
#define APP_NAT_TCP_AFTER_US INT64_C (700000)
#define APP_NAT_TLS_AFTER_US INT64_C (1400000)
#define APP_NAT_ELSEWHERE_AFTER_US INT64_C (2100000)
#define APP_NAT_FAMILY_AFTER_US INT64_C (300000)
/* A connection comes about by then, with TLS. */
#define APP_NAT_CONNECT_US INT64_C (10000000)
/* Read from a stream at once. */
#define APP_NAT_READ_BYTES_MAX 16384
/* All ways failed: the next try; doubles up to the largest. */
#define APP_NAT_RETRY_US INT64_C (2000000)
#define APP_NAT_RETRY_MOST_US INT64_C (60000000)
/* Bytes that wait for a stream that does not take them; more are lost as on any full queue. */
#define APP_NAT_STREAM_BYTES_MAX 262144
/* Addresses of one server that are tried. */
#define APP_NAT_ADDRESSES_MAX 4

#endif
