/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a person's round mark with the dot that tells whether they can be reached. */
#ifndef AHOY_UI_WIDGETS_PRESENCE_AVATAR_H
#define AHOY_UI_WIDGETS_PRESENCE_AVATAR_H

#include "ui/model/contact.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Properties: "size" (int, pixels). */
#define UI_TYPE_PRESENCE_AVATAR (ui_presence_avatar_get_type ())
G_DECLARE_FINAL_TYPE (UiPresenceAvatar, ui_presence_avatar, UI, PRESENCE_AVATAR, AdwBin)

/* contact: (copied reference) or NULL. */
void ui_presence_avatar_set_contact (UiPresenceAvatar *self, UiContact *contact);

/* Returns: (static) the presence in words. */
const char *ui_presence_describe (UiPresence presence);

G_END_DECLS

#endif
