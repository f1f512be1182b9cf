/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The jitter buffer on a virtual clock: what it plays of made-up networks, how late, and what it
 * makes up. */
#include "app/media/jitter-buffer.h"
#include "app/media/params.h"

#include <string.h>

typedef struct {
  int64_t arrival_us;
  int64_t time_us;
} Arrival;

typedef struct {
  uint64_t silence, packets, recovered, concealed, faster, slower;
  int64_t delay_us; /* sum of playing time minus sending time */
  int64_t backwards;
  AppJitterStats stats;
} Outcome;

#define STRETCH_US 7000 /* what a real stretch leaves out or puts in on average */

static int
by_arrival (const void *a, const void *b) {
  const int64_t first = ((const Arrival *)a)->arrival_us, second = ((const Arrival *)b)->arrival_us;
  return first < second ? -1 : first > second;
}

/* Plays these arrivals until the last. phase_us: of the speaker's first request. */
static Outcome
play (GArray *arrivals, int64_t phase_us) {
  Outcome outcome = {0};
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\x01\x02\x03", 3);
  AppJitterBuffer *buffer = app_jitter_buffer_new ();
  g_array_sort (arrivals, by_arrival);
  const int64_t end_us = g_array_index (arrivals, Arrival, arrivals->len - 1).arrival_us;
  guint next = 0;
  int64_t last_us = INT64_MIN;
  for (int64_t now = phase_us; now < end_us;) {
    for (; next < arrivals->len && g_array_index (arrivals, Arrival, next).arrival_us <= now;
         next++) {
      const Arrival *arrival = &g_array_index (arrivals, Arrival, next);
      app_jitter_buffer_put (buffer, arrival->time_us, arrival->arrival_us, bytes);
    }
    AppJitterPiece piece = app_jitter_buffer_get (buffer, now);
    g_clear_pointer (&piece.packet, g_bytes_unref);
    now += APP_AUDIO_FRAME_US;
    if (piece.what == APP_JITTER_SILENCE) {
      outcome.silence++;
      continue;
    }
    outcome.backwards += piece.time_us < last_us;
    last_us = piece.time_us;
    outcome.packets += piece.what == APP_JITTER_PACKET;
    outcome.recovered += piece.what == APP_JITTER_RECOVER;
    outcome.concealed += piece.what == APP_JITTER_CONCEAL;
    outcome.delay_us +=
        piece.what == APP_JITTER_PACKET ? now - APP_AUDIO_FRAME_US - piece.time_us : 0;
    outcome.faster += piece.pace == APP_JITTER_FASTER;
    outcome.slower += piece.pace == APP_JITTER_SLOWER;
    now -= piece.pace == APP_JITTER_FASTER && piece.what == APP_JITTER_PACKET ? STRETCH_US : 0;
    now += piece.pace == APP_JITTER_SLOWER && piece.what == APP_JITTER_PACKET ? STRETCH_US : 0;
  }
  app_jitter_buffer_get_stats (buffer, &outcome.stats);
  app_jitter_buffer_free (buffer);
  return outcome;
}

static void
add (GArray *arrivals, int64_t time_us, int64_t delay_us) {
  const Arrival arrival = {.arrival_us = time_us + delay_us, .time_us = time_us};
  g_array_append_val (arrivals, arrival);
}

static double
mean_delay_ms (const Outcome *outcome) {
  return (double)outcome->delay_us / (double)MAX (1, outcome->packets) / 1000;
}

static void
report (const char *what, const Outcome *outcome) {
  g_test_message ("%s: played %d recovered %d concealed %d late %d skipped %d, delay %.1f ms, "
                  "target %d ms, faster %d slower %d",
                  what, (int)outcome->packets, (int)outcome->recovered, (int)outcome->concealed,
                  (int)outcome->stats.late, (int)outcome->stats.skipped, mean_delay_ms (outcome),
                  (int)(outcome->stats.target_us / 1000), (int)outcome->faster,
                  (int)outcome->slower);
}

