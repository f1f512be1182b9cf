/* SPDX-License-Identifier: Apache-2.0 */
/* What a relay must know of an audio or video message without decoding it: is it a header, a key
 * frame? For legacy FLV codecs and for Enhanced RTMP's FourCC form. Source: FLV 10.1 sE.4.2,
 * sE.4.3; Enhanced RTMP v2. */
#ifndef RTMFP_RTMP_MEDIA_CLASS_H
#define RTMFP_RTMP_MEDIA_CLASS_H

#include "core/base/bytes.h"

typedef enum {
  RTMFP_CLASS_FRAME,  /* may need frames before it */
  RTMFP_CLASS_KEY,    /* video: needs no frame before it */
  RTMFP_CLASS_HEADER, /* a decoder needs it before any frame */
  RTMFP_CLASS_OTHER,  /* nothing depends on it: ends, commands, silence */
} RtmfpMediaClass;

/* Of the body of a message of type 8 (audio) or 9 (video). What is cut short or unknown is a FRAME,
 * an empty body is OTHER. */
RtmfpMediaClass rtmfp_audio_class (RtmfpBytes body);
RtmfpMediaClass rtmfp_video_class (RtmfpBytes body);

#endif
