/* SPDX-License-Identifier: Apache-2.0 */
/* Where core's remarks go: an injected sink. What a peer sends is never told above debug. */
#ifndef RTMFP_BASE_LOG_H
#define RTMFP_BASE_LOG_H

/* How much a remark matters. */
typedef enum { RTMFP_LOG_DEBUG, RTMFP_LOG_INFO, RTMFP_LOG_WARNING } RtmfpLogLevel;

/* The sink; zeroed = nobody listens. */
typedef struct {
  /* One remark without a line end (borrowed during the call). NULL = nobody listens. */
  void (*write) (void *user, RtmfpLogLevel level, const char *room, const char *text);
  void *user; /* (borrowed) */
} RtmfpLog;

#endif
