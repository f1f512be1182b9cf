/* SPDX-License-Identifier: Apache-2.0 */
/* Variable length unsigned integers, RFC 7016 s2.1.2: seven bits a byte, most significant first. */
#ifndef RTMFP_WIRE_VLU_H
#define RTMFP_WIRE_VLU_H

#include "core/base/bytes.h"

#define RTMFP_VLU_SIZE_MAX 10 /* bytes that rtmfp_write_vlu writes at most */

/* Reads one VLU of at most 64 bits. Leading zero digits are taken, up to RTMFP_VLU_BYTES_MAX bytes.
 * Returns: OK; TRUNCATED; MALFORMED (more than 64 bits or too many bytes). On failure nothing
 * moves. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_vlu (RtmfpReader *reader, uint64_t *value);

/* Reads a VLU length and then that many bytes in place (borrowed, as long as the input).
 * Returns: OK; TRUNCATED; MALFORMED. On failure nothing moves. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_vlu_bytes (RtmfpReader *reader, RtmfpBytes *bytes);

/* Bytes that rtmfp_write_vlu takes for value: 1 to RTMFP_VLU_SIZE_MAX, the shortest encoding. */
size_t rtmfp_vlu_size (uint64_t value);

/* Writes value in its shortest encoding. Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_vlu (RtmfpWriter *writer, uint64_t value);

/* Writes a VLU length and the bytes. Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_vlu_bytes (RtmfpWriter *writer, RtmfpBytes bytes);

#endif
