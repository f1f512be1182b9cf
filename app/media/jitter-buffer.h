/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The adaptive jitter buffer of sound: packets in as they arrive, one 20 ms piece out whenever the
 * sound card asks.
 *
 * Pure: no thread, no clock, no codec. The aim is a playing delay that lets APP_JITTER_QUANTILE of
 * the packets come in time, measured against the fastest packets of the last seconds; the buffer
 * gets there by asking its user to play a little faster or slower. Not thread-safe. */
#ifndef APP_MEDIA_JITTER_BUFFER_H
#define APP_MEDIA_JITTER_BUFFER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct AppJitterBuffer AppJitterBuffer;

AppJitterBuffer *app_jitter_buffer_new (void);
void app_jitter_buffer_free (AppJitterBuffer *buffer);

/* time_us = the sender's clock, arrival_us = ours; bytes is referenced. Late, double and oversized
 * packets are counted and dropped. */
void app_jitter_buffer_put (AppJitterBuffer *buffer, int64_t time_us, int64_t arrival_us,
                            GBytes *bytes);

typedef enum {
  APP_JITTER_SILENCE, /* nothing has started, or the sender pauses */
  APP_JITTER_PACKET,  /* decode packet */
  APP_JITTER_RECOVER, /* lost: restore it from the in-band FEC of packet, which comes again at the
                         next call */
  APP_JITTER_CONCEAL, /* lost or late: make something up */
} AppJitterWhat;

typedef enum {
  APP_JITTER_AS_IS,
  APP_JITTER_FASTER, /* leave a little out if it can be done without being heard */
  APP_JITTER_SLOWER, /* put a little in, likewise */
} AppJitterPace;

typedef struct {
  AppJitterWhat what;
  AppJitterPace pace;
  int64_t time_us; /* the sender's clock at the start of this piece; not for SILENCE */
  GBytes *packet;  /* (owned by the caller) for PACKET and RECOVER, else NULL */
} AppJitterPiece;

/* The next 20 ms at now_us, to be heard a fixed time after now_us. */
AppJitterPiece app_jitter_buffer_get (AppJitterBuffer *buffer, int64_t now_us);

typedef struct {
  int64_t target_us;  /* playing delay aimed at */
  int64_t delay_us;   /* playing delay of the last piece */
  int64_t waiting_us; /* sound in the buffer */
  int64_t jitter_us;  /* 95th percentile of arrival delays */
  uint64_t played, recovered, concealed, late, dropped, skipped;
} AppJitterStats;

void app_jitter_buffer_get_stats (const AppJitterBuffer *buffer, AppJitterStats *stats);

/* When (our clock, plus the caller's fixed output delay) the sender's time_us is played. Returns
 * false while nothing plays. */
bool app_jitter_buffer_played_at (const AppJitterBuffer *buffer, int64_t time_us, int64_t *at_us);

#endif
