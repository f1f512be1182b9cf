/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/recorder.h"

#include "app/media/params.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

/* Element ids (RFC 9559 s5.1, EBML's own RFC 8794 s11). */
enum {
  ID_EBML = 0x1A45DFA3,
  ID_EBML_VERSION = 0x4286,
  ID_EBML_READ_VERSION = 0x42F7,
  ID_EBML_MAX_ID_LENGTH = 0x42F2,
  ID_EBML_MAX_SIZE_LENGTH = 0x42F3,
  ID_DOC_TYPE = 0x4282,
  ID_DOC_TYPE_VERSION = 0x4287,
  ID_DOC_TYPE_READ_VERSION = 0x4285,
  ID_SEGMENT = 0x18538067,
  ID_INFO = 0x1549A966,
  ID_TIMESTAMP_SCALE = 0x2AD7B1,
  ID_MUXING_APP = 0x4D80,
  ID_WRITING_APP = 0x5741,
  ID_TRACKS = 0x1654AE6B,
  ID_TRACK_ENTRY = 0xAE,
  ID_TRACK_NUMBER = 0xD7,
  ID_TRACK_UID = 0x73C5,
  ID_TRACK_TYPE = 0x83,
  ID_FLAG_LACING = 0x9C,
  ID_CODEC_ID = 0x86,
  ID_CODEC_PRIVATE = 0x63A2,
  ID_CODEC_DELAY = 0x56AA,
  ID_SEEK_PRE_ROLL = 0x56BB,
  ID_VIDEO = 0xE0,
  ID_PIXEL_WIDTH = 0xB0,
  ID_PIXEL_HEIGHT = 0xBA,
  ID_AUDIO = 0xE1,
  ID_SAMPLING_FREQUENCY = 0xB5,
  ID_CHANNELS = 0x9F,
  ID_CLUSTER = 0x1F43B675,
  ID_TIMESTAMP = 0xE7,
  ID_SIMPLE_BLOCK = 0xA3,
};

#define TRACK_AUDIO 1
#define TRACK_VIDEO 2
#define CLUSTER_MS 1000
#define MOST_BLOCK_MS 30000 /* a block's time is a signed 16 bit number from its cluster's */
#define OPUS_PRE_SKIP 312   /* samples: what libopus looks ahead at 48 kHz (RFC 7845 s4.2) */

struct AppRecorder {
  GMutex mutex;
  FILE *file; /* (owned) */
  bool has_video;
  bool had_key;
  bool failed;
  int error;
  bool has_origin;
  int64_t origin_us;
  int64_t cluster_ms; /* -1 before the first */
};

static void
add_big_endian (GByteArray *out, uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    const guint8 byte = (guint8)(value >> shift);
    g_byte_array_append (out, &byte, 1);
  }
}

static void
add_id (GByteArray *out, uint32_t id) {
  add_big_endian (out, id, id > 0xFFFFFF ? 4 : id > 0xFFFF ? 3 : id > 0xFF ? 2 : 1);
}

/* A size of eight bytes, simplest and always enough (RFC 8794 s6). */
static void
add_head (GByteArray *out, uint32_t id, uint64_t size) {
  add_id (out, id);
  add_big_endian (out, (UINT64_C (1) << 56) | size, 8);
}

static void
add_unknown_size_head (GByteArray *out, uint32_t id) {
  add_id (out, id);
  add_big_endian (out, UINT64_C (0x01FFFFFFFFFFFFFF), 8);
}

static void
add_bytes (GByteArray *out, uint32_t id, const void *bytes, size_t size) {
  add_head (out, id, size);
  g_byte_array_append (out, bytes, (guint)size);
}

static void
add_text (GByteArray *out, uint32_t id, const char *text) {
  add_bytes (out, id, text, strlen (text));
}

static void
add_number (GByteArray *out, uint32_t id, uint64_t value) {
  add_head (out, id, 8);
  add_big_endian (out, value, 8);
}

/* Takes child. */
static void
add_child (GByteArray *out, uint32_t id, GByteArray *child) {
  add_bytes (out, id, child->data, child->len);
  g_byte_array_unref (child);
}

static GByteArray *
new_ebml_head (void) {
  GByteArray *head = g_byte_array_new ();
  add_number (head, ID_EBML_VERSION, 1);
  add_number (head, ID_EBML_READ_VERSION, 1);
  add_number (head, ID_EBML_MAX_ID_LENGTH, 4);
  add_number (head, ID_EBML_MAX_SIZE_LENGTH, 8);
  add_text (head, ID_DOC_TYPE, "webm");
  add_number (head, ID_DOC_TYPE_VERSION, 4);
  add_number (head, ID_DOC_TYPE_READ_VERSION, 2);
  return head;
}

static GByteArray *
new_track (int number, int type, const char *codec) {
  GByteArray *track = g_byte_array_new ();
  add_number (track, ID_TRACK_NUMBER, (uint64_t)number);
  add_number (track, ID_TRACK_UID, (uint64_t)number);
  add_number (track, ID_TRACK_TYPE, (uint64_t)type);
  add_number (track, ID_FLAG_LACING, 0);
  add_text (track, ID_CODEC_ID, codec);
  return track;
}

