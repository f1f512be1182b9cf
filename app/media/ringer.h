/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ring tones: plays a sound file on the speaker, once or in a loop. */
#ifndef APP_MEDIA_RINGER_H
#define APP_MEDIA_RINGER_H

#include "app/media/media.h"

typedef struct AppRinger AppRinger;

/* Belongs to the thread of context (NULL = the thread's default). notice may be NULL. */
AppRinger *app_ringer_new (GMainContext *context, AppNoticeFunc notice, void *data);
void app_ringer_free (AppRinger *ringer);

/* Plays path on speaker (id of the device list, NULL or "default" = the system's); what was playing
 * stops. Sounds of this program stand in data/sounds: ring.oga (incoming), ringback.oga (outgoing),
 * busy.oga, ended.oga. */
void app_ringer_play (AppRinger *ringer, const char *path, const char *speaker, bool loop);
void app_ringer_stop (AppRinger *ringer);

#endif
