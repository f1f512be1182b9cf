/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes a piece of speech one pitch period shorter or longer without changing its pitch (overlap
 * and add at the lag where the signal resembles itself most). Pure. */
#ifndef APP_MEDIA_TIME_STRETCH_H
#define APP_MEDIA_TIME_STRETCH_H

#include "app/media/params.h"

#include <stdint.h>

/* Most samples that app_time_stretch() may write. */
#define APP_TIME_STRETCH_MOST (APP_AUDIO_FRAME_SAMPLES * 3 / 2)

typedef enum {
  APP_STRETCH_SHORTER,
  APP_STRETCH_LONGER,
} AppStretch;

/* in: APP_AUDIO_FRAME_SAMPLES mono samples; out: room for APP_TIME_STRETCH_MOST, not overlapping
 * in. First and last samples stay, so pieces still join. Returns: samples written: 2.5 to 10 ms
 * fewer or more than in, or as many when nothing could be left out or put in without being heard.
 */
int app_time_stretch (AppStretch how, const int16_t *in, int16_t *out);

#endif
