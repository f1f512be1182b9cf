/* SPDX-License-Identifier: Apache-2.0 */
/* Internet socket addresses with their origin, RFC 7016 s2.1.5. */
#ifndef RTMFP_WIRE_SOCKET_ADDRESS_H
#define RTMFP_WIRE_SOCKET_ADDRESS_H

#include "core/base/address.h"
#include "core/base/bytes.h"

#define RTMFP_SOCKET_ADDRESS_SIZE_MAX 19

/* Reads one address; reserved bits are ignored, an IPv4-mapped IPv6 address becomes IPv4.
 * Returns: OK; TRUNCATED (nothing moves). */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_socket_address (RtmfpReader *reader, RtmfpAddress *address);

/* Writes an IPv4 or IPv6 address: 7 or 19 bytes. Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_socket_address (RtmfpWriter *writer,
                                                       const RtmfpAddress *address);

#endif
