/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for writing a message: Enter sends, Shift+Enter breaks the line, Tab leaves. */
#ifndef AHOY_UI_WIDGETS_COMPOSER_H
#define AHOY_UI_WIDGETS_COMPOSER_H

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "changed" (): the text is another one.
 *          "send" (const char *text): stripped and not empty; the entry is emptied after it. */
#define UI_TYPE_COMPOSER (ui_composer_get_type ())
G_DECLARE_FINAL_TYPE (UiComposer, ui_composer, UI, COMPOSER, AdwBin)

char *ui_composer_dup_text (UiComposer *self); /* Returns: (owned) */
void ui_composer_set_text (UiComposer *self, const char *text);
/* name: (copied) whom the message goes to. */
void ui_composer_set_recipient (UiComposer *self, const char *name);

G_END_DECLS

#endif
