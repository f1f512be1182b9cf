/* SPDX-License-Identifier: Apache-2.0 */
/* A byte string that grows. */
#ifndef RTMFP_BASE_BUFFER_H
#define RTMFP_BASE_BUFFER_H

#include "core/base/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of our own that grow. Zeroed is empty. */
typedef struct {
  uint8_t *data; /* (owned) NULL while nothing was ever reserved */
  size_t size;
  size_t capacity;
} RtmfpBuffer;

/* Frees the memory and leaves an empty buffer that may be used again. A zeroed struct is empty too.
 */
RTMFP_API void rtmfp_buffer_clear (RtmfpBuffer *buffer);

/* Room for more bytes behind size; returns where they go. size does not change. */
RTMFP_API uint8_t *rtmfp_buffer_reserve (RtmfpBuffer *buffer, size_t more);

/* Each appends (copied), numbers in network order. Out of memory ends the process. */
RTMFP_API void rtmfp_buffer_append (RtmfpBuffer *buffer, RtmfpBytes bytes);
RTMFP_API void rtmfp_buffer_append_u8 (RtmfpBuffer *buffer, uint8_t value);
RTMFP_API void rtmfp_buffer_append_u16 (RtmfpBuffer *buffer, uint16_t value);
RTMFP_API void rtmfp_buffer_append_u24 (RtmfpBuffer *buffer, uint32_t value);
RTMFP_API void rtmfp_buffer_append_u32 (RtmfpBuffer *buffer, uint32_t value);
RTMFP_API void rtmfp_buffer_append_u64 (RtmfpBuffer *buffer, uint64_t value);

/* The bytes written so far (borrowed until the next change). */
static inline RtmfpBytes
rtmfp_buffer_bytes (const RtmfpBuffer *buffer) {
  return rtmfp_bytes (buffer->data, buffer->size);
}

/* Hands the memory to the caller (owned, free with free()) and leaves an empty buffer. */
RTMFP_API uint8_t *rtmfp_buffer_take (RtmfpBuffer *buffer, size_t *size);

#ifdef __cplusplus
}
#endif

#endif
