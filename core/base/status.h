/* SPDX-License-Identifier: Apache-2.0 */
/* What a core function answers: the name tells the caller its next move. */
#ifndef RTMFP_BASE_STATUS_H
#define RTMFP_BASE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* What a function answers. On all but OK its results are not touched. */
typedef enum {
  RTMFP_OK = 0,
  RTMFP_TRUNCATED,   /* input ended early, or output has no room: drop the packet / try a larger one
                      */
  RTMFP_MALFORMED,   /* input breaks its grammar: drop the packet */
  RTMFP_AUTH,        /* a check of authenticity failed: drop the packet */
  RTMFP_FULL,        /* drain (poll) and retry */
  RTMFP_STATE,       /* not possible in this state, or no such id: refuse */
  RTMFP_UNSUPPORTED, /* known but not done here: decline */
  RTMFP_LIMIT,       /* a bound of a params.h was reached */
} RtmfpStatus;

#if defined(__GNUC__)
/* Whoever calls has to look at the answer. */
#define RTMFP_MUST_USE __attribute__ ((warn_unused_result))
#else
#define RTMFP_MUST_USE
#endif

/* The public symbols of the library. */
#if defined(__GNUC__)
#define RTMFP_API __attribute__ ((visibility ("default")))
#else
#define RTMFP_API
#endif

/* A few words for remarks and logs: "a bound was reached". Never NULL. (static) */
RTMFP_API const char *rtmfp_status_text (RtmfpStatus status);

#ifdef __cplusplus
}
#endif

#endif
