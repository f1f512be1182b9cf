/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds of core/rtmp, chosen by us. */
#ifndef RTMFP_RTMP_PARAMS_H
#define RTMFP_RTMP_PARAMS_H

/* Flows that one barrier may hold, and barriers open at once in one session. RFC 7425 s5.2 has no
 * bound. */
#define RTMFP_SYNC_FLOWS_MAX 32
#define RTMFP_SYNC_BARRIERS_MAX 16

#endif
