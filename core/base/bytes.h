/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors over bytes: a reader that cannot run over, a writer that cannot overflow. Network order.
 */
#ifndef RTMFP_BASE_BYTES_H
#define RTMFP_BASE_BYTES_H

#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns. */
typedef struct {
  const uint8_t *data; /* (borrowed) */
  size_t size;
} RtmfpBytes;

typedef struct {
  const uint8_t *at; /* (borrowed) next byte to read */
  const uint8_t *end;
} RtmfpReader;

typedef struct {
  uint8_t *start; /* (borrowed) */
  uint8_t *at;    /* next byte to write */
  uint8_t *end;
} RtmfpWriter;

static inline RtmfpBytes
rtmfp_bytes (const void *data, size_t size) {
  return (RtmfpBytes){.data = (const uint8_t *)data, .size = size};
}

RTMFP_API bool rtmfp_bytes_equal (RtmfpBytes a, RtmfpBytes b);

static inline RtmfpReader
rtmfp_reader (const void *data, size_t size) {
  const uint8_t *at = (const uint8_t *)data;
  return (RtmfpReader){.at = at, .end = size > 0 ? at + size : at};
}

static inline size_t
rtmfp_reader_left (const RtmfpReader *reader) {
  return (size_t)(reader->end - reader->at);
}

/* Each read answers RTMFP_TRUNCATED and moves nothing when too few bytes are left. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_reader_u8 (RtmfpReader *reader, uint8_t *value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_reader_u16 (RtmfpReader *reader, uint16_t *value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_reader_u24 (RtmfpReader *reader, uint32_t *value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_reader_u32 (RtmfpReader *reader, uint32_t *value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_reader_u64 (RtmfpReader *reader, uint64_t *value);
/* size bytes in place (borrowed, as long as the input). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_reader_take (RtmfpReader *reader, size_t size,
                                                        RtmfpBytes *bytes);
/* All that is left. */
RTMFP_API RtmfpBytes rtmfp_reader_rest (RtmfpReader *reader);

static inline RtmfpWriter
rtmfp_writer (void *data, size_t size) {
  uint8_t *at = (uint8_t *)data;
  return (RtmfpWriter){.start = at, .at = at, .end = at + size};
}

static inline size_t
rtmfp_writer_size (const RtmfpWriter *writer) {
  return (size_t)(writer->at - writer->start);
}

static inline size_t
rtmfp_writer_room (const RtmfpWriter *writer) {
  return (size_t)(writer->end - writer->at);
}

/* Each write answers RTMFP_TRUNCATED and writes nothing when it does not fit whole. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_writer_u8 (RtmfpWriter *writer, uint8_t value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_writer_u16 (RtmfpWriter *writer, uint16_t value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_writer_u24 (RtmfpWriter *writer, uint32_t value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_writer_u32 (RtmfpWriter *writer, uint32_t value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_writer_u64 (RtmfpWriter *writer, uint64_t value);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_writer_bytes (RtmfpWriter *writer, RtmfpBytes bytes);

#endif
