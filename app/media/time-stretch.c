/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/time-stretch.h"

#include <math.h>
#include <string.h>

#define LEAST_LAG (APP_AUDIO_RATE / 400) /* 2.5 ms */
#define MOST_LAG (APP_AUDIO_RATE / 100)  /* 10 ms */
#define COARSE 4                         /* samples: step of the first search */
#define QUIET (60.0 * 60.0)              /* mean square under which any lag will do */
#define ALIKE 0.7                        /* least correlation */

/* Correlation (-1..1) of in[0..lag) with in[lag..2 lag). */
static double
likeness (const int16_t *in, int lag, int step) {
  double both = 1, first = 1, second = 1;
  for (int i = 0; i < lag; i += step) {
    const double a = in[i], b = in[i + lag];
    both += a * b;
    first += a * a;
    second += b * b;
  }
  return both / sqrt (first * second);
}

static double
mean_square (const int16_t *in, int count) {
  double sum = 0;
  for (int i = 0; i < count; i++) {
    sum += (double)in[i] * in[i];
  }
  return sum / count;
}

/* Returns the best lag, or 0 when the sound does not repeat itself. */
static int
find_lag (const int16_t *in) {
  if (mean_square (in, APP_AUDIO_FRAME_SAMPLES) < QUIET) {
    return MOST_LAG;
  }
  int best = 0;
  double most = -1;
  for (int lag = LEAST_LAG; lag <= MOST_LAG; lag += COARSE) {
    const double now = likeness (in, lag, COARSE);
    if (now > most) {
      most = now;
      best = lag;
    }
  }
  const int middle = best;
  most = -1;
  for (int lag = middle - COARSE; lag <= middle + COARSE; lag++) {
    if (lag < LEAST_LAG || lag > MOST_LAG) {
      continue;
    }
    const double now = likeness (in, lag, 1);
    if (now > most) {
      most = now;
      best = lag;
    }
  }
  return most >= ALIKE ? best : 0;
}

/* out = from fading into to, over count samples. */
static void
cross_fade (const int16_t *from, const int16_t *to, int count, int16_t *out) {
  for (int i = 0; i < count; i++) {
    out[i] = (int16_t)(((int32_t)from[i] * (count - i) + (int32_t)to[i] * i) / count);
  }
}

int
app_time_stretch (AppStretch how, const int16_t *in, int16_t *out) {
  const int lag = find_lag (in);
  const size_t size = sizeof (int16_t);
  if (lag == 0) {
    memcpy (out, in, APP_AUDIO_FRAME_SAMPLES * size);
    return APP_AUDIO_FRAME_SAMPLES;
  }
  if (how == APP_STRETCH_SHORTER) {
    cross_fade (in, in + lag, lag, out);
    memcpy (out + lag, in + 2 * lag, (size_t)(APP_AUDIO_FRAME_SAMPLES - 2 * lag) * size);
    return APP_AUDIO_FRAME_SAMPLES - lag;
  }
  memcpy (out, in, (size_t)lag * size);
  cross_fade (in + lag, in, lag, out + lag);
  memcpy (out + 2 * lag, in + lag, (size_t)(APP_AUDIO_FRAME_SAMPLES - lag) * size);
  return APP_AUDIO_FRAME_SAMPLES + lag;
}
