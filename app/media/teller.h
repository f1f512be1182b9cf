/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only for app/media: hands notices to their listener from the main loop, in order, never from
 * inside a call. */
#ifndef APP_MEDIA_TELLER_H
#define APP_MEDIA_TELLER_H

#include "app/media/media.h"

typedef struct AppTeller AppTeller;

/* function may be NULL: nobody listens. */
AppTeller *app_teller_new (GMainContext *context, AppNoticeFunc function, void *data);
/* What was not delivered is forgotten. On the context's thread. */
void app_teller_free (AppTeller *teller);
/* On the context's thread; texts are copied. */
void app_teller_tell (AppTeller *teller, AppNoticeKind kind, const char *device,
                      const char *detail);

#endif
