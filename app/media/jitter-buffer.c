/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/jitter-buffer.h"

#include "app/media/delay-tracker.h"
#include "app/media/params.h"

#include <string.h>

typedef struct {
  int64_t time_us;
  GBytes *bytes; /* (owned) */
} Packet;

struct AppJitterBuffer {
  AppDelayTracker delays;
  Packet packets[APP_JITTER_MOST_PACKETS]; /* ascending time_us */
  int count;
  bool playing;      /* else silent until the first packet is due */
  int64_t cursor_us; /* sender's time of the next piece; valid once something was played */
  bool has_cursor;
  int64_t newest_us; /* greatest sender's time seen */
  int64_t last_get_us;
  int made_up; /* pieces concealed in a row without moving the cursor: the packet may still come */
  int64_t delay_us;
  AppJitterStats stats;
};

AppJitterBuffer *
app_jitter_buffer_new (void) {
  return g_new0 (AppJitterBuffer, 1);
}

static void
remove_at (AppJitterBuffer *buffer, int at) {
  g_bytes_unref (buffer->packets[at].bytes);
  buffer->count--;
  memmove (&buffer->packets[at], &buffer->packets[at + 1],
           (size_t)(buffer->count - at) * sizeof (Packet));
}

static void
start_over (AppJitterBuffer *buffer) {
  while (buffer->count > 0) {
    remove_at (buffer, buffer->count - 1);
  }
  buffer->delays = (AppDelayTracker){0};
  buffer->playing = false;
  buffer->has_cursor = false;
  buffer->made_up = 0;
}

void
app_jitter_buffer_free (AppJitterBuffer *buffer) {
  if (buffer != NULL) {
    start_over (buffer);
    g_free (buffer);
  }
}

static int64_t
target_us (const AppJitterBuffer *buffer) {
  if (buffer->delays.total < 10) {
    return APP_JITTER_FIRST_TARGET_US;
  }
  const int64_t quantile_us = app_delay_tracker_get_quantile (&buffer->delays, APP_JITTER_QUANTILE);
  return CLAMP (quantile_us + APP_JITTER_MARGIN_US, APP_JITTER_LEAST_TARGET_US,
                APP_JITTER_MOST_TARGET_US);
}

/* How much later than the fastest possible this sender's time would be played at now. */
static int64_t
playing_delay_us (const AppJitterBuffer *buffer, int64_t time_us, int64_t now_us) {
  return now_us - (time_us + app_delay_tracker_get_base (&buffer->delays));
}

static bool
is_new_stream (const AppJitterBuffer *buffer, int64_t time_us) {
  return buffer->delays.started && (time_us > buffer->newest_us + APP_JITTER_NEW_STREAM_US ||
                                    time_us < buffer->newest_us - APP_JITTER_NEW_STREAM_US);
}

static void
insert (AppJitterBuffer *buffer, int64_t time_us, GBytes *bytes) {
  int at = buffer->count;
  while (at > 0 && buffer->packets[at - 1].time_us > time_us) {
    at--;
  }
  if (at > 0 && time_us - buffer->packets[at - 1].time_us < APP_AUDIO_FRAME_US / 4) {
    buffer->stats.dropped++; /* a double */
    return;
  }
  if (buffer->count == APP_JITTER_MOST_PACKETS) {
    buffer->stats.dropped++;
    if (at == 0) {
      return; /* itself the oldest */
    }
    remove_at (buffer, 0);
    at--;
  }
  memmove (&buffer->packets[at + 1], &buffer->packets[at],
           (size_t)(buffer->count - at) * sizeof (Packet));
  buffer->packets[at] = (Packet){.time_us = time_us, .bytes = g_bytes_ref (bytes)};
  buffer->count++;
}

void
app_jitter_buffer_put (AppJitterBuffer *buffer, int64_t time_us, int64_t arrival_us,
                       GBytes *bytes) {
  if (g_bytes_get_size (bytes) > APP_JITTER_MOST_PACKET_BYTES) {
    buffer->stats.dropped++;
    return;
  }
  if (is_new_stream (buffer, time_us)) {
    start_over (buffer);
  }
  buffer->newest_us = buffer->delays.started ? MAX (buffer->newest_us, time_us) : time_us;
  app_delay_tracker_add (&buffer->delays, time_us, arrival_us);
  if (buffer->has_cursor && time_us < buffer->cursor_us - APP_AUDIO_FRAME_US / 2) {
    buffer->stats.late++;
    return;
  }
  insert (buffer, time_us, bytes);
}

/* Silent: starts when the first packet is due. */
static bool
may_start (AppJitterBuffer *buffer, int64_t now_us) {
  if (buffer->count == 0 ||
      playing_delay_us (buffer, buffer->packets[0].time_us, now_us) < target_us (buffer)) {
    return false;
  }
  buffer->playing = true;
  buffer->has_cursor = true;
  buffer->cursor_us = buffer->packets[0].time_us;
  buffer->made_up = 0;
  return true;
}

