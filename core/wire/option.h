/* SPDX-License-Identifier: Apache-2.0 */
/* Options and markers, RFC 7016 s2.1.3: length, type, value. */
#ifndef RTMFP_WIRE_OPTION_H
#define RTMFP_WIRE_OPTION_H

#include "core/base/bytes.h"

typedef struct {
  bool is_marker; /* an option of length 0: no type, no value */
  uint64_t type;
  RtmfpBytes value; /* (borrowed, as long as the input) */
} RtmfpOption;

/* Reads one option or marker. Returns: OK; TRUNCATED; MALFORMED. On failure nothing moves. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_option (RtmfpReader *reader, RtmfpOption *option);

/* Bytes that rtmfp_write_option takes. */
size_t rtmfp_option_size (uint64_t type, size_t value_size);

/* Writes one option. Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_option (RtmfpWriter *writer, uint64_t type,
                                               RtmfpBytes value);

/* Writes an option whose value is one VLU. Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_option_vlu (RtmfpWriter *writer, uint64_t type,
                                                   uint64_t value);

/* Writes the empty option. Returns: OK; TRUNCATED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_marker (RtmfpWriter *writer);

#endif
