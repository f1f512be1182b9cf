/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many bits a second the video may take, from what the far side reports once a second: down at
 * once when pictures are lost or sound is late, up again slowly. Pure. Sound is small and has
 * priority in the sessions: it is left alone. */
#ifndef APP_MEDIA_RATE_CONTROL_H
#define APP_MEDIA_RATE_CONTROL_H

#include <stdint.h>

typedef struct {
  int most_bps;
  int bps;               /* now */
  int usual_jitter_ms;   /* of this path, slowly followed */
  int64_t hold_until_us; /* no growth before */
} AppRateControl;

/* most_bps: what the encoder may take when nothing is in its way; begins there. */
void app_rate_control_init (AppRateControl *control, int most_bps);

typedef struct {
  int audio_lost_permille; /* of the last interval, 0..1000 */
  int video_lost_permille; /* likewise */
  int jitter_ms;           /* of arrival, now */
  int key_frames_asked;    /* by the far side since the last report */
} AppRateReport;

/* Takes a report at now_us. Returns: bits a second to set now. */
int app_rate_control_update (AppRateControl *control, const AppRateReport *report, int64_t now_us);

#endif