/* After a long stall: leaves out what is far too old to be caught up with by playing faster. */
static void
skip_what_is_too_old (AppJitterBuffer *buffer, int64_t now_us) {
  const int64_t most_us = target_us (buffer) + APP_JITTER_SKIP_ABOVE_US;
  if (buffer->count == 0 ||
      playing_delay_us (buffer, buffer->packets[0].time_us, now_us) <= most_us) {
    return;
  }
  while (buffer->count > 1 &&
         playing_delay_us (buffer, buffer->packets[0].time_us, now_us) > target_us (buffer)) {
    remove_at (buffer, 0);
    buffer->stats.skipped++;
  }
  buffer->cursor_us = buffer->packets[0].time_us;
  buffer->made_up = 0;
}

static AppJitterPiece
conceal (AppJitterBuffer *buffer, bool moves) {
  AppJitterPiece piece = {.what = APP_JITTER_CONCEAL, .time_us = buffer->cursor_us};
  if (moves) {
    buffer->cursor_us += APP_AUDIO_FRAME_US;
  } else if (++buffer->made_up >= APP_JITTER_PAUSE_FRAMES) {
    buffer->playing = false;
  }
  buffer->stats.concealed++;
  return piece;
}

/* Nothing at the cursor, but something later: the packet between is lost. */
static AppJitterPiece
bridge_gap (AppJitterBuffer *buffer, int64_t gap_us) {
  /* What was made up while waiting stands for what was lost. */
  while (buffer->made_up > 0 && gap_us >= APP_AUDIO_FRAME_US) {
    buffer->made_up--;
    buffer->cursor_us += APP_AUDIO_FRAME_US;
    gap_us -= APP_AUDIO_FRAME_US;
  }
  buffer->made_up = 0;
  if (gap_us <= APP_AUDIO_FRAME_US / 2) {
    return (AppJitterPiece){.what = APP_JITTER_PACKET};
  }
  if (gap_us > APP_AUDIO_FRAME_US * 3 / 2) {
    return conceal (buffer, true);
  }
  AppJitterPiece piece = {.what = APP_JITTER_RECOVER,
                          .time_us = buffer->cursor_us,
                          .packet = g_bytes_ref (buffer->packets[0].bytes)};
  buffer->cursor_us = buffer->packets[0].time_us;
  buffer->stats.recovered++;
  return piece;
}

static AppJitterPiece
take_packet (AppJitterBuffer *buffer) {
  AppJitterPiece piece = {.what = APP_JITTER_PACKET,
                          .time_us = buffer->packets[0].time_us,
                          .packet = g_bytes_ref (buffer->packets[0].bytes)};
  buffer->cursor_us = piece.time_us + APP_AUDIO_FRAME_US;
  buffer->made_up = 0;
  remove_at (buffer, 0);
  buffer->stats.played++;
  return piece;
}

static AppJitterPiece
next_piece (AppJitterBuffer *buffer, int64_t now_us) {
  if (!buffer->playing && !may_start (buffer, now_us)) {
    return (AppJitterPiece){.what = APP_JITTER_SILENCE};
  }
  skip_what_is_too_old (buffer, now_us);
  if (buffer->count == 0) {
    return conceal (buffer, false);
  }
  const int64_t gap_us = buffer->packets[0].time_us - buffer->cursor_us;
  if (gap_us > APP_JITTER_PAUSE_FRAMES * APP_AUDIO_FRAME_US) {
    buffer->playing = false; /* the sender paused: wait until its next word is due */
    return next_piece (buffer, now_us);
  }
  if (gap_us > APP_AUDIO_FRAME_US / 2) {
    AppJitterPiece piece = bridge_gap (buffer, gap_us);
    if (piece.what != APP_JITTER_PACKET) {
      return piece;
    }
  }
  return take_packet (buffer);
}

AppJitterPiece
app_jitter_buffer_get (AppJitterBuffer *buffer, int64_t now_us) {
  AppJitterPiece piece = next_piece (buffer, now_us);
  buffer->last_get_us = now_us;
  if (piece.what == APP_JITTER_SILENCE) {
    return piece;
  }
  buffer->delay_us = playing_delay_us (buffer, piece.time_us, now_us);
  const int64_t target = target_us (buffer);
  if (buffer->delay_us > target + APP_JITTER_SHRINK_ABOVE_US && buffer->count > 0) {
    piece.pace = APP_JITTER_FASTER;
  } else if (buffer->delay_us < target - APP_JITTER_STRETCH_BELOW_US) {
    piece.pace = APP_JITTER_SLOWER;
  }
  return piece;
}

void
app_jitter_buffer_get_stats (const AppJitterBuffer *buffer, AppJitterStats *stats) {
  *stats = buffer->stats;
  stats->target_us = target_us (buffer);
  stats->delay_us = buffer->delay_us;
  stats->waiting_us = (int64_t)buffer->count * APP_AUDIO_FRAME_US;
  stats->jitter_us = app_delay_tracker_get_quantile (&buffer->delays, 0.95);
}

bool
app_jitter_buffer_played_at (const AppJitterBuffer *buffer, int64_t time_us, int64_t *at_us) {
  if (!buffer->playing) {
    return false;
  }
  *at_us = buffer->last_get_us + APP_AUDIO_FRAME_US + (time_us - buffer->cursor_us);
  return true;
}
