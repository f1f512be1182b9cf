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
/* As playing may go under the target by APP_JITTER_STRETCH_BELOW_US. */
#define APP_JITTER_MARGIN_US 10000
#define APP_JITTER_QUANTILE 0.99     /* part of the packets that should be in time */
#define APP_JITTER_BUCKET_US 5000    /* grain of the histogram of arrival delays */
#define APP_JITTER_BUCKETS 160       /* 0.8 s */
#define APP_JITTER_FORGET 0.995      /* per packet: half of the weight lies in the last 3 s */
#define APP_JITTER_FORGET_FAST 0.95  /* longer delays than any of the last ... */
#define APP_JITTER_GONE_US 1500000   /* ... so long, to twice that: half of their weight in 0.3 s */
#define APP_JITTER_AGAIN_US 20000000 /* worse ones again within this: that is twice as long ... */
#define APP_JITTER_GONE_MOST_US 12000000 /* ... up to this */
#define APP_JITTER_BURST_BUCKETS 10      /* so much worse */
#define APP_JITTER_BASE_WINDOW_US                                                                  \
  5000000                                 /* the fastest of the last 5 to 10 s counts as no delay  \
                                           */
#define APP_JITTER_STRETCH_BELOW_US 10000 /* play slower when this far under the target */
#define APP_JITTER_SHRINK_ABOVE_US 12000  /* play faster when this far over it */
#define APP_JITTER_SKIP_ABOVE_US 300000   /* leave out whole frames when this far over it */
#define APP_JITTER_PAUSE_FRAMES 6 /* so many made-up frames in a row: the sender has paused */
#define APP_JITTER_NEW_STREAM_US 10000000 /* a time-stamp that jumps further starts over */

/* Rates of the encoders, by how pictures and sound get through (app/media/rate-control.h). */
#define APP_RATE_TICK_US 100000 /* from look to look */
#define APP_RATE_FIRST_BPS 400000
#define APP_RATE_FIRST_WITHIN_US 30000 /* if the first picture took no longer */
#define APP_RATE_FIRST_WINDOW_BYTES                                                                \
  4000                             /* no more in a round trip then; our own window is so large */
#define APP_RATE_GROW_FIRST 4.0    /* part of the rate, a second, up to APP_RATE_FIRST_BPS */
#define APP_RATE_SETTLE_US 2000000 /* then our own window may be late to open for so long */
#define APP_RATE_LEAST_BPS 40000
#define APP_RATE_AUDIO_BPS 32000
#define APP_RATE_AUDIO_SMALL_BPS 20000   /* beside a small picture, or none */
#define APP_RATE_AUDIO_LEAST_BPS 12000   /* alone, and still too much */
#define APP_RATE_AUDIO_FULL_BPS 120000   /* from this video rate on sound has its full rate */
#define APP_RATE_PAIR_BELOW_BPS 70000    /* below it headers count: two sounds a packet */
#define APP_RATE_BITS_PER_PIXEL 0.022    /* less, and a smaller picture looks better */
#define APP_RATE_LARGER_AT 1.5           /* times the need of the larger picture ... */
#define APP_RATE_LARGER_AFTER_US 3000000 /* ... for so long: then it becomes larger */
#define APP_RATE_BASE_US 15000000 /* a picture's usual delay: the least of this long, twice */
#define APP_RATE_LATE_US 50000    /* beyond the usual: too much */
#define APP_RATE_CALM_US 25000    /* less than so much beyond the usual: there is room */
#define APP_RATE_WINDOW_US 15000  /* pictures may wait so long more while the line is empty */
#define APP_RATE_CLEAR_US 10000   /* no more than so much: nothing waits */
#define APP_RATE_CLEAR_AFTER_US 500000
#define APP_RATE_BLOCKED_US 250000 /* far too much */
#define APP_RATE_CROWD_AFTER_US                                                                    \
  2000000                                /* a queue that stands so long, though we send less;      \
  doubles where that was wrong */
#define APP_RATE_CROWD_MOST_US 500000    /* a longer queue is nothing to compete for */
#define APP_RATE_CROWD_AGAIN_US 1200000  /* and so long where it was so before */
#define APP_RATE_CROWD_LOOK_US 20000000  /* then it is looked at anew after so long, */
#define APP_RATE_CROWD_GONE_US 3000000   /* or when no queue was seen for so long */
#define APP_RATE_STUCK_US 150000         /* beyond a round trip: much less, at once */
#define APP_RATE_INCOMING_SOME_US 100000 /* of the queue towards us, a picture may always wait; */
#define APP_RATE_INCOMING_MOST_US 300000 /* what is beyond it is no wait of ours, up to so much */
#define APP_RATE_SKIP_FROM_US 250000     /* make no picture while the oldest waits so long */
#define APP_RATE_SKIP_UNTIL_US 120000
#define APP_RATE_LOWER_EACH_US 150000 /* beyond a round trip: between two steps down */
#define APP_RATE_HOLD_US 700000       /* likewise: from a step down to growth */
#define APP_RATE_GROW_FAR 1.2         /* part of the rate, a second */
#define APP_RATE_GROW_NEAR 0.06       /* near where it was too much the last time */
#define APP_RATE_NARROW_FORGET_US 15000000
#define APP_RATE_OFF_AFTER_US 2000000 /* at the least rate and late for so long: no picture */
#define APP_RATE_TRY_FIRST_US 8000000 /* then try again; doubles ... */
#define APP_RATE_TRY_MOST_US 64000000 /* ... up to this */
#define APP_RATE_TRIAL_US 3000000     /* so long a try may end at the first sign */
#define APP_RATE_TRY_CALM_US 2000000  /* of sound in time before a try */

/* Lip sync and video. */
#define APP_VIDEO_MOST_HOLD_US 1000000 /* a picture never waits longer for its sound */
#define APP_VIDEO_KEY_ASK_US 300000    /* between two requests for a key frame */
#define APP_VIDEO_FREEZE_US 300000     /* longer between two pictures is a freeze */

#endif
