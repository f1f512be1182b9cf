/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/rate-control.h"

#include "app/media/params.h"

#include <glib.h>

#define NEVER INT64_MAX

/* From the largest picture down. A picture needs so many bits a pixel, or it falls apart. */
static const struct {
  int size_percent, fps_percent;
} rungs[] = {{100, 100}, {75, 100}, {50, 100}, {50, 50}};

static int
need_bps (const AppRateControl *control, gsize rung) {
  return (int)((double)control->pixels_per_s * rungs[rung].size_percent * rungs[rung].size_percent /
               10000 * rungs[rung].fps_percent / 100 * APP_RATE_BITS_PER_PIXEL);
}

static gsize
rung_now (const AppRateControl *control) {
  gsize rung = 0;
  while (rungs[rung].size_percent != control->now.size_percent ||
         rungs[rung].fps_percent != control->now.fps_percent) {
    rung++;
  }
  return rung;
}

static void
take_rung (AppRateControl *control, gsize rung) {
  control->now.size_percent = rungs[rung].size_percent;
  control->now.fps_percent = rungs[rung].fps_percent;
}

/* From this rung down the first that the rate is enough for. */
static gsize
lowest_rung (const AppRateControl *control, gsize rung) {
  while (rung + 1 < G_N_ELEMENTS (rungs) && control->bps < need_bps (control, rung)) {
    rung++;
  }
  return rung;
}

/* Smaller at once, larger only where the rate has been there for a while: each change costs a key
 * frame. */
static void
choose_rung (AppRateControl *control, int64_t now_us) {
  const gsize before = rung_now (control);
  gsize rung = lowest_rung (control, before);
  if (rung == before && rung > 0 &&
      control->bps >= need_bps (control, rung - 1) * APP_RATE_LARGER_AT) {
    if (now_us - control->wide_since_us >= APP_RATE_LARGER_AFTER_US) {
      rung--;
    }
  } else {
    control->wide_since_us = now_us;
  }
  if (rung != before) {
    control->wide_since_us = now_us;
  }
  take_rung (control, rung);
}

void
app_rate_control_init (AppRateControl *control, int most_bps, int width, int height, int fps) {
  *control = (AppRateControl){
      .now = {.audio_bps = APP_RATE_AUDIO_BPS, .video_on = true},
      .most_bps = most_bps,
      .pixels_per_s = width * height * fps,
      .bps = MIN (most_bps, APP_RATE_LEAST_BPS),
      .base_us = {NEVER, NEVER},
      .try_wait_us = APP_RATE_TRY_FIRST_US,
      .crowd_wait_us = APP_RATE_CROWD_AFTER_US,
  };
  control->now.video_bps = (int)control->bps;
  take_rung (control, lowest_rung (control, 0));
}

/* Bits a second that were acknowledged in the last looks. */
static double
delivered_bps (AppRateControl *control, const AppRateSample *sample, int64_t now_us) {
  if (control->delivered_count == APP_RATE_SAMPLES) {
    for (int i = 1; i < APP_RATE_SAMPLES; i++) {
      control->delivered[i - 1] = control->delivered[i];
    }
    control->delivered_count--;
  }
  control->delivered[control->delivered_count].at_us = now_us;
  control->delivered[control->delivered_count++].bytes = sample->delivered_bytes;
  const int64_t time_us = now_us - control->delivered[0].at_us;
  const double bits = 8.0 * (double)(sample->delivered_bytes - control->delivered[0].bytes);
  return time_us > 0 ? bits * 1e6 / (double)time_us : 0;
}

/* What stands on the line beyond its usual length, our way; us. */
static int64_t
queue_us_of (const AppRateSample *sample) {
  return sample->srtt_us - sample->lowest_rtt_us - sample->incoming_us;
}