static GByteArray *
new_audio_track (void) {
  /* OpusHead (RFC 7845 s5.1): version, channels, pre-skip, rate, gain, mapping; little endian. */
  static const guint8 opus_head[] = {
      'O',  'p',  'u', 's', 'H', 'e', 'a', 'd', 1, 1, OPUS_PRE_SKIP & 0xFF, OPUS_PRE_SKIP >> 8,
      0x80, 0xBB, 0,   0,   0,   0,   0};
  GByteArray *track = new_track (TRACK_AUDIO, 2, "A_OPUS");
  add_bytes (track, ID_CODEC_PRIVATE, opus_head, sizeof opus_head);
  add_number (track, ID_CODEC_DELAY, OPUS_PRE_SKIP * UINT64_C (1000000000) / APP_AUDIO_RATE);
  add_number (track, ID_SEEK_PRE_ROLL, 80000000);
  GByteArray *audio = g_byte_array_new ();
  add_head (audio, ID_SAMPLING_FREQUENCY, 8);
  const double rate = APP_AUDIO_RATE;
  uint64_t bits;
  memcpy (&bits, &rate, sizeof bits);
  add_big_endian (audio, bits, 8);
  add_number (audio, ID_CHANNELS, 1);
  add_child (track, ID_AUDIO, audio);
  return track;
}

static GByteArray *
new_video_track (int width, int height) {
  GByteArray *track = new_track (TRACK_VIDEO, 1, "V_VP8");
  GByteArray *video = g_byte_array_new ();
  add_number (video, ID_PIXEL_WIDTH, (uint64_t)width);
  add_number (video, ID_PIXEL_HEIGHT, (uint64_t)height);
  add_child (track, ID_VIDEO, video);
  return track;
}

/* Takes bytes. After the first failure nothing more is written. */
static void
write_out (AppRecorder *recorder, GByteArray *bytes) {
  if (!recorder->failed && (fwrite (bytes->data, 1, bytes->len, recorder->file) != bytes->len ||
                            fflush (recorder->file) != 0)) {
    recorder->failed = true;
    recorder->error = errno;
  }
  g_byte_array_unref (bytes);
}

static void
write_head (AppRecorder *recorder, int width, int height) {
  GByteArray *out = g_byte_array_new ();
  add_child (out, ID_EBML, new_ebml_head ());
  add_unknown_size_head (out, ID_SEGMENT);
  GByteArray *info = g_byte_array_new ();
  add_number (info, ID_TIMESTAMP_SCALE, 1000000);
  add_text (info, ID_MUXING_APP, "Ahoy");
  add_text (info, ID_WRITING_APP, "Ahoy");
  add_child (out, ID_INFO, info);
  GByteArray *tracks = g_byte_array_new ();
  add_child (tracks, ID_TRACK_ENTRY, new_audio_track ());
  if (recorder->has_video) {
    add_child (tracks, ID_TRACK_ENTRY, new_video_track (width, height));
  }
  add_child (out, ID_TRACKS, tracks);
  write_out (recorder, out);
}

AppRecorder *
app_recorder_new (const char *path, int width, int height, GError **error) {
  FILE *file = fopen (path, "wbe");
  if (file == NULL) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot write %s: %s", path,
                 g_strerror (errno));
    return NULL;
  }
  AppRecorder *recorder = g_new0 (AppRecorder, 1);
  g_mutex_init (&recorder->mutex);
  recorder->file = file;
  recorder->has_video = width > 0 && height > 0;
  recorder->cluster_ms = -1;
  write_head (recorder, width, height);
  return recorder;
}

bool
app_recorder_free (AppRecorder *recorder, GError **error) {
  if (recorder == NULL) {
    return true;
  }
  if (fclose (recorder->file) != 0 && !recorder->failed) {
    recorder->failed = true;
    recorder->error = errno;
  }
  const bool ok = !recorder->failed;
  if (!ok) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (recorder->error),
                 "The recording could not be written to its end: %s", g_strerror (recorder->error));
  }
  g_mutex_clear (&recorder->mutex);
  g_free (recorder);
  return ok;
}

static void
write_block (AppRecorder *recorder, const AppFrame *frame, int64_t time_ms) {
  GByteArray *out = g_byte_array_new ();
  const int64_t since_ms = time_ms - recorder->cluster_ms;
  if (recorder->cluster_ms < 0 || since_ms >= CLUSTER_MS || since_ms < -MOST_BLOCK_MS) {
    recorder->cluster_ms = time_ms;
    add_unknown_size_head (out, ID_CLUSTER);
    add_number (out, ID_TIMESTAMP, (uint64_t)time_ms);
  }
  gsize size;
  const void *bytes = g_bytes_get_data (frame->bytes, &size);
  add_head (out, ID_SIMPLE_BLOCK, size + 4);
  const guint8 track = 0x80 | (frame->kind == APP_FRAME_AUDIO ? TRACK_AUDIO : TRACK_VIDEO);
  g_byte_array_append (out, &track, 1);
  add_big_endian (out, (uint16_t)(time_ms - recorder->cluster_ms), 2);
  const guint8 flags = frame->kind == APP_FRAME_AUDIO || frame->is_key ? 0x80 : 0;
  g_byte_array_append (out, &flags, 1);
  g_byte_array_append (out, bytes, (guint)size);
  write_out (recorder, out);
}

static bool
is_wanted (AppRecorder *recorder, const AppFrame *frame) {
  if (frame->kind == APP_FRAME_AUDIO) {
    return frame->codec == APP_CODEC_OPUS;
  }
  recorder->had_key |= frame->is_key;
  return recorder->has_video && recorder->had_key && frame->codec == APP_CODEC_VP8;
}

bool
app_recorder_write (AppRecorder *recorder, const AppFrame *frame) {
  g_mutex_lock (&recorder->mutex);
  if (is_wanted (recorder, frame)) {
    if (!recorder->has_origin) {
      recorder->has_origin = true;
      recorder->origin_us = frame->time_us;
    }
    write_block (recorder, frame, MAX (0, frame->time_us - recorder->origin_us) / 1000);
  }
  const bool ok = !recorder->failed;
  g_mutex_unlock (&recorder->mutex);
  return ok;
}
