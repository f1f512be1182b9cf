/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds of an endpoint, each reached in tests/endpoint. */
#ifndef RTMFP_ENDPOINT_PARAMS_H
#define RTMFP_ENDPOINT_PARAMS_H

#define RTMFP_IDENTITIES_MAX 256
#define RTMFP_EXPECTED_MAX 64    /* fingerprints expected under one identity */
#define RTMFP_SESSIONS_MAX 65536 /* default of RtmfpEndpointConfig.sessions_max */
#define RTMFP_SESSIONS_PER_ADDRESS 32
#define RTMFP_RESPONDING_MAX 64      /* keyings of others whose job is out */
#define RTMFP_OUTBOX_PACKETS_MAX 256 /* answers to hellos that wait to be sent */
#define RTMFP_HELLO_EVENTS_MAX 256   /* hellos that wait to be polled, and that were lately */

/* Answers to strangers, RFC 7016 s5 and s3.5.1.1.2: */
#define RTMFP_ANSWER_FACTOR_MAX 3 /* an answer is at most so many times as long as its question */
#define RTMFP_HELLO_BYTES_MIN                                                                      \
  52                              /* what a question counts when its length is not known any more  \
                                   */
#define RTMFP_ANSWER_BUCKETS 1024 /* hashed by IP address */
#define RTMFP_ANSWER_BURST 200    /* longer answers than questions, to one bucket */
#define RTMFP_ANSWER_INTERVAL_US 5000 /* one more each */

/* Interfaces beside 0 on which addresses are tried. */
#define RTMFP_INTERFACES_MAX 3

#endif
