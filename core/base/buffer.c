/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/buffer.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

void
rtmfp_buffer_clear (RtmfpBuffer *buffer) {
  free (buffer->data);
  *buffer = (RtmfpBuffer){0};
}

uint8_t *
rtmfp_buffer_reserve (RtmfpBuffer *buffer, size_t more) {
  if (more > SIZE_MAX / 2 - buffer->size) {
    rtmfp_memory_resize (buffer->data, SIZE_MAX, 2); /* ends the process */
  }
  size_t needed = buffer->size + more;
  if (needed > buffer->capacity) {
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
    while (capacity < needed) {
      capacity *= 2;
    }
    buffer->data = (uint8_t *)rtmfp_memory_resize (buffer->data, capacity, 1);
    buffer->capacity = capacity;
  }
  return buffer->data != NULL ? buffer->data + buffer->size : NULL;
}

void
rtmfp_buffer_append (RtmfpBuffer *buffer, RtmfpBytes bytes) {
  if (bytes.size > 0) {
    memcpy (rtmfp_buffer_reserve (buffer, bytes.size), bytes.data, bytes.size);
    buffer->size += bytes.size;
  }
}

static void
append_number (RtmfpBuffer *buffer, size_t width, uint64_t value) {
  uint8_t *out = rtmfp_buffer_reserve (buffer, width);
  for (size_t i = width; i > 0; i--) {
    out[i - 1] = (uint8_t)value;
    value >>= 8;
  }
  buffer->size += width;
}

void
rtmfp_buffer_append_u8 (RtmfpBuffer *buffer, uint8_t value) {
  append_number (buffer, 1, value);
}

void
rtmfp_buffer_append_u16 (RtmfpBuffer *buffer, uint16_t value) {
  append_number (buffer, 2, value);
}

void
rtmfp_buffer_append_u24 (RtmfpBuffer *buffer, uint32_t value) {
  append_number (buffer, 3, value);
}

void
rtmfp_buffer_append_u32 (RtmfpBuffer *buffer, uint32_t value) {
  append_number (buffer, 4, value);
}

void
rtmfp_buffer_append_u64 (RtmfpBuffer *buffer, uint64_t value) {
  append_number (buffer, 8, value);
}

uint8_t *
rtmfp_buffer_take (RtmfpBuffer *buffer, size_t *size) {
  uint8_t *data = buffer->data;
  *size = buffer->size;
  *buffer = (RtmfpBuffer){0};
  return data;
}
