/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls over lines of every kind on a virtual clock: real agents, a model of the encoders, the rate
 * control between them, and bars on what is heard and seen. Run with -v: figures of each call. */
#include "app/media/params.h"
#include "app/media/rate-control.h"
#include "tests/agent/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND WORLD_SECOND
#define STEP_US 5000
#define IN_TIME_US 60000 /* sound that comes later than this beyond the path's delay is late */

/* One direction between the two: so many bits a second, a queue of so long, loss. */
typedef struct {
  int64_t bps; /* 0 = no limit */
  int64_t queue_us;
  int loss_permille;
  int64_t free_us; /* when what was sent is through */
} Line;

typedef struct {
  int64_t made_us;
  uint32_t number;
  bool key;
} Stamp;

/* One person's encoders. */
typedef struct {
  AppRateControl rate;
  int most_bps, width, height, fps;
  bool has_video, wants_key;
  int64_t next_video_us, next_audio_us, next_look_us;
  int64_t key_us;   /* of the last key frame */
  double owed_bits; /* over the target so far, evened out within half a second */
  int size_percent;
  uint32_t pictures, sounds;
  Stamp held; /* a sound that waits for the next */
  uint64_t skipped, key_frames;
  int looks;
} Encoder;

/* What the other one sees and hears. */
typedef struct {
  GArray *delays_us; /* int64_t, of each sound, beyond the path's */
  GArray *arrived;   /* guint8, by number: 1 = came in time, 2 = late */
  int64_t shown_us;  /* the last picture */
  int64_t longest_freeze_us;
  int64_t asked_us;
  uint32_t next_picture; /* 0 = waits for a key frame */
  uint64_t shown, broken, asked;
  uint64_t bytes;
} Viewer;

/* A TCP download through the same queue: Reno as arithmetic, a window that grows by a segment a
 * round trip (in slow start by half of itself, as with delayed acknowledgements) and halves a round
 * trip after a loss. */
typedef struct {
  double window, owed; /* segments */
  bool slow_start;
  int64_t halve_us, deaf_us; /* 0 = no loss is known; losses before are the same loss */
  uint64_t through;          /* segments */
} Download;

#define DOWNLOADS 3
#define DOWNLOAD_STEP_US 500 /* a segment takes the line 2.4 ms */
#define SEGMENT_BYTES 1500

typedef struct {
  World *world;
  WorldPerson *people[2];
  Download downloads[DOWNLOADS];
  bool downloads_on; /* beside what goes to people[0] */
  Line lines[2];     /* by sender */
  Encoder encoders[2];
  Viewer viewers[2]; /* by receiver */
  bool counts;       /* figures are taken */
} Show;

static int
index_of (const Show *show, const WorldPerson *person) {
  return person == show->people[1];
}

/* ---- The lines ---- */

static int64_t
carry (World *world, const RtmfpAddress *from, const RtmfpAddress *to, gsize size) {
  Show *show = world->user;
  if (rtmfp_address_equal (from, &world->server_address) ||
      rtmfp_address_equal (to, &world->server_address)) {
    return 0;
  }
  Line *line = &show->lines[rtmfp_address_equal (from, &show->people[1]->address)];
  if ((int)test_rng_below (&world->rng, 1000) < line->loss_permille) {
    return -1;
  }
  if (line->bps == 0) {
    return 0;
  }
  const int64_t begin_us = MAX (line->free_us, world->now_us);
  if (begin_us - world->now_us > line->queue_us) {
    return -1;
  }
  line->free_us = begin_us + (int64_t)(size + 28) * 8 * SECOND / line->bps;
  return line->free_us - world->now_us;
}

static double
chance (World *world) {
  return (double)test_rng_below (&world->rng, 1000000) / 1e6;
}