static void
find_crowded (AppRateControl *control, int64_t queue_us, int64_t now_us) {
  control->crowded = true;
  control->crowd_us = now_us + APP_RATE_CROWD_LOOK_US;
  control->crowd_queue_us = MAX (control->crowd_queue_us, queue_us);
  control->empty_us = now_us;
  control->narrow_bps = 0;
  control->bps = MAX (control->bps, control->crowd_bps * (control->was_crowded ? 1 : 0.5));
  control->hold_until_us = now_us;
  control->now.video_on = true;
}

/* Whether others fill the queue. Ours would empty within the time that we watch it: each step down
 * leaves a seventh of the line to that, and no picture at all leaves more. Nor does theirs grow by
 * what we send into it. */
static void
look_for_others (AppRateControl *control, int64_t queue_us, int64_t own_us, int64_t now_us) {
  const bool stands = queue_us >= APP_RATE_LATE_US && queue_us <= APP_RATE_CROWD_MOST_US;
  if (control->crowded) {
    const bool is_ours = queue_us > APP_RATE_CROWD_MOST_US ||
                         queue_us > control->crowd_queue_us * 3 / 2 + APP_RATE_LATE_US;
    control->empty_us = queue_us >= APP_RATE_CALM_US ? now_us : control->empty_us;
    if (!is_ours && now_us < control->crowd_us &&
        now_us - control->empty_us < APP_RATE_CROWD_GONE_US) {
      return;
    }
    control->crowded = false;
    control->was_crowded = stands && !is_ours;
    if (is_ours) {
      control->crowd_wait_us = MIN (control->crowd_wait_us * 2, APP_RATE_TRY_MOST_US);
    }
  } else if (stands && own_us < APP_RATE_LATE_US &&
             queue_us >= control->crowd_queue_us / 2) { /* and it does not fall */
    const int64_t after_us = control->was_crowded    ? APP_RATE_CROWD_AGAIN_US
                             : control->now.video_on ? control->crowd_wait_us
                                                     : 2 * control->crowd_wait_us;
    const bool can_send_less =
        !control->was_crowded && control->now.video_on && control->bps <= APP_RATE_LEAST_BPS;
    if (now_us - control->crowd_us >= after_us && !can_send_less) {
      find_crowded (control, queue_us, now_us);
    }
    return;
  }
  if (queue_us < APP_RATE_CALM_US && control->now.video_on &&
      control->bps >= 4 * APP_RATE_LEAST_BPS) {
    control->crowd_wait_us = APP_RATE_CROWD_AFTER_US;
  }
  control->was_crowded = control->was_crowded && stands;
  control->crowd_us = now_us;
  control->crowd_queue_us = queue_us;
  control->crowd_bps = control->bps;
}

/* What a picture takes that does not wait for others of ours. */
static int64_t
free_us (const AppRateControl *control, const AppRateSample *sample) {
  return control->crowded || control->was_crowded
             ? sample->srtt_us
             : sample->lowest_rtt_us + CLAMP (sample->incoming_us - APP_RATE_INCOMING_SOME_US, 0,
                                              APP_RATE_INCOMING_MOST_US);
}

/* How much longer than usual the pictures take, or the round trip does; us. */
static int64_t
excess_us (AppRateControl *control, const AppRateSample *sample, int64_t now_us) {
  if (now_us >= control->base_until_us) {
    control->base_us[1] = control->base_us[0];
    control->base_us[0] = NEVER;
    control->base_until_us = now_us + APP_RATE_BASE_US;
  }
  int64_t delay_us = sample->waiting_us;
  if (sample->delivered > control->before.delivered) {
    control->base_us[0] = MIN (control->base_us[0], sample->delay_us);
    delay_us = MAX (delay_us, sample->delay_us);
  }
  int64_t base_us = MIN (control->base_us[0], control->base_us[1]);
  base_us = base_us == NEVER ? sample->srtt_us : MAX (base_us, sample->lowest_rtt_us);
  const int64_t queue_us = queue_us_of (sample);
  const int64_t own_us = MAX (delay_us - sample->srtt_us, 0);
  look_for_others (control, queue_us, own_us, now_us);
  if (control->crowded) {
    return own_us;
  }
  /* Pictures alone wait for our own window, which grows by their waiting. */
  const int64_t wait_us = delay_us - base_us - sample->incoming_us;
  const int64_t grace_us = queue_us < APP_RATE_CALM_US ? APP_RATE_WINDOW_US : 0;
  return MAX (MAX (wait_us - grace_us, queue_us), 0);
}

