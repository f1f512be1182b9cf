/* SPDX-License-Identifier: Apache-2.0 */
/* Path MTU discovery: how long the datagrams of a session may be, RFC 7016 s3.5.4.3 after RFC 4821.
 *
 * Datagrams of RTMFP_PATH_MTU_LEAST bytes pass everywhere. While packets are filled to the brim,
 * one of padding and a Ping of a longer size asks whether that size passes: first the longest that
 * the usual interface takes, and if it does not, by halves of what common links leave. Where long
 * packets vanish that passed before (a black hole), the size falls back at once.
 *
 * Stands alone: the session asks it what to send, and tells it what came of it. */
#ifndef RTMFP_SESSION_PATH_MTU_H
#define RTMFP_SESSION_PATH_MTU_H

#include "core/base/deadlines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes are bytes of datagrams. */
typedef struct {
  int64_t due_us;         /* when the probe under way counts as lost; RTMFP_NEVER = none is */
  int64_t pause_until_us; /* no search before */
  int64_t unproved_us;    /* when the first long packet left of which nothing was heard */
  uint16_t bytes;         /* so long ones pass */
  uint16_t too_long;      /* so long ones do not; 0 = not known of any */
  uint16_t probed;        /* asked about now; 0 = nothing */
  uint16_t full_packets;  /* filled since the search began or was over */
  uint16_t unproved;      /* long packets that left since one was acknowledged */
  uint8_t probes;         /* of that size, taken */
  uint8_t path;           /* counts paths, so that an answer over the last one says nothing */
  bool probe_waits;
} RtmfpPathMtu;

/* Also when the session moves to another address: what was known holds no more. */
void rtmfp_path_mtu_begin (RtmfpPathMtu *mtu);

/* A packet left that was filled to the brim, so that longer ones would serve. most: the longest
 * that is worth a question. quiet: nothing is under way that a padded packet would hold up. */
void rtmfp_path_mtu_filled (RtmfpPathMtu *mtu, size_t most, bool quiet, int64_t now_us);

/* The probe that waits: its size; 0 = none. answer_us: within that time an answer comes, if any. */
size_t rtmfp_path_mtu_take_probe (RtmfpPathMtu *mtu, int64_t answer_us, int64_t now_us);
/* A probe of that size on that path was answered. Returns: whether longer packets may leave now. */
bool rtmfp_path_mtu_answered (RtmfpPathMtu *mtu, size_t bytes, uint8_t path, size_t most,
                              int64_t now_us);
/* Time passes: a probe may be lost. */
void rtmfp_path_mtu_advance (RtmfpPathMtu *mtu, size_t most, int64_t now_us);

/* A packet longer than RTMFP_PATH_MTU_LEAST left; one was acknowledged. */
void rtmfp_path_mtu_long_left (RtmfpPathMtu *mtu, int64_t now_us);
void rtmfp_path_mtu_long_arrived (RtmfpPathMtu *mtu);
/* Before a packet is made: falls back when nothing was heard of several long packets for
 * patience_us. Returns: whether it did. */
bool rtmfp_path_mtu_check (RtmfpPathMtu *mtu, int64_t patience_us, int64_t now_us);

#endif