static void
download (Show *show, Download *flow) {
  const int64_t now_us = show->world->now_us;
  Line *line = &show->lines[1];
  const int64_t queue_us = MAX (line->free_us - now_us, 0);
  const double rounds = (double)DOWNLOAD_STEP_US / (double)(2 * show->world->delay_us + queue_us);
  if (flow->halve_us != 0 && now_us >= flow->halve_us) {
    flow->window = MAX (flow->window / 2, 2);
    flow->slow_start = false;
    flow->deaf_us = now_us + 2 * show->world->delay_us + queue_us;
    flow->halve_us = 0;
  }
  flow->window += rounds * (flow->slow_start ? flow->window / 2 : 1);
  const double some = 2 * chance (show->world);
  for (flow->owed += flow->window * rounds * some; flow->owed >= 1; flow->owed--) {
    const int64_t begin_us = MAX (line->free_us, now_us);
    if (begin_us - now_us <= line->queue_us) {
      line->free_us = begin_us + INT64_C (8) * SEGMENT_BYTES * SECOND / line->bps;
      flow->through++;
    } else if (flow->halve_us == 0 && now_us >= flow->deaf_us) {
      flow->halve_us = now_us + 2 * show->world->delay_us + queue_us;
    }
  }
}

/* ---- Encoders ---- */

static void
send (Show *show, int who, AhoyMediaKind kind, gsize size, const Stamp *stamp) {
  static guint8 bytes[1 << 20];
  WorldPerson *person = show->people[who];
  memcpy (bytes, stamp, sizeof *stamp);
  const AhoyMedia media = {.kind = kind,
                           .codec = kind == AHOY_MEDIA_AUDIO ? AHOY_CODEC_OPUS : AHOY_CODEC_VP8,
                           .is_key = stamp->key,
                           .timestamp_ms = (uint32_t)((stamp->made_us / 1000) & 0x7fffffff),
                           .bytes = rtmfp_bytes (bytes, CLAMP (size, sizeof *stamp, sizeof bytes))};
  RtmfpStatus status = ahoy_agent_send_media (person->agent, &media, show->world->now_us);
  (void)status; /* what was not taken is missed by the viewer */
}

/* A picture takes its part of the rate, more or less; a key frame three times as much; none takes
 * less than its size needs at the coarsest. */
static void
make_picture (Show *show, int who) {
  Encoder *encoder = &show->encoders[who];
  const AppRateDecision *now = &encoder->rate.now;
  const double fps = encoder->fps * now->fps_percent / 100.0;
  const int64_t now_us = show->world->now_us;
  encoder->next_video_us += (int64_t)(1e6 / fps);
  encoder->wants_key = encoder->wants_key || now->size_percent != encoder->size_percent;
  if (!now->video_on || now->skip) {
    encoder->skipped++;
    encoder->owed_bits = MAX (encoder->owed_bits - now->video_bps / fps, 0);
    return;
  }
  const bool key = encoder->wants_key && now_us - encoder->key_us >= APP_VIDEO_KEY_ASK_US;
  const double share = now->video_bps / fps;
  const double even = share - encoder->owed_bits / (0.5 * fps);
  const double floor =
      encoder->width * encoder->height * 0.01 * now->size_percent * now->size_percent / 10000;
  const double noise = exp (0.5 * (chance (show->world) + chance (show->world) - 1));
  const double bits = MAX (MAX (even, share / 4) * noise * (key ? 3 : 1), floor * (key ? 4 : 1));
  encoder->owed_bits += bits - share;
  if (key) {
    encoder->wants_key = false;
    encoder->key_us = now_us;
    encoder->key_frames++;
    encoder->size_percent = now->size_percent;
  }
  const Stamp stamp = {.made_us = now_us, .number = ++encoder->pictures, .key = key};
  send (show, who, AHOY_MEDIA_VIDEO, (gsize)(bits / 8), &stamp);
}

static void
make_sound (Show *show, int who) {
  Encoder *encoder = &show->encoders[who];
  const Stamp stamp = {.made_us = show->world->now_us, .number = encoder->sounds++, .key = true};
  const gsize size = (gsize)encoder->rate.now.audio_bps / 400;
  encoder->next_audio_us += APP_AUDIO_FRAME_US;
  if (encoder->rate.now.pair_sounds && encoder->held.made_us == 0) {
    encoder->held = stamp;
    return;
  }
  if (encoder->held.made_us != 0) {
    send (show, who, AHOY_MEDIA_AUDIO, size, &encoder->held);
    encoder->held.made_us = 0;
  }
  send (show, who, AHOY_MEDIA_AUDIO, size, &stamp);
}

