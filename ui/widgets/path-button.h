/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for telling which way a call takes, direct or over a relay, with the safety number and
 * the numbers behind it in a popover. */
#ifndef AHOY_UI_WIDGETS_PATH_BUTTON_H
#define AHOY_UI_WIDGETS_PATH_BUTTON_H

#include "ui/model/call.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define UI_TYPE_PATH_BUTTON (ui_path_button_get_type ())
G_DECLARE_FINAL_TYPE (UiPathButton, ui_path_button, UI, PATH_BUTTON, AdwBin)

/* Shows what the call says now; hides itself while the call has no path. call: (borrowed, during
 * the call). */
void ui_path_button_update (UiPathButton *self, UiCall *call);

/* brief: only the icon, for a narrow window. */
void ui_path_button_set_brief (UiPathButton *self, gboolean brief);

G_END_DECLS

#endif
