/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors over bytes: a reader that cannot run over, a writer that cannot overflow. Network order.
 */
#ifndef RTMFP_BASE_BYTES_H
#define RTMFP_BASE_BYTES_H

#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that somebody else owns. */
typedef struct {
  const uint8_t *data; /* (borrowed) */
  size_t size;
} RtmfpBytes;

/* A place in bytes that are read. */
typedef struct {
  const uint8_t *at; /* (borrowed) next byte to read */
  const uint8_t *end;
} RtmfpReader;

/* A place in memory that is written. */
typedef struct {
  uint8_t *start; /* (borrowed) */
  uint8_t *at;    /* next byte to write */
  uint8_t *end;
} RtmfpWriter;

/* size bytes at data (borrowed). */
static inline RtmfpBytes
rtmfp_bytes (const void *data, size_t size) {
  const RtmfpBytes bytes = {(const uint8_t *)data, size};
  return bytes;
}

/* Whether both have the same size and the same bytes. Not in constant time. */
RTMFP_API bool rtmfp_bytes_equal (RtmfpBytes a, RtmfpBytes b);

/* Reads size bytes at data (borrowed) from the first on. */
static inline RtmfpReader
rtmfp_reader (const void *data, size_t size) {
  const uint8_t *at = (const uint8_t *)data;
  const RtmfpReader reader = {at, size > 0 ? at + size : at};
  return reader;
}

/* Bytes that were not read yet. */
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

/* Writes into size bytes at data (borrowed). */
static inline RtmfpWriter
rtmfp_writer (void *data, size_t size) {
  uint8_t *at = (uint8_t *)data;
  const RtmfpWriter writer = {at, at, at + size};
  return writer;
}

/* Bytes that were written. */
static inline size_t
rtmfp_writer_size (const RtmfpWriter *writer) {
  return (size_t)(writer->at - writer->start);
}

/* Bytes that can still be written. */
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

#ifdef __cplusplus
}
#endif

#endif
