/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes the headers of audio and video bodies. Enhanced RTMP v2, "Enhanced Audio",
 * "Enhanced Video". */
#include "core/rtmp/media-tag.h"

/* Audio: the upper four bits say "extended", the lower are the packet type. */
#define AUDIO_EXTENDED 0x90
/* Video: the uppermost bit says "extended", three bits of frame type, four of packet type. */
#define VIDEO_EXTENDED 0x80

enum { AUDIO_START = 0, AUDIO_FRAMES = 1, AUDIO_END = 2, AUDIO_CHANNELS = 4, AUDIO_MODIFIED = 7 };
enum {
  VIDEO_START = 0,
  VIDEO_FRAMES = 1,
  VIDEO_END = 2,
  VIDEO_FRAMES_X = 3, /* composition time 0 is left out */
  VIDEO_METADATA = 4,
  VIDEO_MODIFIED = 7,
};
enum { FRAME_KEY = 1, FRAME_INTER = 2, FRAME_DISPOSABLE = 3, FRAME_COMMAND = 5 };

#define MODIFIER_NANOSECONDS 0
#define NANOSECONDS_MAX 999999

/* The codecs whose frames carry a composition time. */
static bool
has_composition (uint32_t fourcc) {
  return fourcc == RTMFP_FOURCC_AVC || fourcc == RTMFP_FOURCC ('h', 'v', 'c', '1') ||
         fourcc == RTMFP_FOURCC ('v', 'v', 'c', '1');
}

/* Appends the first byte, with the nanoseconds between it and the packet type when there are some.
 */
static void
append_first (RtmfpBuffer *out, uint8_t upper, uint8_t modified, uint8_t packet,
              uint32_t nanoseconds) {
  if (nanoseconds == 0) {
    rtmfp_buffer_append_u8 (out, upper | packet);
    return;
  }
  rtmfp_buffer_append_u8 (out, upper | modified);
  rtmfp_buffer_append_u8 (out, 3 - 1);
  rtmfp_buffer_append_u24 (out, nanoseconds);
  rtmfp_buffer_append_u8 (out, (uint8_t)(MODIFIER_NANOSECONDS << 4 | packet));
}

RtmfpStatus
rtmfp_audio_tag_write (RtmfpBuffer *out, const RtmfpMediaTag *tag) {
  uint8_t packet;
  switch (tag->kind) {
  case RTMFP_TAG_SEQUENCE_START:
    packet = AUDIO_START;
    break;
  case RTMFP_TAG_FRAMES:
    packet = AUDIO_FRAMES;
    break;
  case RTMFP_TAG_SEQUENCE_END:
    packet = AUDIO_END;
    break;
  case RTMFP_TAG_CHANNELS:
    packet = AUDIO_CHANNELS;
    break;
  default:
    return RTMFP_MALFORMED;
  }
  if (tag->offset_ns > NANOSECONDS_MAX) {
    return RTMFP_MALFORMED;
  }
  append_first (out, AUDIO_EXTENDED, AUDIO_MODIFIED, packet, tag->offset_ns);
  rtmfp_buffer_append_u32 (out, tag->fourcc);
  rtmfp_buffer_append (out, tag->data);
  return RTMFP_OK;
}

static RtmfpStatus
video_packet_type (const RtmfpMediaTag *tag, uint8_t *packet) {
  switch (tag->kind) {
  case RTMFP_TAG_SEQUENCE_START:
    *packet = VIDEO_START;
    return RTMFP_OK;
  case RTMFP_TAG_FRAMES:
    *packet =
        has_composition (tag->fourcc) && tag->composition_ms == 0 ? VIDEO_FRAMES_X : VIDEO_FRAMES;
    return RTMFP_OK;
  case RTMFP_TAG_SEQUENCE_END:
    *packet = VIDEO_END;
    return RTMFP_OK;
  case RTMFP_TAG_METADATA:
    *packet = VIDEO_METADATA;
    return RTMFP_OK;
  case RTMFP_TAG_COMMAND:
    *packet = VIDEO_FRAMES; /* not interpreted: the frame type says "command" */
    return RTMFP_OK;
  default:
    return RTMFP_MALFORMED;
  }
}

