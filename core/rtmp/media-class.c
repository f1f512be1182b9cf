/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at the first bytes of media messages. FLV 10.1 sE.4.2, sE.4.3; Enhanced RTMP v2. */
#include "core/rtmp/media-class.h"

#include <stddef.h>

enum {
  SOUND_FORMAT_EX = 9,
  SOUND_FORMAT_AAC = 10,
  VIDEO_EX_BIT = 0x80,
  FRAME_KEY = 1,
  FRAME_COMMAND = 5,
  CODEC_AVC = 7,
  CODEC_HEVC = 12, /* by convention of some publishers */
  PACKET_SEQUENCE_START = 0,
  PACKET_SEQUENCE_END = 2,
  PACKET_VIDEO_METADATA = 4,
  PACKET_AUDIO_CHANNELS = 4,
  PACKET_AUDIO_MULTITRACK = 5,
  PACKET_MPEG2TS_START = 5,
  PACKET_VIDEO_MULTITRACK = 6,
  PACKET_MOD_EX = 7,
};

/* The packet type behind modifiers and the head of several tracks; -1 = cut short. */
static int
packet_type (RtmfpBytes body, int multitrack) {
  int type = body.data[0] & 15;
  size_t at = 1;
  while (type == PACKET_MOD_EX) {
    if (at >= body.size) {
      return -1;
    }
    size_t skip = (size_t)body.data[at++] + 1;
    if (skip == 256) {
      if (body.size - at < 2) {
        return -1;
      }
      skip = ((size_t)body.data[at] << 8 | body.data[at + 1]) + 1;
      at += 2;
    }
    if (body.size - at <= skip) {
      return -1;
    }
    type = body.data[at + skip] & 15;
    at += skip + 1;
  }
  if (type == multitrack) {
    return at < body.size ? body.data[at] & 15 : -1;
  }
  return type;
}

RtmfpMediaClass
rtmfp_audio_class (RtmfpBytes body) {
  if (body.size == 0) {
    return RTMFP_CLASS_OTHER;
  }
  const int format = body.data[0] >> 4;
  if (format == SOUND_FORMAT_AAC) {
    return body.size > 1 && body.data[1] == 0 ? RTMFP_CLASS_HEADER : RTMFP_CLASS_FRAME;
  }
  if (format != SOUND_FORMAT_EX) {
    return RTMFP_CLASS_FRAME;
  }
  switch (packet_type (body, PACKET_AUDIO_MULTITRACK)) {
  case PACKET_SEQUENCE_START:
    return RTMFP_CLASS_HEADER;
  case PACKET_SEQUENCE_END:
  case PACKET_AUDIO_CHANNELS:
    return RTMFP_CLASS_OTHER;
  default:
    return RTMFP_CLASS_FRAME;
  }
}

static RtmfpMediaClass
frame_class (int frame_type) {
  return frame_type == FRAME_KEY       ? RTMFP_CLASS_KEY
         : frame_type == FRAME_COMMAND ? RTMFP_CLASS_OTHER
                                       : RTMFP_CLASS_FRAME;
}

RtmfpMediaClass
rtmfp_video_class (RtmfpBytes body) {
  if (body.size == 0) {
    return RTMFP_CLASS_OTHER;
  }
  if ((body.data[0] & VIDEO_EX_BIT) == 0) {
    const int codec = body.data[0] & 15;
    const bool has_type = (codec == CODEC_AVC || codec == CODEC_HEVC) && body.size > 1;
    if (has_type && body.data[1] == PACKET_SEQUENCE_START) {
      return RTMFP_CLASS_HEADER;
    }
    return has_type && body.data[1] == PACKET_SEQUENCE_END ? RTMFP_CLASS_OTHER
                                                           : frame_class (body.data[0] >> 4);
  }
  const int frame_type = body.data[0] >> 4 & 7;
  if (frame_type == FRAME_COMMAND) {
    return RTMFP_CLASS_OTHER;
  }
  switch (packet_type (body, PACKET_VIDEO_MULTITRACK)) {
  case PACKET_SEQUENCE_START:
  case PACKET_MPEG2TS_START:
    return RTMFP_CLASS_HEADER;
  case PACKET_SEQUENCE_END:
  case PACKET_VIDEO_METADATA:
    return RTMFP_CLASS_OTHER;
  default:
    return frame_class (frame_type);
  }
}
