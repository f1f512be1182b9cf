/* SPDX-License-Identifier: Apache-2.0 */
/* Explicit Congestion Notification: data leaves marked as able to hear of it (ECT(0)), routers mark
 * it instead of dropping it (CE), the far side reports how many came marked. No RFC of this
 * protocol has it; the report is that of zenomt/rtmfp-cpp: chunk 0xec with one byte, the low 8 bits
 * of a counter, before the acknowledgements of marked packets. After RFC 3168; validated in the
 * spirit of RFC 9000 s13.4.2.
 *
 * Stands alone: the session tells it what came and what leaves. */
#ifndef RTMFP_SESSION_ECN_H
#define RTMFP_SESSION_ECN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTMFP_ECN_NOT_ECT 0
#define RTMFP_ECN_ECT1 1
#define RTMFP_ECN_ECT0 2
#define RTMFP_ECN_CE 3

typedef struct {
  /* of what comes */
  uint64_t ect_count, ce_count; /* packets */
  bool has_news;                /* since the last report */
  /* of what leaves */
  bool is_off;         /* marks do not arrive, or packets with them do not */
  bool any_report;     /* the far side reports, and the path lets marks pass */
  uint8_t heard_count; /* of the last report */
  uint8_t silent_acks; /* packets that acknowledged data, in a row without a report */
  uint16_t unproved;   /* marked packets that left since the last acknowledgement */
  int64_t unproved_us; /* when the first of them left */
} RtmfpEcn;

/* Also when the session moves: another path may treat marks otherwise. The counts go on. */
void rtmfp_ecn_begin (RtmfpEcn *ecn);

/* A packet came with these bits. */
void rtmfp_ecn_heard (RtmfpEcn *ecn, uint8_t bits);

/* The bits for a packet with data that leaves now. Marked packets of which nothing is heard for
 * patience_us, before any report came, count as swallowed for their marks. */
uint8_t rtmfp_ecn_leave (RtmfpEcn *ecn, int64_t patience_us, int64_t now_us);
/* A report came. Returns: whether more packets than before were marked on their way. */
bool rtmfp_ecn_report (RtmfpEcn *ecn, uint8_t count);
/* A packet that acknowledged data was read to its end. reported: it held a report. */
void rtmfp_ecn_acknowledged (RtmfpEcn *ecn, bool reported);

#endif
