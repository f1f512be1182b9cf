/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounds and times of calls. */
#ifndef AHOY_CALL_PARAMS_H
#define AHOY_CALL_PARAMS_H

#include <stdint.h>

/* From the click to "unanswered", the caller's side, us. */
#define AHOY_CALL_UNANSWERED_US INT64_C (45000000)
/* The callee rings a little longer, in case the caller's cancel is lost, us. */
#define AHOY_CALL_RING_GRACE_US INT64_C (5000000)
/* From accept to a proven direct session, us. */
#define AHOY_CALL_CONNECT_US INT64_C (30000000)
/* Devices of the callee that are kept track of in one call. */
#define AHOY_CALL_DEVICES_MAX 16
/* Codecs in one list of an offer; more are ignored. */
#define AHOY_CALL_CODECS_MAX 8
/* A display name in an offer, bytes of UTF-8. */
#define AHOY_CALL_DISPLAY_NAME_BYTES_MAX 128
/* One body of a signal as bytes; longer ones are refused before they are read. */
#define AHOY_CALL_SIGNAL_BYTES_MAX 1024
/* Actions that wait to be polled. All that one call can need at most is 4 changes of state with 7
 * actions each; what a peer may cause again and again fills no more than half. */
#define AHOY_CALL_ACTIONS_MAX 64

#endif