static uint8_t
video_frame_type (const RtmfpMediaTag *tag) {
  if (tag->kind == RTMFP_TAG_COMMAND) {
    return FRAME_COMMAND;
  }
  if (tag->key_frame || tag->kind == RTMFP_TAG_SEQUENCE_START) {
    return FRAME_KEY; /* a configuration record is sought to as a key frame is */
  }
  return tag->disposable ? FRAME_DISPOSABLE : FRAME_INTER;
}

RtmfpStatus
rtmfp_video_tag_write (RtmfpBuffer *out, const RtmfpMediaTag *tag) {
  uint8_t packet;
  const RtmfpStatus status = video_packet_type (tag, &packet);
  if (status != RTMFP_OK) {
    return status;
  }
  if (tag->offset_ns > NANOSECONDS_MAX || tag->composition_ms < -0x800000 ||
      tag->composition_ms > 0x7fffff) {
    return RTMFP_MALFORMED;
  }
  append_first (out, (uint8_t)(VIDEO_EXTENDED | video_frame_type (tag) << 4), VIDEO_MODIFIED,
                packet, tag->offset_ns);
  if (tag->kind == RTMFP_TAG_COMMAND) {
    rtmfp_buffer_append_u8 (out, tag->command);
    return RTMFP_OK;
  }
  rtmfp_buffer_append_u32 (out, tag->fourcc);
  if (packet == VIDEO_FRAMES && has_composition (tag->fourcc)) {
    rtmfp_buffer_append_u24 (out, (uint32_t)tag->composition_ms & 0xffffff);
  }
  rtmfp_buffer_append (out, tag->data);
  return RTMFP_OK;
}