/* A minute over a network of 40 ms, and whatever phase the speaker has. */
static void
test_steady (void) {
  for (int64_t phase_us = 0; phase_us < 20000; phase_us += 5000) {
    g_autoptr (GArray) arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
    for (int i = 0; i < 3000; i++) {
      add (arrivals, i * INT64_C (20000), 40000);
    }
    const Outcome outcome = play (arrivals, phase_us);
    report ("steady", &outcome);
    g_assert_cmpuint (outcome.packets, >=, 2995);
    g_assert_cmpuint (outcome.concealed, <=, 12);
    g_assert_cmpfloat (mean_delay_ms (&outcome), <, 40 + 45);
    g_assert_cmpint (outcome.backwards, ==, 0);
  }
}

/* One in fifty is lost, and its copy comes with the next or by itself: they are waited for, though
 * the clocks drift by 0.2 per mille. */
static void
test_copies (void) {
  for (int64_t phase_us = 0; phase_us < 20000; phase_us += 5000) {
    g_autoptr (GRand) rand = g_rand_new_with_seed (5);
    g_autoptr (GArray) arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
    for (int i = 0; i < 6000; i++) {
      const bool copy = g_rand_int_range (rand, 0, 50) == 0;
      add (arrivals, i * INT64_C (20000),
           40000 + 4 * i + (copy ? g_rand_int_range (rand, 20000, 26000) : 0));
    }
    const Outcome outcome = play (arrivals, phase_us);
    report ("copies", &outcome);
    g_assert_cmpuint (outcome.packets, >=, 5990);
    g_assert_cmpfloat (mean_delay_ms (&outcome), <, 40 + 55);
  }
}

static Outcome
play_jittery (guint32 seed, int most_ms, int loss_percent) {
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GArray) arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
  for (int i = 0; i < 3000; i++) {
    if (g_rand_int_range (rand, 0, 100) >= loss_percent) {
      add (arrivals, i * INT64_C (20000), 30000 + g_rand_int_range (rand, 0, most_ms * 1000 + 1));
    }
  }
  return play (arrivals, 3000);
}

static void
test_jitter (void) {
  for (guint32 seed = 1; seed <= 20; seed++) {
    const Outcome outcome = play_jittery (seed, 50, 0);
    g_test_message ("seed %u", seed);
    report ("jitter of 50 ms", &outcome);
    g_assert_cmpuint (outcome.concealed + outcome.recovered, <, 3000 * 5 / 100);
    g_assert_cmpuint (outcome.stats.late, <, 3000 * 5 / 100);
    g_assert_cmpfloat (mean_delay_ms (&outcome), <, 30 + 50 + 45);
    g_assert_cmpint (outcome.backwards, ==, 0);
  }
}

static void
test_loss (void) {
  for (guint32 seed = 1; seed <= 20; seed++) {
    const Outcome outcome = play_jittery (seed, 10, 10);
    g_test_message ("seed %u", seed);
    report ("loss of 10 %", &outcome);
    /* single losses come back from the next packet */
    g_assert_cmpuint (outcome.recovered, >, 150);
    g_assert_cmpuint (outcome.concealed, <, 3000 * 5 / 100);
    g_assert_cmpuint (outcome.packets, >, 3000 * 86 / 100);
    g_assert_cmpfloat (mean_delay_ms (&outcome), <, 30 + 10 + 45);
  }
}

/* Nothing comes for 400 ms, then all of it at once; the delay must come down again. */
static void
test_stall (void) {
  g_autoptr (GArray) arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
  for (int i = 0; i < 1500; i++) {
    const bool stalled = i >= 500 && i < 520;
    add (arrivals, i * INT64_C (20000), 30000 + (stalled ? (520 - i) * INT64_C (20000) : 0));
  }
  const Outcome outcome = play (arrivals, 3000);
  report ("stall of 400 ms", &outcome);
  g_assert_cmpuint (outcome.concealed, <, 40);
  g_assert_cmpuint (outcome.packets, >, 1470);
  g_assert_cmpint (outcome.stats.delay_us, <, 250000);
  g_assert_cmpuint (outcome.faster, >, 5);
}

/* The sender's clock is 200 ppm fast for ten minutes: neither an empty nor an ever longer buffer.
 */
