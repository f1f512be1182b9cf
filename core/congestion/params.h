/* SPDX-License-Identifier: Apache-2.0 */
/* Tunables of round trip measurement and congestion control, with their sources (RFC 7016 s3.5.2,
 * App. A). */
#ifndef RTMFP_CONGESTION_PARAMS_H
#define RTMFP_CONGESTION_PARAMS_H

#define RTMFP_SMSS_BYTES 1460            /* sender maximum segment size, A.2 */
#define RTMFP_CWND_INIT_BYTES 4380       /* RFC 5681 s3.1, A.2 */
#define RTMFP_CWND_TIMEDOUT_BYTES 1460   /* 1 * SMSS, A.2 */
#define RTMFP_CWND_BYTES_MAX (64u << 20) /* ours: no window grows beyond */
#define RTMFP_CWND_SCALABLE_BYTES 67200  /* from here on a loss costs one eighth, A.1 */

#define RTMFP_TIME_CRITICAL_US INT64_C (800000) /* how long a notification lasts, s3.5.2.1 */
#define RTMFP_BURST_US_MIN INT64_C (1000)       /* ours: between bursts that are not acknowledged */
#define RTMFP_BURST_PACKETS_MAX 6 /* data packets between acknowledgements, s3.5.2.3 */

#define RTMFP_RTT_TICK_US INT64_C (4000)                /* s2.2.4 */
#define RTMFP_TIMESTAMP_ECHO_AGE_US INT64_C (128000000) /* older ones are not echoed, s3.5.2.2 */
#define RTMFP_ERTO_INIT_US INT64_C (3000000)            /* s3.5.2.2 */
#define RTMFP_ERTO_US_MIN INT64_C (250000)              /* s3.5.2.2 */
#define RTMFP_ERTO_US_MAX INT64_C (10000000)            /* cap of the backoff, s3.5.2.2 */
#define RTMFP_DELAYED_ACK_US INT64_C (200000)           /* s3.6.3.4.4 */

#endif