static void
look (Show *show, int who) {
  Encoder *encoder = &show->encoders[who];
  AhoyMediaPath path;
  encoder->next_look_us += APP_RATE_TICK_US;
  if (++encoder->looks % 10 == 0) {
    ahoy_agent_send_report (show->people[who]->agent, &(AhoyMediaReport){0}, show->world->now_us);
  }
  if (ahoy_agent_media_path (show->people[who]->agent, show->world->now_us, &path) != RTMFP_OK) {
    return;
  }
  const AppRateSample sample = {.srtt_us = path.srtt_us,
                                .lowest_rtt_us = path.lowest_rtt_us,
                                .incoming_us = path.incoming_us,
                                .waiting_us = path.waiting_us,
                                .delay_us = path.delay_us,
                                .delivered = path.delivered,
                                .delivered_bytes = path.delivered_bytes,
                                .given_up = path.given_up};
  app_rate_control_update (&encoder->rate, &sample, show->world->now_us);
  if (g_test_verbose () && getenv ("AHOY_SIM_LOOKS") != NULL) {
    AhoyCallInfo call;
    ahoy_agent_call_info (show->people[who]->agent, &call);
    g_print ("%.1f %d: %d+%d bps, %d %%, window %zu, wait %" G_GINT64_FORMAT
             " delay %" G_GINT64_FORMAT " rtt %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
             "-%" G_GINT64_FORMAT " given up %" G_GUINT64_FORMAT "%s%s\n",
             (double)show->world->now_us / 1e6, who, encoder->rate.now.video_bps,
             encoder->rate.now.audio_bps, encoder->rate.now.size_percent, call.cwnd_bytes,
             path.waiting_us / 1000, path.delay_us / 1000, path.srtt_us / 1000,
             path.lowest_rtt_us / 1000, path.incoming_us / 1000, path.given_up,
             encoder->rate.now.skip          ? " skip"
             : encoder->rate.now.pair_sounds ? " pairs"
                                             : "",
             encoder->rate.now.video_on ? "" : " off");
  }
}

/* ---- Viewers ---- */

static void
hear (Show *show, Viewer *viewer, const Stamp *stamp) {
  const int64_t late_us = show->world->now_us - stamp->made_us - show->world->delay_us;
  if (show->counts) {
    g_array_append_val (viewer->delays_us, late_us);
  }
  if (stamp->number >= viewer->arrived->len) {
    g_array_set_size (viewer->arrived, stamp->number + 1); /* new ones are zero */
  }
  g_array_index (viewer->arrived, guint8, stamp->number) = late_us <= IN_TIME_US ? 1 : 2;
}

static void
see (Show *show, Viewer *viewer, const Stamp *stamp, bool after_gap) {
  const int64_t now_us = show->world->now_us;
  if (!stamp->key && (after_gap || viewer->next_picture == 0)) {
    viewer->next_picture = 0;
    if (now_us - viewer->asked_us >= APP_VIDEO_KEY_ASK_US) {
      viewer->asked_us = now_us;
      viewer->asked++;
      const int who = viewer == &show->viewers[1];
      ahoy_agent_want_key_frame (show->people[who]->agent, now_us);
    }
    return;
  }
  if (!stamp->key && stamp->number != viewer->next_picture) {
    viewer->broken++; /* one is missing, and nobody told */
  }
  if (show->counts && viewer->shown_us > 0) {
    viewer->longest_freeze_us = MAX (viewer->longest_freeze_us, now_us - viewer->shown_us);
  }
  viewer->shown_us = now_us;
  viewer->shown++;
  viewer->next_picture = stamp->number + 1;
}

static void
on_media (WorldPerson *person, const AhoyMedia *media) {
  Show *show = person->world->user;
  Viewer *viewer = &show->viewers[index_of (show, person)];
  Stamp stamp;
  g_assert_cmpuint (media->bytes.size, >=, sizeof stamp);
  memcpy (&stamp, media->bytes.data, sizeof stamp);
  if (media->kind == AHOY_MEDIA_AUDIO) {
    hear (show, viewer, &stamp);
  } else {
    viewer->bytes += media->bytes.size;
    see (show, viewer, &stamp, media->after_gap);
  }
}

/* ---- A call ---- */

