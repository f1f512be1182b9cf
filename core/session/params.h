/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds and times of sessions and endpoints, each with its unit and source. */
#ifndef RTMFP_SESSION_PARAMS_H
#define RTMFP_SESSION_PARAMS_H

/* ---- Startup, RFC 7016 s3.5.1 ---- */
#define RTMFP_OPEN_GIVE_UP_US 95000000     /* ultimate open timeout, s3.5.1.1.1 */
#define RTMFP_STARTUP_RETRY_US 250000      /* first interval between attempts */
#define RTMFP_STARTUP_RETRY_ADD_US 1500000 /* added to each further interval, s3.5.1.1.1 */
#define RTMFP_CANDIDATES_MAX 24            /* REDIRECT_THRESHOLD, s3.5.1.1.1 */
#define RTMFP_TAG_SIZE 16                  /* ours; at least 8 is recommended, s3.5.1.1.1 */
#define RTMFP_TAG_BYTES_MAX 512            /* of others, that we echo */
#define RTMFP_COOKIE_BYTES_MAX 1024        /* of others, that we echo */
#define RTMFP_COOKIE_LIFE_US 95000000      /* s3.5.1.1.2 */
#define RTMFP_EARLY_PACKETS_MAX 8          /* kept while keying is under way */
#define RTMFP_HELLO_BYTES 1152             /* our hellos are padded to this: no answer is longer */

/* ---- Packets ---- */
/* Of startup: a plain packet, header to last chunk. Sealed at most 1232, as path MTU discovery does
 * not go on before a session is open. */
#define RTMFP_PACKET_BYTES 1168
/* Path MTU discovery, s3.5.4.3; sizes of datagrams. More than RTMFP_DATAGRAM_BYTES_MAX of types.h
 * is not asked about: for networks of larger frames raise that, too. */
#define RTMFP_PATH_MTU_LEAST 1232           /* IPv6 takes it on any path: 1280 less headers */
#define RTMFP_PATH_MTU_IPV4_MAX 1472        /* Ethernet less the headers of IPv4 and UDP */
#define RTMFP_PATH_MTU_IPV6_MAX 1452        /* the same of IPv6 */
#define RTMFP_PATH_MTU_FULL_PACKETS 16      /* filled to the brim: a longer size is worth asking */
#define RTMFP_PATH_MTU_PROBES 3             /* of a size, unanswered: it does not pass, RFC 8899 */
#define RTMFP_PATH_MTU_ANSWER_US_MIN 500000 /* for an answer is waited: ERTO, held to these */
#define RTMFP_PATH_MTU_ANSWER_US_MAX 2000000
#define RTMFP_PATH_MTU_AGAIN_US 600000000 /* after a search, PMTU_RAISE_TIMER of RFC 8899 */
#define RTMFP_PATH_MTU_PAUSE_US 3000000   /* after a black hole, until the next search */
#define RTMFP_PATH_MTU_HOLE_PACKETS 3     /* long ones that vanished, one after another */
#define RTMFP_FRAGMENT_PACKETS_MAX 16     /* packets being reassembled at once, s3.4 */
#define RTMFP_FRAGMENT_BUFFER_BYTES 8192  /* of one packet being reassembled, s3.4 */
#define RTMFP_FRAGMENT_PIECES_MAX 32      /* of one packet */
#define RTMFP_FRAGMENT_LIFE_US 60000000   /* s3.4 */
#define RTMFP_FRAGMENT_STALL_US 1000000   /* without progress, s3.4 */

/* Explicit Congestion Notification */
#define RTMFP_ECN_TRIAL_PACKETS 3 /* marked, and nothing heard of them: the marks are not liked */
#define RTMFP_ECN_SILENT_ACKS 8   /* packets in a row without a report: marks do not arrive */
#define RTMFP_ECN_REORDER 0xe0    /* so far ahead is up to 32 behind, as in rtmfp-cpp */

/* ---- The open session ---- */
#define RTMFP_SENDING_FLOWS_MAX 256   /* in one session, open or lingering */
#define RTMFP_RECEIVING_FLOWS_MAX 256 /* in one session, open or lingering */
#define RTMFP_ACK_EVERY_PACKETS 2     /* s3.6.3.2 */
#define RTMFP_ACK_ALONE_US 8000 /* a data packet so long after the last is acknowledged at once */
#define RTMFP_ACK_DELAY_US                                                                         \
  20000                         /* data is acknowledged after so long; at most 200 ms, s3.6.3.4.4 */
#define RTMFP_ACK_RIDE_US 30000 /* but not when data of ours left so short before: it rides */
#define RTMFP_REORDER_US_MIN 1000 /* so much later than one sent behind it may a packet come */
#define RTMFP_PROBE_MARGIN_US_MIN                                                                  \
  25000                           /* a probe waits so much longer than an acknowledgement takes */
#define RTMFP_PROBES_MAX 3        /* without an acknowledgement; then the timeout rules */
#define RTMFP_PING_BYTES_MAX 1400 /* echoed, as one datagram holds; longer pings are ignored */
#define RTMFP_REPLIES_BYTES_MAX                                                                    \
  4096 /* Ping Replies and refusals of flows waiting in one session                                \
        */
#define RTMFP_FORWARDS_BYTES_MAX 16384 /* Forwarded Hellos waiting in one session, each way */
#define RTMFP_DOUBT_PINGS 6            /* unanswered: whoever we had a session with is gone */
#define RTMFP_DOUBT_US_MIN 250000      /* between two of them: ERTO, held to these */
#define RTMFP_DOUBT_US_MAX 1000000
#define RTMFP_MOBILITY_CHECK_US 1000000 /* between checks, s3.5.4.2 */
#define RTMFP_MIRROR_US 2000000         /* so long an unverified address is mirrored to */
#define RTMFP_VOUCHED_BYTES 2400 /* so much in that time where the application vouches for it */
/* A path that was heard this short ago is not left for a higher interface. */
#define RTMFP_PATH_ALIVE_US 300000
#define RTMFP_MOBILITY_LIFE_US 120000000  /* s3.5.4.2 */
#define RTMFP_CLOSE_RETRY_US 5000000      /* s3.5.5 */
#define RTMFP_NEARCLOSE_US 90000000       /* s3.5.5 */
#define RTMFP_FARCLOSE_LINGER_US 19000000 /* s3.5.5 */
#define RTMFP_RETRANSMIT_LIMIT_US                                                                  \
  60000000 /* default of RtmfpSessionOptions.retransmit_limit_us                                   \
            */
#define RTMFP_QUIET_US                                                                             \
  5000000 /* after so long without a packet an idle session gives memory back */
#define RTMFP_KEEPALIVE_US 30000000 /* default of RtmfpSessionOptions.keepalive_us */

/* ---- Captures: events that wait for the host ---- */
#define RTMFP_CAPTURE_EVENTS 4096        /* default of RtmfpCaptureConfig.events_max */
#define RTMFP_CAPTURE_EVENTS_MIN 16      /* room for the chunks of one full packet */
#define RTMFP_CAPTURE_EVENTS_MAX 1048576 /* about 1 GiB */
#define RTMFP_CAPTURE_CHUNKS_PER_EVENT 4 /* room for chunks, on average; then they are left out */

#endif
