/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a large round mark of a person, with rings that spread while a call rings and a glow
 * that follows the voice once it runs. */
#ifndef AHOY_UI_WIDGETS_RIPPLE_AVATAR_H
#define AHOY_UI_WIDGETS_RIPPLE_AVATAR_H

#include <adwaita.h>

G_BEGIN_DECLS

#define UI_TYPE_RIPPLE_AVATAR (ui_ripple_avatar_get_type ())
G_DECLARE_FINAL_TYPE (UiRippleAvatar, ui_ripple_avatar, UI, RIPPLE_AVATAR, GtkWidget)

void ui_ripple_avatar_set_text (UiRippleAvatar *self, const char *text);
/* size_pixels: of the mark itself; the widget is 1.9 times as large. */
void ui_ripple_avatar_set_size (UiRippleAvatar *self, int size_pixels);
/* Rings spread; still ones where the person switched animations off. */
void ui_ripple_avatar_set_rippling (UiRippleAvatar *self, gboolean rippling);
void ui_ripple_avatar_set_level_permille (UiRippleAvatar *self, guint level);

G_END_DECLS

#endif
