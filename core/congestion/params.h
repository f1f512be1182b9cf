/* SPDX-License-Identifier: Apache-2.0 */
/* Tunables of round trip measurement and congestion control, with their sources (RFC 7016 s3.5.2,
 * App. A). */
#ifndef RTMFP_CONGESTION_PARAMS_H
#define RTMFP_CONGESTION_PARAMS_H

#define RTMFP_SMSS_BYTES 1460            /* sender maximum segment size, A.2 */
#define RTMFP_CWND_INIT_BYTES 4380       /* RFC 5681 s3.1, A.2 */
#define RTMFP_CWND_TIMEDOUT_BYTES 1460   /* 1 * SMSS, A.2 */
#define RTMFP_CWND_EASY_BYTES 14600      /* anybody may begin with so much, RFC 6928 s2 */
#define RTMFP_CWND_EASY_RTT_US 40000     /* on longer paths as much each 40 ms, ours */
#define RTMFP_CWND_BYTES_MAX (64u << 20) /* ours: no window grows beyond */
#define RTMFP_CWND_SCALABLE_BYTES 67200  /* from here on a loss costs one eighth, A.1 */

#define RTMFP_TIME_CRITICAL_US INT64_C (800000) /* how long a notification lasts, s3.5.2.1 */
#define RTMFP_BURST_PACKETS_MAX 6 /* data packets between acknowledgements, s3.5.2.3 */

/* ---- the queue, ours ---- */
#define RTMFP_DELAY_WINDOW_US INT64_C (10000000) /* three of these are remembered */
#define RTMFP_WAY_STALE_US INT64_C (50000)       /* an older timestamp says nothing of a queue */
#define RTMFP_QUEUE_TARGET_US 15000              /* a queue that stands longer is drained */
#define RTMFP_QUEUE_TARGET_US_MAX 45000          /* on slow lines */
#define RTMFP_QUEUE_NOISE_US 2000                /* and a 16th of the round trip: no queue at all */
#define RTMFP_SLOW_START_QUEUE_US_MIN 4000       /* an 8th of the round trip ends slow start, */
#define RTMFP_SLOW_START_QUEUE_US_MAX 16000      /* RFC 9406 s4.3 */
#define RTMFP_DRAIN_ROUNDS 3                     /* so long others may take to drain as well */
#define RTMFP_DRAIN_FAILURES_MAX 2               /* then somebody fills the queue */
#define RTMFP_LOOKS_SKIPPED_MAX 7      /* between two looks whether somebody still fills it */
#define RTMFP_CHANCE_LOSS_PART 32      /* of a time critical window, for a loss without a queue */
#define RTMFP_CLEAR_ROUNDS 12          /* without queue and loss, then growth quickens */
#define RTMFP_CLEAR_ROUND_US_MIN 40000 /* and shorter ones do not count */
#define RTMFP_CLEAR_ROUNDS_EASY 4      /* likewise, for a small window with time critical data */
#define RTMFP_GROWTH_RTT_US 45000      /* on shorter paths with a short queue growth is by time */
#define RTMFP_CLEAR_STEP_MAX 16        /* growth is at most so many segments a round trip */

/* ---- the pace, ours ---- */
#define RTMFP_PACE_RTT_US_MIN 2000 /* shorter round trips have no pace, but s3.5.2.3 */
#define RTMFP_PACE_SLACK_US 2000   /* that a late timer may catch up */

/* ---- the length of the path, ours ---- */
#define RTMFP_LOWEST_SECONDS 100 /* two spans of so many are remembered, */
#define RTMFP_LEVEL_SECOND_US INT64_C (1000000)
#define RTMFP_LEVEL_SECONDS 4    /* or only these, if the least of each is the same */
#define RTMFP_LEVEL_ROUNDS 16    /* round trips, at least; */
#define RTMFP_LEVEL_BAND_US 4000 /* but for so much */
#define RTMFP_LEVEL_SAMPLES 5    /* a second with fewer shows nothing */

#define RTMFP_RTT_TICK_US INT64_C (4000)                /* s2.2.4 */
#define RTMFP_TIMESTAMP_ECHO_AGE_US INT64_C (128000000) /* older ones are not echoed, s3.5.2.2 */
#define RTMFP_ERTO_INIT_US INT64_C (3000000)            /* s3.5.2.2 */
#define RTMFP_ERTO_US_MIN INT64_C (250000)              /* s3.5.2.2 */
#define RTMFP_ERTO_US_MAX INT64_C (10000000)            /* cap of the backoff, s3.5.2.2 */
#define RTMFP_DELAYED_ACK_US INT64_C (200000)           /* s3.6.3.4.4 */

#endif
