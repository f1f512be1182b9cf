/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opus packets from the jitter buffer to pieces of sound: decoding, recovery from in-band FEC,
 * concealment (RFC 6716 s2.1.7, s4.4), and playing a little faster or slower. libopus is called
 * directly: GStreamer's opusdec delays the whole pipeline by 120 ms when it may use FEC. */
#ifndef APP_MEDIA_VOICE_DECODER_H
#define APP_MEDIA_VOICE_DECODER_H

#include "app/media/jitter-buffer.h"
#include "app/media/time-stretch.h"

typedef struct AppVoiceDecoder AppVoiceDecoder;

/* Returns NULL when libopus cannot start. */
AppVoiceDecoder *app_voice_decoder_new (void);
void app_voice_decoder_free (AppVoiceDecoder *decoder);

/* out: room for APP_TIME_STRETCH_MOST mono samples of 48 kHz. Returns: samples written. What cannot
 * be decoded is concealed. */
int app_voice_decoder_decode (AppVoiceDecoder *decoder, const AppJitterPiece *piece, int16_t *out);

#endif