static Show *
begin (guint64 seed, bool video, int64_t delay_us, Line line, int most_bps, int width, int height) {
  Show *show = g_new0 (Show, 1);
  show->world = world_new (seed, true);
  show->world->delay_us = delay_us;
  show->world->user = show;
  for (int i = 0; i < 2; i++) {
    show->people[i] =
        world_add (show->world, i == 0 ? "anna" : "bert", AHOY_ENTRY_CREATE, "a good password");
    world_run (show->world, 3 * SECOND);
    show->viewers[i].delays_us = g_array_new (FALSE, TRUE, sizeof (int64_t));
    show->viewers[i].arrived = g_array_new (FALSE, TRUE, 1);
  }
  world_befriend (show->people[0], show->people[1]);
  show->world->on_media = on_media;
  show->world->carry = carry;
  show->lines[0] = show->lines[1] = line;
  const AhoyName bert = world_name (show->world, "bert");
  g_assert_cmpint (ahoy_agent_call (show->people[0]->agent, &bert, video, show->world->now_us), ==,
                   RTMFP_OK);
  world_run (show->world, 3 * SECOND);
  g_assert_cmpint (ahoy_agent_accept (show->people[1]->agent, video, show->world->now_us), ==,
                   RTMFP_OK);
  world_run (show->world, 4 * SECOND);
  for (int i = 0; i < 2; i++) {
    Encoder *encoder = &show->encoders[i];
    g_assert_true (show->people[i]->media_on);
    *encoder = (Encoder){.most_bps = most_bps,
                         .width = width,
                         .height = height,
                         .fps = 30,
                         .has_video = video,
                         .wants_key = true,
                         .size_percent = 100,
                         .next_video_us = show->world->now_us,
                         .next_audio_us = show->world->now_us,
                         .next_look_us = show->world->now_us};
    app_rate_control_init (&encoder->rate, most_bps, width, height, 30);
  }
  return show;
}

static void
end (Show *show) {
  for (int i = 0; i < 2; i++) {
    g_assert_cmpuint (show->viewers[i].broken, ==, 0); /* never a broken picture */
    g_array_unref (show->viewers[i].delays_us);
    g_array_unref (show->viewers[i].arrived);
  }
  world_free (show->world);
  g_free (show);
}

static void
talk (Show *show, int64_t for_us) {
  World *world = show->world;
  for (const int64_t end_us = world->now_us + for_us; world->now_us < end_us;) {
    for (int i = 0; i < 2; i++) {
      Encoder *encoder = &show->encoders[i];
      if (show->people[i]->key_frames > 0) {
        show->people[i]->key_frames = 0;
        encoder->wants_key = true;
      }
      if (world->now_us >= encoder->next_look_us) {
        look (show, i);
      }
      if (world->now_us >= encoder->next_audio_us) {
        make_sound (show, i);
      }
      if (encoder->has_video && world->now_us >= encoder->next_video_us) {
        make_picture (show, i);
      }
    }
    if (!show->downloads_on) {
      world_run (world, STEP_US);
      continue;
    }
    for (int i = 0; i < STEP_US / DOWNLOAD_STEP_US; i++) {
      for (int j = 0; j < DOWNLOADS; j++) {
        download (show, &show->downloads[j]);
      }
      world_run (world, DOWNLOAD_STEP_US);
    }
  }
}

static void
count_from_here (Show *show) {
  show->counts = true;
  for (int i = 0; i < 2; i++) {
    Viewer *viewer = &show->viewers[i];
    g_array_set_size (viewer->delays_us, 0);
    viewer->longest_freeze_us = 0;
    viewer->bytes = 0;
    viewer->shown = 0;
  }
}

/* ---- Figures ---- */