static void
lower (AppRateControl *control, double to, const AppRateSample *sample, int64_t now_us) {
  if (now_us < control->lower_after_us) {
    return;
  }
  /* What waits for our own window, which grows, says nothing of the line. */
  const bool is_line = queue_us_of (sample) >= APP_RATE_CALM_US;
  if (is_line && (control->bps < control->most_bps || control->narrow_bps == 0)) {
    control->narrow_bps = control->bps;
    control->narrow_us = now_us;
  }
  control->bps = MIN (control->bps, to);
  /* What it does shows after a round trip. */
  control->lower_after_us = now_us + sample->srtt_us + APP_RATE_LOWER_EACH_US;
  control->hold_until_us =
      now_us + sample->srtt_us + (is_line ? APP_RATE_HOLD_US : APP_RATE_HOLD_US / 2);
}

static void
grow (AppRateControl *control, double delivered, int64_t late_us, int64_t now_us) {
  if (now_us < control->hold_until_us) {
    return;
  }
  if (now_us - control->narrow_us > APP_RATE_NARROW_FORGET_US) {
    control->narrow_bps = 0;
  }
  const double part = control->narrow_bps > 0 ? control->bps / control->narrow_bps : 0;
  /* At what was too much before, and nothing waits at all: the line has become wider. */
  const bool clear = now_us - control->queue_seen_us >= APP_RATE_CLEAR_AFTER_US;
  const bool near = part > 0.85 && !clear && (part < 1.0 || late_us >= APP_RATE_CALM_US);
  const bool first = now_us < control->settled_us && control->bps < APP_RATE_FIRST_BPS;
  const double a_second = first  ? APP_RATE_GROW_FIRST
                          : near ? APP_RATE_GROW_NEAR
                                 : APP_RATE_GROW_FAR;
  const double seconds = CLAMP ((double)(now_us - control->last_us) / 1e6, 0, 0.5);
  /* What was never sent was never tried: no more than half above it. */
  const double most = MAX (delivered * 2, APP_RATE_FIRST_BPS);
  if (control->bps < most) {
    control->bps = MIN (control->bps * (1 + a_second * seconds), most);
  }
}

/* A step up that failed is tried again after twice the time. */
static void
step_back (AppRateControl *control, int64_t now_us) {
  control->try_again_us = now_us + control->try_wait_us;
  control->try_wait_us = MIN (control->try_wait_us * 2, APP_RATE_TRY_MOST_US);
  control->tried_us = 0;
}

/* Without a picture: sound takes as much as goes, by steps; a picture is tried again when the
 * largest was in time for a while. Nothing less says whether there is room for one. What fills the
 * line is let go at once, and taken up again as far as it went before. */
static void
without_picture (AppRateControl *control, bool late, bool trial, int64_t now_us) {
  if (late) {
    if ((trial || control->late_looks >= 2) && control->sound > APP_SOUND_LEAST) {
      if (trial) {
        step_back (control, now_us);
      } else {
        control->proven = control->sound - 1;
      }
      control->sound = APP_SOUND_LEAST;
    }
    control->calm_us = now_us + APP_RATE_TRY_CALM_US;
    control->try_again_us = MAX (control->try_again_us, control->calm_us);
    return;
  }
  if (!trial && control->sound > control->proven) {
    control->proven = control->sound;
  }
  if (control->sound < control->proven) {
    if (now_us >= control->calm_us) {
      control->sound++;
      control->calm_us = now_us + APP_RATE_TRY_CALM_US;
    }
  } else if (now_us >= control->try_again_us) {
    control->tried_us = now_us;
    control->try_again_us = now_us + APP_RATE_TRIAL_US;
    if (control->sound < APP_SOUND_FULL) {
      control->sound++;
    } else {
      control->now.video_on = true;
      control->bps = APP_RATE_LEAST_BPS;
      control->hold_until_us = now_us + APP_RATE_TRIAL_US;
    }
  }
}