/* One modifier and the packet type behind it; modifiers that we do not know are skipped. */
static RtmfpStatus
read_modifier (RtmfpReader *reader, uint8_t *packet, RtmfpMediaTag *tag) {
  uint8_t size8, next;
  RtmfpBytes data;
  RtmfpStatus status = rtmfp_reader_u8 (reader, &size8);
  size_t size = (size_t)size8 + 1;
  if (status == RTMFP_OK && size == 256) {
    uint16_t size16;
    status = rtmfp_reader_u16 (reader, &size16);
    size = (size_t)size16 + 1;
  }
  if (status == RTMFP_OK) {
    status = rtmfp_reader_take (reader, size, &data);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_reader_u8 (reader, &next);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  *packet = next & 0x0f;
  if (next >> 4 == MODIFIER_NANOSECONDS) {
    if (size < 3) {
      return RTMFP_MALFORMED;
    }
    tag->offset_ns = (uint32_t)data.data[0] << 16 | (uint32_t)data.data[1] << 8 | data.data[2];
    return tag->offset_ns > NANOSECONDS_MAX ? RTMFP_MALFORMED : RTMFP_OK;
  }
  return RTMFP_OK;
}

/* Modifiers, as many as there are. */
static RtmfpStatus
read_modifiers (RtmfpReader *reader, uint8_t *packet, RtmfpMediaTag *tag) {
  RtmfpStatus status = RTMFP_OK;
  while (status == RTMFP_OK && *packet == VIDEO_MODIFIED) { /* the same number for audio */
    status = read_modifier (reader, packet, tag);
  }
  return status;
}

RtmfpStatus
rtmfp_audio_tag_read (RtmfpBytes body, RtmfpMediaTag *tag) {
  RtmfpMediaTag read = {.kind = RTMFP_TAG_SEQUENCE_END};
  if (body.size == 0) {
    *tag = read; /* the silence message */
    return RTMFP_OK;
  }
  if (body.data[0] >> 4 != AUDIO_EXTENDED >> 4) {
    return RTMFP_UNSUPPORTED;
  }
  RtmfpReader reader = rtmfp_reader (body.data + 1, body.size - 1);
  uint8_t packet = body.data[0] & 0x0f;
  const RtmfpStatus status = read_modifiers (&reader, &packet, &read);
  if (status != RTMFP_OK) {
    return status;
  }
  if (packet == AUDIO_START) {
    read.kind = RTMFP_TAG_SEQUENCE_START;
  } else if (packet == AUDIO_FRAMES) {
    read.kind = RTMFP_TAG_FRAMES;
  } else if (packet == AUDIO_CHANNELS) {
    read.kind = RTMFP_TAG_CHANNELS;
  } else if (packet != AUDIO_END) {
    return RTMFP_UNSUPPORTED;
  }
  const RtmfpStatus last = rtmfp_reader_u32 (&reader, &read.fourcc);
  if (last == RTMFP_OK) {
    read.data = rtmfp_reader_rest (&reader);
    *tag = read;
  }
  return last;
}

static RtmfpStatus
video_kind (uint8_t packet, RtmfpTagKind *kind) {
  switch (packet) {
  case VIDEO_START:
    *kind = RTMFP_TAG_SEQUENCE_START;
    return RTMFP_OK;
  case VIDEO_FRAMES:
  case VIDEO_FRAMES_X:
    *kind = RTMFP_TAG_FRAMES;
    return RTMFP_OK;
  case VIDEO_END:
    *kind = RTMFP_TAG_SEQUENCE_END;
    return RTMFP_OK;
  case VIDEO_METADATA:
    *kind = RTMFP_TAG_METADATA;
    return RTMFP_OK;
  default:
    return RTMFP_UNSUPPORTED; /* MPEG-2 TS, multitrack, reserved */
  }
}

static RtmfpStatus
read_video_rest (RtmfpReader *reader, uint8_t packet, RtmfpMediaTag *tag) {
  RtmfpStatus status = rtmfp_reader_u32 (reader, &tag->fourcc);
  if (status == RTMFP_OK && packet == VIDEO_FRAMES && has_composition (tag->fourcc)) {
    uint32_t bits;
    status = rtmfp_reader_u24 (reader, &bits);
    if (status == RTMFP_OK) {
      tag->composition_ms = (int32_t)bits - (bits & 0x800000 ? 0x1000000 : 0);
    }
  }
  if (status == RTMFP_OK) {
    tag->data = rtmfp_reader_rest (reader);
  }
  return status;
}

RtmfpStatus
rtmfp_video_tag_read (RtmfpBytes body, RtmfpMediaTag *tag) {
  if (body.size == 0) {
    return RTMFP_TRUNCATED;
  }
  if ((body.data[0] & VIDEO_EXTENDED) == 0) {
    return RTMFP_UNSUPPORTED;
  }
  RtmfpReader reader = rtmfp_reader (body.data + 1, body.size - 1);
  RtmfpMediaTag read = {0};
  const uint8_t frame = body.data[0] >> 4 & 0x07;
  uint8_t packet = body.data[0] & 0x0f;
  RtmfpStatus status = read_modifiers (&reader, &packet, &read);
  if (status != RTMFP_OK) {
    return status;
  }
  read.key_frame = frame == FRAME_KEY;
  read.disposable = frame == FRAME_DISPOSABLE;
  if (frame == FRAME_COMMAND && packet != VIDEO_METADATA) {
    read.kind = RTMFP_TAG_COMMAND;
    status = rtmfp_reader_u8 (&reader, &read.command);
  } else {
    status = video_kind (packet, &read.kind);
    if (status == RTMFP_OK) {
      status = read_video_rest (&reader, packet, &read);
    }
  }
  if (status == RTMFP_OK) {
    *tag = read;
  }
  return status;
}
