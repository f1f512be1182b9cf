/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two programs say to each other about a call: a kind, the call's id and a body. The commands
 * that carry them are in docs/ahoy-protocol.md; the body is one AMF0 object (RFC 7425 s5.2) of
 * these members:
 *
 *   offer      version (number, 1), audio and video (strict arrays of strings, best first, by
 * Enhanced RTMP's names), wantsVideo (boolean), displayName (string, the caller's) accept version,
 * audio and video (strings, the ones chosen; "" = none), wantsVideo decline    reason (string):
 * "offline" when all devices went away, else absent elsewhere  reason: "accepted" or "declined"
 *   others     nothing
 * Unknown members are ignored, members of a wrong type are MALFORMED. */
#ifndef AHOY_CALL_SIGNAL_H
#define AHOY_CALL_SIGNAL_H

#include "core/amf/amf.h"
#include "core/base/buffer.h"
#include "core/base/rng.h"
#include "core/call/params.h"

#include <stdbool.h>

#define AHOY_CALL_ID_SIZE 16
#define AHOY_CALL_ID_TEXT_SIZE 33

/* 128 random bits, made by the caller. */
typedef struct {
  uint8_t bytes[AHOY_CALL_ID_SIZE];
} AhoyCallId;

void ahoy_call_id_make (const RtmfpRng *rng, AhoyCallId *id);
/* As memcmp: <0, 0, >0. */
int ahoy_call_id_compare (const AhoyCallId *a, const AhoyCallId *b);
void ahoy_call_id_format (const AhoyCallId *id, char *text);
/* Returns: OK; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus ahoy_call_id_parse (const char *text, AhoyCallId *id);

typedef enum {
  AHOY_CALL_SIGNAL_OFFER,     /* caller -> every device of the callee */
  AHOY_CALL_SIGNAL_RINGING,   /* callee's device -> caller: it rings here */
  AHOY_CALL_SIGNAL_ACCEPT,    /* callee's device -> caller */
  AHOY_CALL_SIGNAL_DECLINE,   /* callee's device -> caller: ends the call on all devices */
  AHOY_CALL_SIGNAL_CANCEL,    /* caller -> every device of the callee: no longer wanted */
  AHOY_CALL_SIGNAL_BUSY,      /* callee's device -> caller: in another call */
  AHOY_CALL_SIGNAL_HANGUP,    /* either, after accept */
  AHOY_CALL_SIGNAL_ELSEWHERE, /* server (or caller) -> the callee's other devices */
  AHOY_CALL_SIGNAL_COUNT,
} AhoyCallSignalType;

/* "offer", "ringing", "accept", "decline", "cancel", "busy", "hangup", "elsewhere". */
const char *ahoy_call_signal_text (AhoyCallSignalType type);
/* Returns: OK; UNSUPPORTED (an unknown kind: ignore it). */
RTMFP_MUST_USE RtmfpStatus ahoy_call_signal_parse (const char *text, AhoyCallSignalType *type);

typedef enum {
  AHOY_CALL_REASON_NONE,
  AHOY_CALL_REASON_OFFLINE,  /* DECLINE by the server */
  AHOY_CALL_REASON_ACCEPTED, /* ELSEWHERE */
  AHOY_CALL_REASON_DECLINED, /* ELSEWHERE */
} AhoyCallReason;

/* Enhanced RTMP's names; 0 ends a list. */
typedef enum {
  AHOY_CODEC_NONE = 0,
  AHOY_CODEC_OPUS, /* "Opus" */
  AHOY_CODEC_VP8,  /* "vp08" */
  AHOY_CODEC_H264, /* "avc1" */
} AhoyCodec;

const char *ahoy_codec_text (AhoyCodec codec);
/* AHOY_CODEC_NONE when the name is not known. */
AhoyCodec ahoy_codec_parse (const char *text);

typedef struct {
  AhoyCodec audio[AHOY_CALL_CODECS_MAX]; /* best first; unused places NONE */
  AhoyCodec video[AHOY_CALL_CODECS_MAX];
} AhoyCodecs;

/* The first of mine that is in theirs; NONE when there is none. Both: AHOY_CALL_CODECS_MAX places.
 */
AhoyCodec ahoy_codec_choose (const AhoyCodec *mine, const AhoyCodec *theirs);

typedef struct {
  AhoyCallSignalType type;
  AhoyCallId call;
  bool wants_video;      /* OFFER, ACCEPT */
  AhoyCodecs codecs;     /* OFFER: all; ACCEPT: the first of each list */
  AhoyCallReason reason; /* DECLINE, ELSEWHERE */
  char display_name[AHOY_CALL_DISPLAY_NAME_BYTES_MAX + 1]; /* OFFER: UTF-8; a claim, not proven */
} AhoyCallSignal;

/* Appends the body, one AMF0 object, to out. */
void ahoy_call_signal_write_body (const AhoyCallSignal *signal, RtmfpBuffer *out);
/* Reads a body into a signal whose type and call are set already. Empty bytes and null are an empty
 * object. Unknown codecs and reasons are left out. Fields that the type does not use become zero.
 * Returns: OK; TRUNCATED; MALFORMED; UNSUPPORTED (a version we do not know); LIMIT (too long). */
RTMFP_MUST_USE RtmfpStatus ahoy_call_signal_read_body (RtmfpBytes bytes, AhoyCallSignal *signal);

/* The same from a value that was read already (NULL = nothing).
 * Returns: OK; MALFORMED; UNSUPPORTED. */
RTMFP_MUST_USE RtmfpStatus ahoy_call_signal_read_value (const RtmfpAmfValue *body,
                                                        AhoyCallSignal *signal);

#endif