/* No picture at all where not even the smallest gets through. */
static void
turn_video (AppRateControl *control, const AppRateSample *sample, int64_t late_us, int64_t now_us) {
  const bool late = late_us >= APP_RATE_LATE_US;
  const bool trial = control->tried_us > 0 && now_us - control->tried_us < APP_RATE_TRIAL_US;
  if (!control->now.video_on) {
    without_picture (control, late || (trial && late_us >= APP_RATE_CALM_US), trial, now_us);
    return;
  }
  const bool blocked = late && control->bps <= APP_RATE_LEAST_BPS;
  /* Pictures that are skipped let the line recover for a moment: that counts half. */
  control->blocked_us += blocked ? APP_RATE_TICK_US : -APP_RATE_TICK_US / 2;
  control->blocked_us = MAX (control->blocked_us, 0);
  /* The first picture may be late because it was lost: then the round trip does not grow. */
  const bool hurts = control->begun || (queue_us_of (sample) >= APP_RATE_LATE_US &&
                                        sample->srtt_us > control->before.srtt_us);
  if (trial ? control->late_looks >= 2 && hurts : control->blocked_us >= APP_RATE_OFF_AFTER_US) {
    control->now.video_on = false;
    control->blocked_us = 0;
    control->sound = APP_SOUND_LEAST;
    control->calm_us = now_us + APP_RATE_TRY_CALM_US;
    control->crowd_us = now_us; /* sound alone leaves a queue of ours time to empty */
    control->was_crowded = false;
    control->crowd_bps = control->bps;
    step_back (control, now_us);
  } else if (control->bps >= 4 * APP_RATE_LEAST_BPS) {
    control->try_wait_us = APP_RATE_TRY_FIRST_US;
  }
}

static void
choose_audio (AppRateControl *control) {
  if (control->now.video_on) {
    const bool full = control->bps >= APP_RATE_AUDIO_FULL_BPS;
    control->now.audio_bps = full ? APP_RATE_AUDIO_BPS : APP_RATE_AUDIO_SMALL_BPS;
    control->now.pair_sounds = control->bps < APP_RATE_PAIR_BELOW_BPS;
    return;
  }
  control->now.audio_bps = control->sound == APP_SOUND_FULL    ? APP_RATE_AUDIO_BPS
                           : control->sound == APP_SOUND_SMALL ? APP_RATE_AUDIO_SMALL_BPS
                                                               : APP_RATE_AUDIO_LEAST_BPS;
  control->now.pair_sounds = true;
}

/* What the first picture took beyond the round trip is its length on the line, or nearly nothing.
 */
static void
begin (AppRateControl *control, const AppRateSample *sample, int64_t now_us) {
  if (sample->delivered == 0) {
    control->tried_us =
        sample->waiting_us > 0 && control->tried_us == 0 ? now_us : control->tried_us;
    return;
  }
  const int64_t took_us = MAX (sample->delay_us - sample->lowest_rtt_us, 1);
  const double seen_bps = 8e6 * (double)sample->delivered_bytes / (double)took_us;
  const double window_bps =
      8e6 * APP_RATE_FIRST_WINDOW_BYTES / (double)MAX (sample->lowest_rtt_us, 1);
  double most_bps = MIN (MIN (control->most_bps, APP_RATE_FIRST_BPS), window_bps);
  most_bps = MAX (most_bps, control->bps);
  control->begun = true;
  control->bps =
      took_us <= APP_RATE_FIRST_WITHIN_US ? most_bps : CLAMP (seen_bps, control->bps, most_bps);
  if (control->bps > APP_RATE_LEAST_BPS) {
    control->tried_us = 0;
    control->settled_us = now_us + APP_RATE_SETTLE_US;
  }
  take_rung (control, lowest_rung (control, 0));
}

