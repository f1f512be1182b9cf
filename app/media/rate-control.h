/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the encoders of a call may take, from how its pictures and sound get through: down at once
 * when they begin to wait, up again as long as nothing waits. Pure; the ideas are those of RFC 8298
 * (queue delay and the age of what waits for its turn), over a session that has a congestion window
 * of its own.
 *
 * A queue that stands for seconds while less and less of ours goes into it is somebody else's (a
 * download): then only what waits for its turn with us counts, and the session's window, which
 * competes as TCP does, says how much that may be.
 *
 * Sound has priority in the session and is touched last: when there is no picture any more. Nobody
 * knows the line when a call begins, so it begins with a picture so small that sound hardly waits
 * behind it: what that takes to get through says what the next ones may be, or that there is to be
 * none. */
#ifndef APP_MEDIA_RATE_CONTROL_H
#define APP_MEDIA_RATE_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#define APP_RATE_SAMPLES 8

/* One look at the path, each APP_RATE_TICK_US. */
typedef struct {
  int64_t srtt_us, lowest_rtt_us; /* 0 = not known */
  int64_t incoming_us;            /* the part of that which is queues on the way to us */
  int64_t waiting_us;             /* age of the oldest picture that is not acknowledged; 0 = none */
  int64_t delay_us;               /* of the last acknowledged picture */
  uint64_t delivered;             /* pictures, so far */
  uint64_t delivered_bytes;
  uint64_t given_up; /* pictures, so far */
} AppRateSample;

/* What to do now. */
typedef struct {
  int video_bps;
  int audio_bps;
  int size_percent; /* of the picture's usual width and height: 100, 75 or 50 */
  int fps_percent;  /* of the usual speed: 100 or 50 */
  bool skip;        /* make no picture now: what is under way is late already */
  bool pair_sounds; /* hand over two sounds at once: half as many packets */
  bool video_on;    /* false: the line is too thin for any picture */
} AppRateDecision;

/* What sound takes while there is no picture. */
typedef enum { APP_SOUND_LEAST, APP_SOUND_SMALL, APP_SOUND_FULL } AppSoundStep;

/* Read `now`; the rest is this module's own. */
typedef struct {
  AppRateDecision now;
  bool begun; /* the first picture has told what the line takes: until then the least goes out */
  int64_t settled_us;         /* the first picture went well: our own window opens until then */
  int most_bps, pixels_per_s; /* of the usual picture */
  double bps;
  double narrow_bps; /* where it was too much the last time; 0 = never or long ago */
  int64_t narrow_us;
  int64_t queue_seen_us;                 /* the last time that anything waited */
  int64_t hold_until_us, lower_after_us; /* no growth, no further step down, before */
  int64_t wide_since_us;                 /* pictures may become larger from here on */
  int64_t blocked_us;                    /* at the least rate and still too much, for so long */
  AppSoundStep sound, proven;
  int64_t calm_us; /* no step up of sound before */
  int64_t try_again_us, try_wait_us, tried_us;
  int64_t last_us;
  int64_t base_us[2]; /* least delay of a picture: this and the last period */
  int64_t base_until_us;
  int late_looks;            /* one after the other */
  bool crowded, was_crowded; /* others fill the queue, whatever we do */
  int64_t crowd_us;          /* not crowded: a queue stands since then; crowded: look again then */
  int64_t empty_us;          /* crowded: the queue is gone since then */
  int64_t crowd_queue_us, crowd_wait_us; /* how long it was; how long it is watched before */
  double crowd_bps;                      /* when it began to stand */
  AppRateSample before;
  struct {
    int64_t at_us;
    uint64_t bytes;
  } delivered[APP_RATE_SAMPLES]; /* oldest first */
  int delivered_count;
} AppRateControl;

/* most_bps: what the video encoder may take when nothing is in its way; width x height at fps: the
 * usual picture. */
void app_rate_control_init (AppRateControl *control, int most_bps, int width, int height, int fps);

/* Takes a look at now_us; control->now is what to do. */
void app_rate_control_update (AppRateControl *control, const AppRateSample *sample, int64_t now_us);

#endif
