/* SPDX-License-Identifier: Apache-2.0 */
/* The outermost frame of a datagram: the scrambled session id, RFC 7016 s2.2.2.
 *
 * A session id here is the four bytes read in network order, also in the chunks that carry it. */
#ifndef RTMFP_WIRE_MULTIPLEX_H
#define RTMFP_WIRE_MULTIPLEX_H

#include "core/base/bytes.h"

/* The session id of a datagram. datagram in (borrowed): scrambled id and encrypted packet.
 * Returns: OK; TRUNCATED (fewer than four bytes). */
RTMFP_MUST_USE RtmfpStatus rtmfp_multiplex_session_id (RtmfpBytes datagram, uint32_t *session_id);

/* Puts the scrambled session id into the first four bytes of a datagram whose encrypted packet
 * stands behind them. size: of the datagram, at least 4. */
void rtmfp_multiplex_scramble (uint8_t *datagram, size_t size, uint32_t session_id);

#endif
