/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tunables and bounds of app/media, each with its unit. */
#ifndef APP_MEDIA_PARAMS_H
#define APP_MEDIA_PARAMS_H

/* Sound: Opus 48 kHz mono, 20 ms (RFC 6716 s2.1.4). */
#define APP_AUDIO_RATE 48000
#define APP_AUDIO_FRAME_US 20000
#define APP_AUDIO_FRAME_SAMPLES 960

/* What a peer can fill. */
#define APP_JITTER_MOST_PACKETS 128 /* 2.56 s of sound; one more drops the oldest */
#define APP_JITTER_MOST_PACKET_BYTES                                                               \
  4000 /* bigger ones than Opus makes at 510 kbit/s are dropped */
#define APP_VIDEO_MOST_FRAMES                                                                      \
  90 /* encoded pictures waiting; one more drops up to the next key frame */
#define APP_VIDEO_MOST_BYTES (8 << 20) /* encoded bytes waiting */
#define APP_VIDEO_MOST_SIDE 4096       /* pixels; pictures announced larger are not decoded */

/* Jitter buffer. */
#define APP_JITTER_FIRST_TARGET_US 60000 /* before anything is known of the network */
#define APP_JITTER_LEAST_TARGET_US 20000
#define APP_JITTER_MOST_TARGET_US 600000
#define APP_JITTER_MARGIN_US 5000
#define APP_JITTER_QUANTILE 0.97  /* part of the packets that should be in time */
#define APP_JITTER_BUCKET_US 5000 /* grain of the histogram of arrival delays */
#define APP_JITTER_BUCKETS 160    /* 0.8 s */
#define APP_JITTER_FORGET 0.998   /* per packet: half of the weight lies in the last 7 s */
#define APP_JITTER_BASE_WINDOW_US                                                                  \
  5000000                                 /* the fastest of the last 5 to 10 s counts as no delay  \
                                           */
#define APP_JITTER_STRETCH_BELOW_US 10000 /* play slower when this far under the target */
#define APP_JITTER_SHRINK_ABOVE_US 12000  /* play faster when this far over it */
#define APP_JITTER_SKIP_ABOVE_US 300000   /* leave out whole frames when this far over it */
#define APP_JITTER_PAUSE_FRAMES 6 /* so many made-up frames in a row: the sender has paused */
#define APP_JITTER_NEW_STREAM_US 10000000 /* a time-stamp that jumps further starts over */

/* Rate of the video, by reports of the far side. */
#define APP_RATE_LEAST_BPS 80000
#define APP_RATE_STEP_BPS 10000       /* least growth a report */
#define APP_RATE_NARROW_PERMILLE 20   /* of pictures lost: a little less */
#define APP_RATE_BLOCKED_PERMILLE 100 /* much less */
#define APP_RATE_GROWN_MS 60          /* jitter over the path's usual one: a queue is filling */
#define APP_RATE_HOLD_US 4000000      /* no growth for so long after a step down */

/* Lip sync and video. */
#define APP_VIDEO_MOST_HOLD_US 1000000 /* a picture never waits longer for its sound */
#define APP_VIDEO_KEY_ASK_US 300000    /* between two requests for a key frame */
#define APP_VIDEO_FREEZE_US 500000

#endif
