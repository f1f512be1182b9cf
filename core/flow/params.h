/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds and tunables of flows, each reached in tests/flow. */
#ifndef RTMFP_FLOW_PARAMS_H
#define RTMFP_FLOW_PARAMS_H

#include <stdint.h>

#define RTMFP_MESSAGE_BYTES_MAX (16u << 20) /* one message, sent or received */
#define RTMFP_RECV_MESSAGE_WINDOWS 16u      /* one received message, in windows of its flow */
#define RTMFP_METADATA_BYTES_MAX 512        /* user's metadata we send, RFC 7016 s2.3.11.1.1 */

/* ---- sending ---- */
#define RTMFP_SEND_BUFFER_BYTES_DEFAULT (256u << 10) /* of RtmfpFlowConfig.buffer_bytes */
#define RTMFP_SEND_BUFFER_BYTES_MAX (8u << 20) /* of a flow whose buffer grows with the window */
#define RTMFP_SEND_MESSAGE_OVERHEAD_BYTES                                                          \
  96u /* counted with each queued message, so that empty ones count too */
#define RTMFP_SEND_FRAGMENTS_MAX                                                                   \
  65536u /* sequence numbers from the first unacknowledged to the newest; power of two */
#define RTMFP_SEND_GIVEN_UP_RANGES_MAX                                                             \
  64u /* memory of given up message numbers, for depends_on                                        \
       */
#define RTMFP_FRAGMENT_BYTES_MIN                                                                   \
  128u                          /* no smaller piece is cut or left; shorter than two stays whole */
#define RTMFP_NAK_LOSS_COUNT 3u /* s3.6.2.5 */
#define RTMFP_RX_BUFFER_INIT_BYTES 65536u            /* until the far side advertises, s3.6.2 */
#define RTMFP_BUFFER_PROBE_US INT64_C (1000000)      /* first wait, s3.6.2.9.1 */
#define RTMFP_BUFFER_PROBE_US_MAX INT64_C (60000000) /* longest wait, s3.6.2.9.1 */
#define RTMFP_SEND_LINGER_US INT64_C (130000000)     /* s3.6.2.11 */
/* A copy of a fragment follows the last transmission, and the next copy that one, by so much, in a
 * packet that leaves anyway ... */
#define RTMFP_COPY_GAP_US 10000
#define RTMFP_COPY_RESENT_GAP_US 5000 /* the same of what was lost and is sent again */
/* ... and by itself when none has left after so many gaps and a half. */
#define RTMFP_COPY_ALONE_GAPS 2

/* ---- receiving ---- */
#define RTMFP_SEQUENCE_NUMBER_MAX (UINT64_MAX / 2)   /* no higher one is believed */
#define RTMFP_RECV_BUFFER_BYTES_DEFAULT (256u << 10) /* window of a receiving flow */
#define RTMFP_RECV_BUFFER_BYTES_MAX (64u << 20)      /* the largest window that can be asked for */
#define RTMFP_RECV_FRAGMENT_OVERHEAD_BYTES 64u       /* counted with each buffered fragment */
#define RTMFP_RECV_OVERRUN_BYTES                                                                   \
  65536u /* held beyond twice the window before fragments are dropped */
#define RTMFP_RECV_SPAN_MIN                                                                        \
  2048u /* sequence numbers held beyond the cumulative one: at least so many, */
#define RTMFP_RECV_SPAN_BYTES 32u                     /* one for so many bytes of window, */
#define RTMFP_RECV_SPAN_MAX 65536u                    /* and at most so many */
#define RTMFP_RECV_RANGES_MAX 1024u                   /* ranges of received sequence numbers */
#define RTMFP_RECV_LINGER_US INT64_C (120000000)      /* s3.6.3.8 */
#define RTMFP_RECV_LINGER_LEAST_US INT64_C (20000000) /* where room is needed for a new flow */

#endif
