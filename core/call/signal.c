/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two programs say to each other about a call; bodies as AMF0 objects. */
#include "core/call/signal.h"

#include <string.h>

#define BODY_VERSION 1

void
ahoy_call_id_make (const RtmfpRng *rng, AhoyCallId *id) {
  rtmfp_rng_fill (rng, id->bytes, AHOY_CALL_ID_SIZE);
}

int
ahoy_call_id_compare (const AhoyCallId *a, const AhoyCallId *b) {
  return memcmp (a->bytes, b->bytes, AHOY_CALL_ID_SIZE);
}

void
ahoy_call_id_format (const AhoyCallId *id, char *text) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < AHOY_CALL_ID_SIZE; i++) {
    *text++ = digits[id->bytes[i] >> 4];
    *text++ = digits[id->bytes[i] & 15];
  }
  *text = '\0';
}

static int
digit_value (char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

RtmfpStatus
ahoy_call_id_parse (const char *text, AhoyCallId *id) {
  AhoyCallId read;
  for (size_t i = 0; i < AHOY_CALL_ID_SIZE; i++) {
    int high = digit_value (text[2 * i]);
    int low = high >= 0 ? digit_value (text[2 * i + 1]) : -1;
    if (low < 0) {
      return RTMFP_MALFORMED;
    }
    read.bytes[i] = (uint8_t)(high << 4 | low);
  }
  if (text[2 * AHOY_CALL_ID_SIZE] != '\0') {
    return RTMFP_MALFORMED;
  }
  *id = read;
  return RTMFP_OK;
}

static const char *const type_texts[AHOY_CALL_SIGNAL_COUNT] = {
    "offer", "ringing", "accept", "decline", "cancel", "busy", "hangup", "elsewhere"};

const char *
ahoy_call_signal_text (AhoyCallSignalType type) {
  return (unsigned)type < AHOY_CALL_SIGNAL_COUNT ? type_texts[type] : "";
}

RtmfpStatus
ahoy_call_signal_parse (const char *text, AhoyCallSignalType *type) {
  for (size_t i = 0; i < AHOY_CALL_SIGNAL_COUNT; i++) {
    if (strcmp (text, type_texts[i]) == 0) {
      *type = (AhoyCallSignalType)i;
      return RTMFP_OK;
    }
  }
  return RTMFP_UNSUPPORTED;
}

static const char *const codec_texts[] = {"", "Opus", "vp08", "avc1"};
#define CODEC_COUNT (sizeof codec_texts / sizeof codec_texts[0])

const char *
ahoy_codec_text (AhoyCodec codec) {
  return (unsigned)codec < CODEC_COUNT ? codec_texts[codec] : "";
}

AhoyCodec
ahoy_codec_parse (const char *text) {
  for (size_t i = 1; i < CODEC_COUNT; i++) {
    if (strcmp (text, codec_texts[i]) == 0) {
      return (AhoyCodec)i;
    }
  }
  return AHOY_CODEC_NONE;
}

AhoyCodec
ahoy_codec_choose (const AhoyCodec *mine, const AhoyCodec *theirs) {
  for (size_t i = 0; i < AHOY_CALL_CODECS_MAX && mine[i] != AHOY_CODEC_NONE; i++) {
    for (size_t j = 0; j < AHOY_CALL_CODECS_MAX && theirs[j] != AHOY_CODEC_NONE; j++) {
      if (mine[i] == theirs[j]) {
        return mine[i];
      }
    }
  }
  return AHOY_CODEC_NONE;
}

/* ---- Writing ---- */

static void
write_codecs (RtmfpBuffer *out, const char *name, const AhoyCodec *codecs) {
  uint32_t count = 0;
  while (count < AHOY_CALL_CODECS_MAX && codecs[count] != AHOY_CODEC_NONE) {
    count++;
  }
  rtmfp_amf_write_key (out, name);
  rtmfp_amf_begin_array (out, count);
  for (uint32_t i = 0; i < count; i++) {
    rtmfp_amf_write_text (out, ahoy_codec_text (codecs[i]));
  }
}

static const char *const reason_texts[] = {"", "offline", "accepted", "declined"};
#define REASON_COUNT (sizeof reason_texts / sizeof reason_texts[0])

void
ahoy_call_signal_write_body (const AhoyCallSignal *signal, RtmfpBuffer *out) {
  rtmfp_amf_begin_object (out);
  switch (signal->type) {
  case AHOY_CALL_SIGNAL_OFFER:
    rtmfp_amf_member_integer (out, "version", BODY_VERSION);
    write_codecs (out, "audio", signal->codecs.audio);
    write_codecs (out, "video", signal->codecs.video);
    rtmfp_amf_member_boolean (out, "wantsVideo", signal->wants_video);
    rtmfp_amf_member_text (out, "displayName", signal->display_name);
    break;
  case AHOY_CALL_SIGNAL_ACCEPT:
    rtmfp_amf_member_integer (out, "version", BODY_VERSION);
    rtmfp_amf_member_text (out, "audio", ahoy_codec_text (signal->codecs.audio[0]));
    rtmfp_amf_member_text (out, "video", ahoy_codec_text (signal->codecs.video[0]));
    rtmfp_amf_member_boolean (out, "wantsVideo", signal->wants_video);
    break;
  case AHOY_CALL_SIGNAL_DECLINE:
  case AHOY_CALL_SIGNAL_ELSEWHERE:
    if (signal->reason != AHOY_CALL_REASON_NONE && (unsigned)signal->reason < REASON_COUNT) {
      rtmfp_amf_member_text (out, "reason", reason_texts[signal->reason]);
    }
    break;
  default:
    break;
  }
  rtmfp_amf_end_object (out);
}

/* ---- Reading ---- */

#define CODEC_TEXT_SIZE 16

/* NONE for what is no string or not known. */
static AhoyCodec
read_codec (const RtmfpAmfValue *value) {
  char text[CODEC_TEXT_SIZE];
  return rtmfp_amf_as_text (value, text, sizeof text) ? ahoy_codec_parse (text) : AHOY_CODEC_NONE;
}

/* A string or an array of strings. */
static RtmfpStatus
read_codecs (const RtmfpAmfValue *value, AhoyCodec *codecs) {
  if (rtmfp_amf_is_nothing (value)) {
    return RTMFP_OK;
  }
  if (value->type == RTMFP_AMF_STRING) {
    codecs[0] = read_codec (value);
    return RTMFP_OK;
  }
  if (value->type != RTMFP_AMF_ARRAY) {
    return RTMFP_MALFORMED;
  }
  size_t count = 0;
  for (size_t i = 0; i < value->item_count && count < AHOY_CALL_CODECS_MAX; i++) {
    AhoyCodec codec = read_codec (value->items[i]);
    if (codec != AHOY_CODEC_NONE) {
      codecs[count++] = codec;
    }
  }
  return RTMFP_OK;
}

static RtmfpStatus
read_reason (const RtmfpAmfValue *value, AhoyCallReason *reason) {
  if (rtmfp_amf_is_nothing (value)) {
    return RTMFP_OK;
  }
  if (value->type != RTMFP_AMF_STRING) {
    return RTMFP_MALFORMED;
  }
  for (size_t i = 1; i < REASON_COUNT; i++) {
    if (rtmfp_amf_is_text (value, reason_texts[i])) {
      *reason = (AhoyCallReason)i;
    }
  }
  return RTMFP_OK;
}

static RtmfpStatus
read_display_name (const RtmfpAmfValue *value, AhoyCallSignal *signal) {
  if (rtmfp_amf_is_nothing (value)) {
    return RTMFP_OK;
  }
  return rtmfp_amf_as_text (value, signal->display_name, sizeof signal->display_name)
             ? RTMFP_OK
             : RTMFP_MALFORMED;
}

/* What offer and accept share. */
static RtmfpStatus
read_media (const RtmfpAmfValue *body, AhoyCallSignal *signal) {
  int64_t version = 0;
  if (!rtmfp_amf_as_integer (rtmfp_amf_get (body, "version"), 0, INT32_MAX, &version)) {
    return RTMFP_MALFORMED;
  }
  if (version != BODY_VERSION) {
    return RTMFP_UNSUPPORTED;
  }
  const RtmfpAmfValue *video = rtmfp_amf_get (body, "wantsVideo");
  if (!rtmfp_amf_is_nothing (video) && !rtmfp_amf_as_boolean (video, &signal->wants_video)) {
    return RTMFP_MALFORMED;
  }
  RtmfpStatus status = read_codecs (rtmfp_amf_get (body, "audio"), signal->codecs.audio);
  return status == RTMFP_OK ? read_codecs (rtmfp_amf_get (body, "video"), signal->codecs.video)
                            : status;
}

RtmfpStatus
ahoy_call_signal_read_value (const RtmfpAmfValue *body, AhoyCallSignal *signal) {
  AhoyCallSignal read = {.type = signal->type, .call = signal->call};
  RtmfpStatus status = RTMFP_OK;
  if (!rtmfp_amf_is_nothing (body) && body->type != RTMFP_AMF_OBJECT &&
      body->type != RTMFP_AMF_ARRAY) {
    return RTMFP_MALFORMED;
  }
  switch (signal->type) {
  case AHOY_CALL_SIGNAL_OFFER:
    status = read_media (body, &read);
    if (status == RTMFP_OK) {
      status = read_display_name (rtmfp_amf_get (body, "displayName"), &read);
    }
    break;
  case AHOY_CALL_SIGNAL_ACCEPT:
    status = read_media (body, &read);
    break;
  case AHOY_CALL_SIGNAL_DECLINE:
  case AHOY_CALL_SIGNAL_ELSEWHERE:
    status = read_reason (rtmfp_amf_get (body, "reason"), &read.reason);
    break;
  default:
    break;
  }
  if (status == RTMFP_OK) {
    *signal = read;
  }
  return status;
}

RtmfpStatus
ahoy_call_signal_read_body (RtmfpBytes bytes, AhoyCallSignal *signal) {
  if (bytes.size > AHOY_CALL_SIGNAL_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpAmfDocument document = {0};
  RtmfpStatus status = rtmfp_amf_read (&document, bytes, RTMFP_AMF0);
  if (status == RTMFP_OK && document.count > 1) {
    status = RTMFP_MALFORMED;
  }
  if (status == RTMFP_OK) {
    status = ahoy_call_signal_read_value (rtmfp_amf_at (&document, 0), signal);
  }
  rtmfp_amf_document_clear (&document);
  return status;
}
