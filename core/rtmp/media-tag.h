/* SPDX-License-Identifier: Apache-2.0 */
/* The header in front of a coded frame: bodies of audio (8) and video (9) messages, by Enhanced
 * RTMP's FourCC form; legacy FLV forms are recognised and declined. Source: Enhanced RTMP v2,
 * "Enhanced Audio", "Enhanced Video". */
#ifndef RTMFP_RTMP_MEDIA_TAG_H
#define RTMFP_RTMP_MEDIA_TAG_H

#include "core/base/buffer.h"
#include "core/base/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A codec by its four letters, as they stand in the tag. */
#define RTMFP_FOURCC(a, b, c, d)                                                                   \
  ((uint32_t)(uint8_t)(a) << 24 | (uint32_t)(uint8_t)(b) << 16 | (uint32_t)(uint8_t)(c) << 8 |     \
   (uint32_t)(uint8_t)(d))
#define RTMFP_FOURCC_OPUS RTMFP_FOURCC ('O', 'p', 'u', 's')
#define RTMFP_FOURCC_VP8 RTMFP_FOURCC ('v', 'p', '0', '8')
#define RTMFP_FOURCC_AVC RTMFP_FOURCC ('a', 'v', 'c', '1')

/* What follows the tag. */
typedef enum {
  RTMFP_TAG_SEQUENCE_START, /* data = codec's own header (OpusHead, VP or AVC configuration record)
                             */
  RTMFP_TAG_FRAMES,         /* data = coded frames */
  RTMFP_TAG_SEQUENCE_END,   /* no data; for audio also the empty "silence" message */
  RTMFP_TAG_METADATA,       /* video: data = AMF0 [name, value] pairs */
  RTMFP_TAG_COMMAND,        /* video: command 0 or 1 (seek start, seek end), no data */
  RTMFP_TAG_CHANNELS,       /* audio: data = multichannel configuration */
} RtmfpTagKind;

/* One tag. */
typedef struct {
  RtmfpTagKind kind;
  uint32_t fourcc;        /* 0 for the silence message and commands */
  bool key_frame;         /* video */
  bool disposable;        /* video: nothing depends on it */
  int32_t composition_ms; /* avc1: presentation minus decoding time, -2^23 .. 2^23 - 1 */
  uint32_t offset_ns;     /* 0..999999 ns on top of the message's timestamp */
  uint8_t command;
  RtmfpBytes data; /* (borrowed from the input) */
} RtmfpMediaTag;

/* Appends header and data of an audio body. kind: SEQUENCE_START, FRAMES or SEQUENCE_END.
 * Returns: OK; MALFORMED (a kind that audio has not). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_audio_tag_write (RtmfpBuffer *out,
                                                            const RtmfpMediaTag *tag);
/* The same for video. AVC frames with composition_ms 0 take the short form. kind: all but CHANNELS.
 */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_video_tag_write (RtmfpBuffer *out,
                                                            const RtmfpMediaTag *tag);

/* Reads an audio body. Returns: OK; TRUNCATED; MALFORMED; UNSUPPORTED (legacy codecs, multitrack,
 * reserved packet types). Unknown FourCCs are read: the caller declines them. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_audio_tag_read (RtmfpBytes body, RtmfpMediaTag *tag);
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_video_tag_read (RtmfpBytes body, RtmfpMediaTag *tag);

#ifdef __cplusplus
}
#endif

#endif
