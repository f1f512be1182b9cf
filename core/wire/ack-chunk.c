/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/ack-chunk.h"

#include "core/wire/packet.h"
#include "core/wire/vlu.h"

#include <assert.h>

static RtmfpStatus
read_fixed (RtmfpBytes payload, bool is_bitmap, RtmfpAck *ack) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpAck result = {.is_bitmap = is_bitmap};
  uint64_t blocks;
  RtmfpStatus status = rtmfp_read_vlu (&reader, &result.flow_id);
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu (&reader, &blocks);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu (&reader, &result.cumulative_ack);
  }
  if (status == RTMFP_OK) {
    bool fits = blocks <= UINT64_MAX / RTMFP_ACK_BLOCK_BYTES;
    result.buffer_bytes_available = fits ? blocks * RTMFP_ACK_BLOCK_BYTES : UINT64_MAX;
    result.rest = reader;
    result.cursor = is_bitmap ? 0 : result.cumulative_ack;
    *ack = result;
  }
  return status;
}

RtmfpStatus
rtmfp_read_ack_ranges (RtmfpBytes payload, RtmfpAck *ack) {
  return read_fixed (payload, false, ack);
}

RtmfpStatus
rtmfp_read_ack_bitmap (RtmfpBytes payload, RtmfpAck *ack) {
  return read_fixed (payload, true, ack);
}

/* cursor is the last number spoken of. */
static bool
next_of_ranges (RtmfpAck *ack, RtmfpRange *range) {
  uint64_t holes, received;
  uint64_t left = UINT64_MAX - ack->cursor;
  if (rtmfp_read_vlu (&ack->rest, &holes) != RTMFP_OK ||
      rtmfp_read_vlu (&ack->rest, &received) != RTMFP_OK || left < 2 || left - 2 < holes ||
      left - 2 - holes < received) {
    ack->rest.at = ack->rest.end;
    return false;
  }
  range->first = ack->cursor + holes + 2;
  range->last = range->first + received;
  ack->cursor = range->last;
  return true;
}

static bool
bit_is_set (const RtmfpAck *ack, uint64_t bit) {
  return (ack->rest.at[bit / 8] >> (bit % 8) & 1) != 0;
}

/* cursor is the next bit to look at; bit n stands for cumulative_ack + 2 + n, least significant bit
 * of each byte first. */
static bool
next_of_bitmap (RtmfpAck *ack, RtmfpRange *range) {
  uint64_t bits = (uint64_t)rtmfp_reader_left (&ack->rest) * 8;
  uint64_t left = UINT64_MAX - ack->cumulative_ack;
  uint64_t nameable = left < 2 ? 0 : left - 2 < bits ? left - 1 : bits;
  while (ack->cursor < nameable && !bit_is_set (ack, ack->cursor)) {
    ack->cursor++;
  }
  if (ack->cursor >= nameable) {
    return false;
  }
  range->first = ack->cumulative_ack + 2 + ack->cursor;
  while (ack->cursor < nameable && bit_is_set (ack, ack->cursor)) {
    ack->cursor++;
  }
  range->last = ack->cumulative_ack + 1 + ack->cursor;
  return true;
}

bool
rtmfp_ack_next_range (RtmfpAck *ack, RtmfpRange *range) {
  return ack->is_bitmap ? next_of_bitmap (ack, range) : next_of_ranges (ack, range);
}

static uint64_t
blocks_available (const RtmfpAckContent *content) {
  uint64_t bytes = content->buffer_bytes_available;
  return bytes / RTMFP_ACK_BLOCK_BYTES + (bytes % RTMFP_ACK_BLOCK_BYTES != 0 ? 1 : 0);
}

static size_t
fixed_size (const RtmfpAckContent *content) {
  return RTMFP_CHUNK_HEADER_BYTES + rtmfp_vlu_size (content->flow_id) +
         rtmfp_vlu_size (blocks_available (content)) + rtmfp_vlu_size (content->cumulative_ack);
}

static RtmfpStatus
write_fixed (RtmfpWriter *writer, uint8_t type, const RtmfpAckContent *content, uint8_t **mark) {
  RtmfpStatus status = rtmfp_begin_chunk (writer, type, mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, content->flow_id);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, blocks_available (content));
  }
  return status == RTMFP_OK ? rtmfp_write_vlu (writer, content->cumulative_ack) : status;
}

