/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/voice-decoder.h"

#include <opus.h>
#include <string.h>

struct AppVoiceDecoder {
  OpusDecoder *opus; /* owned */
};

AppVoiceDecoder *
app_voice_decoder_new (void) {
  int error;
  OpusDecoder *opus = opus_decoder_create (APP_AUDIO_RATE, 1, &error);
  if (opus == NULL) {
    return NULL;
  }
  AppVoiceDecoder *decoder = g_new0 (AppVoiceDecoder, 1);
  decoder->opus = opus;
  return decoder;
}

void
app_voice_decoder_free (AppVoiceDecoder *decoder) {
  if (decoder != NULL) {
    opus_decoder_destroy (decoder->opus);
    g_free (decoder);
  }
}

/* Decodes 20 ms; packets of other lengths are cut or filled with silence: we announce 20 ms, so
 * nobody should send them. */
static void
decode_packet (AppVoiceDecoder *decoder, GBytes *packet, bool fec, int16_t *out) {
  static const int most = APP_AUDIO_RATE * 120 / 1000;
  int16_t all[APP_AUDIO_RATE * 120 / 1000];
  gsize size = 0;
  const unsigned char *bytes = packet != NULL ? g_bytes_get_data (packet, &size) : NULL;
  int count = size == 0 ? -1
                        : opus_decode (decoder->opus, bytes, (opus_int32)size, all,
                                       fec ? APP_AUDIO_FRAME_SAMPLES : most, fec);
  if (count < 0) {
    count = opus_decode (decoder->opus, NULL, 0, all, APP_AUDIO_FRAME_SAMPLES, 0);
  }
  count = CLAMP (count, 0, APP_AUDIO_FRAME_SAMPLES);
  memcpy (out, all, (size_t)count * sizeof *out);
  memset (out + count, 0, (size_t)(APP_AUDIO_FRAME_SAMPLES - count) * sizeof *out);
}

int
app_voice_decoder_decode (AppVoiceDecoder *decoder, const AppJitterPiece *piece, int16_t *out) {
  int16_t plain[APP_AUDIO_FRAME_SAMPLES];
  if (piece->what == APP_JITTER_SILENCE) {
    memset (out, 0, sizeof plain);
    return APP_AUDIO_FRAME_SAMPLES;
  }
  decode_packet (decoder, piece->packet, piece->what == APP_JITTER_RECOVER, plain);
  if (piece->pace == APP_JITTER_AS_IS || piece->what == APP_JITTER_CONCEAL) {
    memcpy (out, plain, sizeof plain);
    return APP_AUDIO_FRAME_SAMPLES;
  }
  return app_time_stretch (
      piece->pace == APP_JITTER_FASTER ? APP_STRETCH_SHORTER : APP_STRETCH_LONGER, plain, out);
}
