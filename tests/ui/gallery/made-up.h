/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a made-up client: people, conversations and calls without any network, for pictures
 * and tests. */
#ifndef AHOY_TESTS_UI_GALLERY_MADE_UP_H
#define AHOY_TESTS_UI_GALLERY_MADE_UP_H

#include "ui/model/intents.h"

G_BEGIN_DECLS

#define MADE_TYPE_UP (made_up_get_type ())
G_DECLARE_FINAL_TYPE (MadeUp, made_up, MADE, UP, GObject)

/* application: (borrowed, outlives it), which UiIntents.quit ends. Returns: (owned). */
MadeUp *made_up_new (GApplication *application, UiSession *session);

/* Signs somebody in. */
void made_up_sign_in (UiSession *session);

/* Adds people with conversations. */
void made_up_add_people (UiSession *session);

/* Adds devices. */
void made_up_add_devices (UiSession *session);

/* Makes the call the session's. */
UiCall *made_up_call (UiSession *session, const char *address, UiCallDirection direction,
                      gboolean with_video); /* Returns: (borrowed, by the session) */

/* Puts one drawn picture into a slot. person: 0.. who it looks like. */
void made_up_push_picture (UiFrameSlot *slot, int person, int width, int height);

G_END_DECLS

#endif