static void
test_drift (void) {
  for (int sign = -1; sign <= 1; sign += 2) {
    g_autoptr (GArray) arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
    for (int i = 0; i < 30000; i++) {
      const int64_t time_us = i * INT64_C (20000);
      add (arrivals, time_us, 30000 + sign * time_us / 5000 + (sign < 0 ? 200000 : 0));
    }
    const Outcome outcome = play (arrivals, 3000);
    report ("drift", &outcome);
    g_assert_cmpuint (outcome.concealed, <, 60);
    g_assert_cmpuint (outcome.packets, >, 29900);
    g_assert_cmpint (outcome.stats.delay_us, <, 80000);
  }
}

/* Mute for 3 s: silence, not 3 s of made-up words, and no growing delay. */
static void
test_pause (void) {
  g_autoptr (GArray) arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
  for (int i = 0; i < 1000; i++) {
    if (i < 300 || i >= 450) {
      add (arrivals, i * INT64_C (20000), 30000);
    }
  }
  const Outcome outcome = play (arrivals, 3000);
  report ("pause of 3 s", &outcome);
  g_assert_cmpuint (outcome.concealed, <=, 2 * APP_JITTER_PAUSE_FRAMES + 12);
  g_assert_cmpuint (outcome.silence, >, 130);
  g_assert_cmpuint (outcome.packets, >=, 845);
  g_assert_cmpint (outcome.stats.delay_us, <, 70000);
}

/* The path becomes 80 ms longer, then shorter again (another network). */
static void
test_path_change (void) {
  g_autoptr (GArray) arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
  for (int i = 0; i < 3000; i++) {
    add (arrivals, i * INT64_C (20000), i >= 1000 && i < 2000 ? 110000 : 30000);
  }
  const Outcome outcome = play (arrivals, 3000);
  report ("path change", &outcome);
  g_assert_cmpuint (outcome.concealed, <, 30);
  g_assert_cmpint (outcome.stats.delay_us, <, 150000);
}

/* A download fills a queue for 20 s, by saw teeth between 100 and 250 ms, and ends; half of the
 * sound cannot be stretched. Returns after how long it is within 60 ms of the path's delay; us. */
static int64_t
time_to_shrink (guint32 seed) {
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  AppJitterBuffer *buffer = app_jitter_buffer_new ();
  const int64_t gone_us = 30000000;
  int64_t high_us = 0, sent_us = 0, arrives_us = 30000;
  for (int64_t now_us = 0; now_us < gone_us + 20000000; now_us += APP_AUDIO_FRAME_US) {
    while (arrives_us <= now_us) {
      app_jitter_buffer_put (buffer, sent_us, arrives_us, bytes);
      sent_us += APP_AUDIO_FRAME_US;
      const int64_t since_us = sent_us - 10000000;
      const bool queue = since_us >= 0 && sent_us < gone_us;
      const int64_t queue_us = queue ? MIN (since_us / 10, 100000 + since_us % 3000000 / 20) : 0;
      arrives_us = MAX (arrives_us, sent_us + 30000 + queue_us + g_rand_int_range (rand, 0, 5000));
    }
    AppJitterPiece piece = app_jitter_buffer_get (buffer, now_us);
    g_clear_pointer (&piece.packet, g_bytes_unref);
    if (piece.what != APP_JITTER_PACKET) {
      continue;
    }
    if (now_us - piece.time_us > 30000 + 5000 + 60000) {
      high_us = now_us;
    }
    if (piece.pace != APP_JITTER_AS_IS && g_rand_boolean (rand)) {
      now_us += piece.pace == APP_JITTER_FASTER ? -STRETCH_US : STRETCH_US;
    }
  }
  app_jitter_buffer_free (buffer);
  return high_us - gone_us;
}

static void
test_queue_gone (void) {
  for (guint32 seed = 1; seed <= 10; seed++) {
    const int64_t after_us = time_to_shrink (seed);
    g_test_message ("%.1f s after the queue", (double)after_us / 1e6);
    g_assert_cmpint (after_us, <=, 6000000);
  }
}

