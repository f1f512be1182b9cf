/* SPDX-License-Identifier: Apache-2.0 */
/* The chunks of an open session that belong to no flow: Ping, Ping Reply, Close, Close
 * Acknowledgement, RFC 7016 s2.3.9, s2.3.10, s2.3.17 and s2.3.18; and the ECN report of
 * zenomt/rtmfp-cpp.
 *
 * The payload of Ping and Ping Reply is the message itself (borrow it from RtmfpChunk.payload);
 * that of Close and its acknowledgement is empty and whatever stands there is ignored. So only
 * writers are needed. */
#ifndef RTMFP_WIRE_CONTROL_CHUNK_H
#define RTMFP_WIRE_CONTROL_CHUNK_H

#include "core/base/bytes.h"

/* Each returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_ping (RtmfpWriter *writer, RtmfpBytes message);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_ping_reply (RtmfpWriter *writer, RtmfpBytes message_echo);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_close (RtmfpWriter *writer);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_close_ack (RtmfpWriter *writer);

/* The ECN report (type 0xec): the low 8 bits of how many packets came in marked Congestion
 * Experienced. Returns: OK; TRUNCATED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_ecn_report (RtmfpBytes payload, uint8_t *ce_count);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_ecn_report (RtmfpWriter *writer, uint8_t ce_count);

#endif