/* The last number before range i that was received: of the range before it, or cumulative_ack. */
static uint64_t
received_before (const RtmfpAckContent *content, size_t i) {
  uint64_t before = i > 0 ? content->ranges[i - 1].last : content->cumulative_ack;
  assert (content->ranges[i].first >= 2 && content->ranges[i].first - 2 >= before);
  return before;
}

static RtmfpStatus
write_range (RtmfpWriter *writer, const RtmfpAckContent *content, size_t i) {
  uint64_t holes = content->ranges[i].first - received_before (content, i) - 2;
  uint64_t received = content->ranges[i].last - content->ranges[i].first;
  if (rtmfp_writer_room (writer) < rtmfp_vlu_size (holes) + rtmfp_vlu_size (received)) {
    return RTMFP_TRUNCATED;
  }
  RtmfpStatus status = rtmfp_write_vlu (writer, holes);
  return status == RTMFP_OK ? rtmfp_write_vlu (writer, received) : status;
}

RtmfpStatus
rtmfp_write_ack_ranges (RtmfpWriter *writer, const RtmfpAckContent *content,
                        size_t *ranges_written) {
  uint8_t *mark;
  RtmfpStatus status = write_fixed (writer, RTMFP_CHUNK_ACK_RANGES, content, &mark);
  size_t count = 0;
  while (status == RTMFP_OK && count < content->range_count &&
         write_range (writer, content, count) == RTMFP_OK) {
    count++;
  }
  status = rtmfp_finish_chunk (writer, mark, status);
  if (status == RTMFP_OK && ranges_written != NULL) {
    *ranges_written = count;
  }
  return status;
}

RtmfpStatus
rtmfp_write_ack_bitmap (RtmfpWriter *writer, const RtmfpAckContent *content) {
  uint8_t *mark;
  RtmfpStatus status = write_fixed (writer, RTMFP_CHUNK_ACK_BITMAP, content, &mark);
  uint8_t *field = writer->at;
  for (size_t i = 0; status == RTMFP_OK && i < content->range_count; i++) {
    (void)received_before (content, i);
    for (uint64_t number = content->ranges[i].first;; number++) {
      uint64_t bit = number - content->cumulative_ack - 2;
      while (bit / 8 >= (uint64_t)(writer->at - field)) {
        if (rtmfp_writer_u8 (writer, 0) != RTMFP_OK) {
          return rtmfp_finish_chunk (writer, mark, RTMFP_OK);
        }
      }
      field[bit / 8] |= (uint8_t)(1u << bit % 8);
      if (number == content->ranges[i].last) {
        break;
      }
    }
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

size_t
rtmfp_ack_ranges_size (const RtmfpAckContent *content) {
  size_t size = fixed_size (content);
  for (size_t i = 0; i < content->range_count; i++) {
    uint64_t before = received_before (content, i);
    size += rtmfp_vlu_size (content->ranges[i].first - before - 2) +
            rtmfp_vlu_size (content->ranges[i].last - content->ranges[i].first);
  }
  return size;
}

size_t
rtmfp_ack_bitmap_size (const RtmfpAckContent *content) {
  size_t size = fixed_size (content);
  if (content->range_count > 0) {
    uint64_t last = content->ranges[content->range_count - 1].last;
    size += (size_t)((last - content->cumulative_ack - 2) / 8 + 1);
  }
  return size;
}

RtmfpStatus
rtmfp_read_flow_exception (RtmfpBytes payload, uint64_t *flow_id, uint64_t *code) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  uint64_t flow;
  RtmfpStatus status = rtmfp_read_vlu (&reader, &flow);
  if (status == RTMFP_OK) {
    status = rtmfp_read_vlu (&reader, code);
  }
  if (status == RTMFP_OK) {
    *flow_id = flow;
  }
  return status;
}

RtmfpStatus
rtmfp_write_flow_exception (RtmfpWriter *writer, uint64_t flow_id, uint64_t code) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_FLOW_EXCEPTION, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, flow_id);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, code);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}