static int
by_size (const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Of all sounds that came while counting; us. */
static int64_t
audio_delay_us (Viewer *viewer, double quantile) {
  GArray *delays = viewer->delays_us;
  g_assert_cmpuint (delays->len, >, 100);
  qsort (delays->data, delays->len, sizeof (int64_t), by_size);
  return g_array_index (delays, int64_t, (guint)((delays->len - 1) * quantile));
}

/* Permille of sounds from number first on that came in time, or (fec) whose next one did. */
static int
heard_permille (const Viewer *viewer, guint first, guint count, bool fec) {
  guint heard = 0;
  for (guint i = first; i < first + count; i++) {
    const bool here = i < viewer->arrived->len && g_array_index (viewer->arrived, guint8, i) == 1;
    const bool next =
        i + 1 < viewer->arrived->len && g_array_index (viewer->arrived, guint8, i + 1) == 1;
    heard += here || (fec && next);
  }
  return (int)(heard * 1000 / count);
}

static void
tell (Show *show, const char *what, int64_t for_us) {
  for (int i = 0; i < 2; i++) {
    Viewer *viewer = &show->viewers[i];
    const Encoder *encoder = &show->encoders[1 - i];
    g_test_message (
        "%s, to %d: sound +%.0f ms (p50) +%.0f (p95) +%.0f (p99); picture %.0f kbit/s, "
        "%.1f a second, longest freeze %.0f ms, %d %%, asked %d, key frames %d",
        what, i, (double)audio_delay_us (viewer, 0.5) / 1e3,
        (double)audio_delay_us (viewer, 0.95) / 1e3, (double)audio_delay_us (viewer, 0.99) / 1e3,
        (double)viewer->bytes * 8e3 / (double)for_us, (double)viewer->shown * 1e6 / (double)for_us,
        (double)viewer->longest_freeze_us / 1e3, encoder->rate.now.size_percent, (int)viewer->asked,
        (int)encoder->key_frames);
  }
}

/* ---- The calls ---- */

static void
test_one_megabit (void) {
  for (guint64 seed = 1; seed <= 5; seed++) {
    Show *show =
        begin (seed, true, 20000, (Line){.bps = 1000000, .queue_us = 200000}, 2500000, 1280, 720);
    talk (show, 3 * SECOND);
    count_from_here (show);
    talk (show, 20 * SECOND);
    tell (show, "1 Mbit/s", 20 * SECOND);
    for (int i = 0; i < 2; i++) {
      g_assert_cmpint (audio_delay_us (&show->viewers[i], 0.95), <=, 60000);
      g_assert_cmpint (show->viewers[i].longest_freeze_us, <=, 300000);
      g_assert_cmpint ((int64_t)show->viewers[i].bytes * 8 / 20, >=, 500000);
    }
    end (show);
  }
}

static void
test_loss (gconstpointer data) {
  const int loss = GPOINTER_TO_INT (data);
  for (guint64 seed = 1; seed <= 5; seed++) {
    Show *show = begin (seed, true, 50000, (Line){.loss_permille = loss}, 600000, 640, 480);
    talk (show, 3 * SECOND);
    count_from_here (show);
    const guint first = show->encoders[0].sounds;
    talk (show, 30 * SECOND);
    const guint count = show->encoders[0].sounds - first - 25;
    tell (show, loss == 50 ? "5 % lost" : "20 % lost", 30 * SECOND);
    for (int i = 0; i < 2; i++) {
      const int heard = heard_permille (&show->viewers[i], first, count, true);
      g_test_message ("to %d: %d of 1000 sounds in time or by FEC", i, heard);
      g_assert_cmpint (heard, >=, loss == 50 ? 990 : 970);
      g_assert_cmpint (show->viewers[i].longest_freeze_us, <=, loss == 50 ? 300000 : 600000);
      g_assert_cmpint ((int64_t)show->viewers[i].bytes * 8 / 30, >=, loss == 50 ? 300000 : 40000);
    }
    end (show);
  }
}

/* What came in each half second from here on. Returns: when it was first so much for both; us. */
static int64_t
time_to_reach (Show *show, int64_t bps, int64_t most_us) {
  const int64_t step_us = SECOND / 2;
  int64_t reached_us[2] = {most_us + step_us, most_us + step_us};
  for (int64_t at_us = step_us; at_us <= most_us; at_us += step_us) {
    const uint64_t before[2] = {show->viewers[0].bytes, show->viewers[1].bytes};
    talk (show, step_us);
    for (int i = 0; i < 2; i++) {
      const int64_t came = (int64_t)(show->viewers[i].bytes - before[i]);
      if (came * 8 * SECOND >= bps * step_us) {
        reached_us[i] = MIN (reached_us[i], at_us);
      }
    }
  }
  return MAX (reached_us[0], reached_us[1]);
}

#define WIDE_BPS 2500000 /* what the encoders take on the wide line */
#define THIN_CALLS 20

/* Of all of them together: what chance does to one call tells little. */
typedef struct {
  int long_freezes, in_time;
  int64_t longest_us, bps;
} ThinTime;

static void
live_through_thin_time (guint64 seed, ThinTime *all) {
  const Line wide = {.bps = 3000000, .queue_us = 200000};
  const Line narrow = {.bps = 300000, .queue_us = 200000};
  Show *show = begin (seed, true, 20000, wide, WIDE_BPS, 1280, 720);
  talk (show, 15 * SECOND);
  count_from_here (show);
  show->lines[0] = show->lines[1] = narrow;
  talk (show, 15 * SECOND);
  tell (show, "3 Mbit/s to 300 kbit/s", 15 * SECOND);
  for (int i = 0; i < 2; i++) {
    all->long_freezes += show->viewers[i].longest_freeze_us > SECOND;
    all->longest_us = MAX (all->longest_us, show->viewers[i].longest_freeze_us);
  }
  show->lines[0] = show->lines[1] = wide;
  const int64_t reached_us = time_to_reach (show, WIDE_BPS / 5 * 4, 5 * SECOND);
  g_test_message ("80 %% after %.1f s", (double)reached_us / 1e6);
  all->in_time += reached_us <= 5 * SECOND;
  count_from_here (show);
  talk (show, 5 * SECOND);
  tell (show, "and back, after 5 s", 5 * SECOND);
  for (int i = 0; i < 2; i++) {
    const int64_t bps = (int64_t)show->viewers[i].bytes * 8 / 5;
    g_assert_cmpint (bps, >=, WIDE_BPS / 10 * 7);
    all->bps += bps / 2 / THIN_CALLS;
  }
  end (show);
}

static void
test_down_and_up (void) {
  ThinTime all = {0};
  for (guint64 seed = 1; seed <= THIN_CALLS; seed++) {
    live_through_thin_time (seed, &all);
  }
  g_test_message ("longest freeze %.0f ms, %d above 1 s of %d; %d of %d calls at 80 %% within 5 s, "
                  "then %.0f kbit/s",
                  (double)all.longest_us / 1e3, all.long_freezes, 2 * THIN_CALLS, all.in_time,
                  THIN_CALLS, (double)all.bps / 1e3);
  g_assert_cmpint (all.long_freezes, ==, 0);
  g_assert_cmpint (all.in_time, ==, THIN_CALLS);
  g_assert_cmpint (all.bps, >=, WIDE_BPS / 10 * 9);
}

#define LONGER_CALLS 10

/* The route grows by so many ms there and back, which nobody says and which looks like a queue that
 * stands. Twelve seconds later the picture has four fifths of what it had. */
static void
test_longer_route (gconstpointer data) {
  const int more_ms = GPOINTER_TO_INT (data);
  for (guint64 seed = 1; seed <= LONGER_CALLS; seed++) {
    Show *show =
        begin (seed, true, 20000, (Line){.bps = 3000000, .queue_us = 200000}, WIDE_BPS, 1280, 720);
    talk (show, 15 * SECOND);
    count_from_here (show);
    show->world->delay_us += more_ms * INT64_C (500);
    const int64_t reached_us = time_to_reach (show, WIDE_BPS / 5 * 4, 12 * SECOND);
    for (int i = 0; i < 2; i++) {
      g_assert_cmpint (show->viewers[i].longest_freeze_us, <=, 2 * SECOND);
    }
    count_from_here (show);
    talk (show, 10 * SECOND);
    tell (show, "route longer, after 12 s", 10 * SECOND);
    g_test_message ("%d ms longer: 80 %% after %.1f s", more_ms, (double)reached_us / 1e6);
    for (int i = 0; i < 2; i++) {
      g_assert_cmpint ((int64_t)show->viewers[i].bytes * 8 / 10, >=, WIDE_BPS / 5 * 4);
      g_assert_cmpint (audio_delay_us (&show->viewers[i], 0.95), <=, 60000);
    }
    g_assert_cmpint (reached_us, <=, 12 * SECOND);
    end (show);
  }
}

/* What the call itself keeps in the queue for minutes is never taken for a longer route. */
static void
test_long_call (gconstpointer data) {
  const int kbps = GPOINTER_TO_INT (data);
  for (guint64 seed = 1; seed <= 2; seed++) {
    Show *show = begin (seed, true, 20000, (Line){.bps = kbps * 1000, .queue_us = 400000}, WIDE_BPS,
                        1280, 720);
    talk (show, 10 * SECOND);
    for (int minute = 0; minute < 4; minute++) {
      count_from_here (show);
      talk (show, 60 * SECOND);
      tell (show, "a long call", 60 * SECOND);
      for (int i = 0; i < 2; i++) {
        g_assert_cmpint (audio_delay_us (&show->viewers[i], 0.95), <=, 100000);
      }
    }
    end (show);
  }
}

static void
test_very_thin (void) {
  for (guint64 seed = 1; seed <= 5; seed++) {
    Show *show =
        begin (seed, true, 30000, (Line){.bps = 60000, .queue_us = 300000}, 600000, 640, 480);
    talk (show, 15 * SECOND);
    count_from_here (show);
    const guint first = show->encoders[0].sounds;
    talk (show, 60 * SECOND);
    const guint count = show->encoders[0].sounds - first - 25;
    tell (show, "60 kbit/s", 60 * SECOND);
    for (int i = 0; i < 2; i++) {
      g_test_message ("to %d: %d of 1000 in time; video is %s", i,
                      heard_permille (&show->viewers[i], first, count, true),
                      show->encoders[1 - i].rate.now.video_on ? "on" : "off");
      g_assert_cmpint (heard_permille (&show->viewers[i], first, count, true), >=, 950);
    }
    end (show);
  }
}

/* It is heard from the first second on: nobody waits until the picture has been given up. */
static void
test_very_thin_begins (void) {
  for (guint64 seed = 1; seed <= 20; seed++) {
    Show *show =
        begin (seed, true, 30000, (Line){.bps = 60000, .queue_us = 300000}, 600000, 640, 480);
    talk (show, 17 * SECOND);
    for (int i = 0; i < 2; i++) {
      const int first = heard_permille (&show->viewers[i], 0, 50, true);
      const int second = heard_permille (&show->viewers[i], 50, 50, true);
      const int all = heard_permille (&show->viewers[i], 0, 750, true);
      g_test_message ("to %d: in time %d of 1000 in the first second, %d in the next, %d in 15 s",
                      i, first, second, all);
      g_assert_cmpint (first, >=, 100);
      g_assert_cmpint (second, >=, 900);
      g_assert_cmpint (all, >=, 920);
    }
    end (show);
  }
}

/* On a wide line the picture is there at once, and as large as it will be within a second. */
static void
test_wide_begins (void) {
  for (guint64 seed = 1; seed <= 20; seed++) {
    Show *show =
        begin (seed, true, 20000, (Line){.bps = 10000000, .queue_us = 200000}, 600000, 640, 480);
    talk (show, 200 * 1000);
    for (int i = 0; i < 2; i++) {
      g_assert_cmpuint (show->viewers[i].shown, >=, 1);
    }
    talk (show, SECOND);
    for (int i = 0; i < 2; i++) {
      g_test_message ("from %d: %d bit/s after 1.2 s, %d %%", i,
                      show->encoders[i].rate.now.video_bps,
                      show->encoders[i].rate.now.size_percent);
      g_assert_cmpint (show->encoders[i].rate.now.size_percent, ==, 100);
      g_assert_cmpint (show->encoders[i].rate.now.video_bps, >=, 400000);
    }
    end (show);
  }
}

#define STARTS 20

/* A wide line shows it: pictures at once, and more than enough for large ones within a
 * second, though our own window has to open for them first. */
static void
test_wide_start (void) {
  int mean_bps = 0;
  for (guint64 seed = 1; seed <= STARTS; seed++) {
    const int64_t delay_us = seed % 2 == 0 ? 20000 : 75000;
    const Line line = {.bps = seed % 4 < 2 ? 0 : 2000000, .queue_us = 200000};
    Show *show = begin (seed, true, delay_us, line, 1000000, 640, 480);
    count_from_here (show);
    talk (show, SECOND);
    for (int i = 0; i < 2; i++) {
      const Viewer *viewer = &show->viewers[i];
      const AppRateDecision *now = &show->encoders[1 - i].rate.now;
      g_test_message ("to %d, after 1 s: %d pictures, %.0f kbit/s so far, now %d at %d %%", i,
                      (int)viewer->shown, (double)viewer->bytes * 8 / 1e3, now->video_bps,
                      now->size_percent);
      g_assert_cmpuint (viewer->shown, >=, 14);
      g_assert_cmpint (now->video_bps, >=, 350000);
    }
    talk (show, 2 * SECOND);
    for (int i = 0; i < 2; i++) {
      const AppRateDecision *now = &show->encoders[1 - i].rate.now;
      g_test_message ("to %d, after 3 s: %d", i, now->video_bps);
      g_assert_cmpint (now->video_bps, >=, 350000);
      g_assert_cmpint (show->viewers[i].longest_freeze_us, <=, 300000);
      mean_bps += now->video_bps / 2 / STARTS;
    }
    end (show);
  }
  g_assert_cmpint (mean_bps, >=, 850000);
}

/* Sound goes on whatever others do to the queue: 200 ms later, for so long is the queue. Pictures
 * give way to them and do not end, in neither direction. */
static void
test_beside_downloads (void) {
  for (guint64 seed = 1; seed <= 5; seed++) {
    Show *show =
        begin (seed, true, 20000, (Line){.bps = 5000000, .queue_us = 200000}, 2500000, 1280, 720);
    talk (show, 10 * SECOND);
    for (int i = 0; i < DOWNLOADS; i++) {
      show->downloads[i] = (Download){.window = 10, .slow_start = true};
    }
    show->downloads_on = true;
    talk (show, 10 * SECOND);
    count_from_here (show);
    guint64 through = 0;
    talk (show, 60 * SECOND);
    for (int i = 0; i < DOWNLOADS; i++) {
      through += show->downloads[i].through;
    }
    tell (show, "beside three downloads", 60 * SECOND);
    g_test_message ("the downloads: %.0f kbit/s", (double)through * SEGMENT_BYTES * 8 / 70e3);
    for (int i = 0; i < 2; i++) {
      const Viewer *viewer = &show->viewers[i];
      const guint sent = show->encoders[1 - i].sounds;
      guint came = 0;
      for (guint n = sent - 3000; n < sent - 50; n++) {
        came += n < viewer->arrived->len && g_array_index (viewer->arrived, guint8, n) != 0;
      }
      g_test_message ("to %d: %u of 2950 sounds", i, came);
      g_assert_cmpuint (came, >=, 2921);
      g_assert_cmpint (audio_delay_us (&show->viewers[i], 0.95), <=, i == 0 ? 260000 : 60000);
      g_assert_true (show->encoders[1 - i].rate.now.video_on);
      g_assert_cmpuint (viewer->shown, >=, 60 * 8);
      g_assert_cmpint (viewer->longest_freeze_us, <=, 5 * SECOND);
    }
    g_assert_cmpuint (through * SEGMENT_BYTES * 8 / 70, >=, 2500000);
    end (show);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/calls/1-mbit", test_one_megabit);
  g_test_add_data_func ("/sim/calls/5-percent-lost", GINT_TO_POINTER (50), test_loss);
  g_test_add_data_func ("/sim/calls/20-percent-lost", GINT_TO_POINTER (200), test_loss);
  g_test_add_func ("/sim/calls/3-mbit-to-300-kbit-and-back", test_down_and_up);
  g_test_add_data_func ("/sim/calls/route-60-ms-longer", GINT_TO_POINTER (60), test_longer_route);
  g_test_add_data_func ("/sim/calls/route-150-ms-longer", GINT_TO_POINTER (150), test_longer_route);
  g_test_add_data_func ("/sim/calls/long-300-kbit", GINT_TO_POINTER (300), test_long_call);
  g_test_add_data_func ("/sim/calls/long-1-mbit", GINT_TO_POINTER (1000), test_long_call);
  g_test_add_func ("/sim/calls/60-kbit", test_very_thin);
  g_test_add_func ("/sim/calls/60-kbit-begins", test_very_thin_begins);
  g_test_add_func ("/sim/calls/a-wide-line-begins", test_wide_begins);
  g_test_add_func ("/sim/calls/a-wide-line-from-the-first-second", test_wide_start);
  g_test_add_func ("/sim/calls/beside-three-downloads", test_beside_downloads);
  return g_test_run ();
}