/* Nothing gets through for long. What waits for our own window moves, and not for twice as long. */
static bool
is_stuck (const AppRateControl *control, const AppRateSample *sample, int64_t now_us) {
  const bool opens = sample->delivered > control->before.delivered || now_us < control->settled_us;
  const bool moves = opens && queue_us_of (sample) < APP_RATE_CALM_US;
  return sample->waiting_us >= APP_RATE_STUCK_US * (moves ? 2 : 1) + free_us (control, sample);
}

static void
follow (AppRateControl *control, const AppRateSample *sample, double delivered, int64_t late_us,
        int64_t now_us) {
  const bool lost = sample->given_up > control->before.given_up;
  if (is_stuck (control, sample, now_us)) {
    lower (control, 0.3 * control->bps, sample, now_us);
    control->lower_after_us =
        MIN (control->lower_after_us, now_us + sample->lowest_rtt_us + APP_RATE_LOWER_EACH_US);
  } else if (lost || late_us >= APP_RATE_BLOCKED_US) {
    lower (control, 0.7 * CLAMP (delivered, 0.3 * control->bps, control->bps), sample, now_us);
  } else if (late_us >= APP_RATE_CALM_US && now_us < control->settled_us &&
             queue_us_of (sample) < APP_RATE_CALM_US) {
    return; /* our window was enough for the first picture, and opens as the next ones wait */
  } else if (control->late_looks >= 2) {
    const double least = queue_us_of (sample) < APP_RATE_CALM_US ? 0.85 : 0.6;
    lower (control, 0.85 * CLAMP (delivered, least * control->bps, control->bps), sample, now_us);
  } else if (late_us < APP_RATE_CALM_US) {
    grow (control, delivered, late_us, now_us);
  }
  control->bps =
      CLAMP (control->bps, MIN (APP_RATE_LEAST_BPS, control->most_bps), control->most_bps);
}

/* What stood on the line was no queue: the route is longer now. */
static void
lengthen (AppRateControl *control, int64_t now_us) {
  control->narrow_bps = 0;
  control->crowded = control->was_crowded = false;
  control->hold_until_us = control->lower_after_us = control->crowd_us = now_us;
  control->blocked_us = 0;
  control->late_looks = 0;
  if (!control->now.video_on) {
    control->now.video_on = true;
    control->bps = MIN (APP_RATE_LEAST_BPS, control->most_bps);
    control->tried_us = 0; /* no trial: there is room */
  }
}

void
app_rate_control_update (AppRateControl *control, const AppRateSample *sample, int64_t now_us) {
  if (sample->delivered_bytes < control->before.delivered_bytes) { /* another path */
    control->before = (AppRateSample){0};
    control->delivered_count = 0;
    control->base_us[0] = control->base_us[1] = NEVER;
  }
  if (control->before.lowest_rtt_us > 0 &&
      sample->lowest_rtt_us - control->before.lowest_rtt_us >= APP_RATE_CALM_US) {
    lengthen (control, now_us);
  }
  const double delivered = delivered_bps (control, sample, now_us);
  const int64_t late_us = excess_us (control, sample, now_us);
  if (late_us >= APP_RATE_CLEAR_US) {
    control->queue_seen_us = now_us;
  }
  control->late_looks = late_us >= APP_RATE_LATE_US ? control->late_looks + 1 : 0;
  if (control->now.video_on && !control->begun) {
    begin (control, sample, now_us);
  } else if (control->now.video_on) {
    follow (control, sample, delivered, late_us, now_us);
  }
  turn_video (control, sample, late_us, now_us);
  choose_audio (control);
  choose_rung (control, now_us);
  const int64_t skip_us = control->now.skip ? APP_RATE_SKIP_UNTIL_US : APP_RATE_SKIP_FROM_US;
  control->now.skip =
      sample->waiting_us >= (control->begun ? skip_us + free_us (control, sample) : 1);
  control->now.video_bps = (int)control->bps;
  control->before = *sample;
  control->last_us = now_us;
}