/* Nothing comes for 200 ms, each 4 s: that is learned, and not forgotten in between. */
static void
test_bursts (void) {
  for (int64_t phase_us = 0; phase_us < 20000; phase_us += 5000) {
    g_autoptr (GArray) arrivals = g_array_new (FALSE, FALSE, sizeof (Arrival));
    for (int i = 0; i < 9000; i++) {
      const int since = i % 200;
      add (arrivals, i * INT64_C (20000), 30000 + (since < 10 ? (10 - since) * 20000 : 0));
    }
    const Outcome outcome = play (arrivals, phase_us);
    report ("bursts", &outcome);
    g_assert_cmpuint (outcome.concealed, <=, 150);
  }
}

static void
test_bounds (void) {
  AppJitterBuffer *buffer = app_jitter_buffer_new ();
  g_autoptr (GBytes) small = g_bytes_new_static ("x", 1);
  static const char zeros[APP_JITTER_MOST_PACKET_BYTES + 1];
  g_autoptr (GBytes) big = g_bytes_new_static (zeros, sizeof zeros);
  app_jitter_buffer_put (buffer, 0, 0, big);
  AppJitterStats stats;
  app_jitter_buffer_get_stats (buffer, &stats);
  g_assert_cmpuint (stats.dropped, ==, 1);
  g_assert_cmpint (stats.waiting_us, ==, 0);
  for (int i = 0; i < 3 * APP_JITTER_MOST_PACKETS; i++) { /* all at once, nobody takes */
    app_jitter_buffer_put (buffer, i * INT64_C (20000), 1000, small);
    app_jitter_buffer_put (buffer, i * INT64_C (20000), 1000, small); /* and each twice */
  }
  app_jitter_buffer_get_stats (buffer, &stats);
  g_assert_cmpint (stats.waiting_us, ==, APP_JITTER_MOST_PACKETS * APP_AUDIO_FRAME_US);
  app_jitter_buffer_put (buffer, INT64_MAX / 2, 2000, small); /* another stream */
  app_jitter_buffer_get_stats (buffer, &stats);
  g_assert_cmpint (stats.waiting_us, ==, APP_AUDIO_FRAME_US);
  app_jitter_buffer_free (buffer);
}

/* Any times at all: no crash, no endless loop, bounded. */
static void
test_nonsense (void) {
  g_autoptr (GRand) rand = g_rand_new_with_seed (99);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  AppJitterBuffer *buffer = app_jitter_buffer_new ();
  int64_t now_us = 0;
  for (int i = 0; i < 100000; i++) {
    const int64_t wild = ((int64_t)g_rand_int (rand) << 24) * (g_rand_boolean (rand) ? 1 : -1);
    const int64_t time_us =
        g_rand_int_range (rand, 0, 10) == 0 ? wild : g_rand_int_range (rand, 0, 3000000);
    app_jitter_buffer_put (buffer, time_us, now_us, bytes);
    AppJitterPiece piece = app_jitter_buffer_get (buffer, now_us);
    g_clear_pointer (&piece.packet, g_bytes_unref);
    now_us += g_rand_int_range (rand, 0, 40000);
  }
  app_jitter_buffer_free (buffer);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/media/jitter-buffer/steady-network-plays-everything", test_steady);
  g_test_add_func ("/media/jitter-buffer/copies-are-waited-for", test_copies);
  g_test_add_func ("/media/jitter-buffer/jitter-is-waited-for", test_jitter);
  g_test_add_func ("/media/jitter-buffer/single-losses-are-recovered", test_loss);
  g_test_add_func ("/media/jitter-buffer/a-stall-is-caught-up-with", test_stall);
  g_test_add_func ("/media/jitter-buffer/clocks-that-drift-are-followed", test_drift);
  g_test_add_func ("/media/jitter-buffer/a-pause-is-silence", test_pause);
  g_test_add_func ("/media/jitter-buffer/a-longer-path-is-followed", test_path_change);
  g_test_add_func ("/media/jitter-buffer/shrinks-behind-a-queue", test_queue_gone);
  g_test_add_func ("/media/jitter-buffer/bursts-are-remembered", test_bursts);
  g_test_add_func ("/media/jitter-buffer/holds-no-more-than-its-bounds", test_bounds);
  g_test_add_func ("/media/jitter-buffer/nonsense-is-survived", test_nonsense);
  return g_test_run ();
}
