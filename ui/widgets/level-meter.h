/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for showing how loud a sound is, as a row of bars that light up. */
#ifndef AHOY_UI_WIDGETS_LEVEL_METER_H
#define AHOY_UI_WIDGETS_LEVEL_METER_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Properties: "level-permille" (uint 0..1000), "bars" (uint 1..32, default 5),
 * "bar-height" (uint 1..64 pixels, default 16). */
#define UI_TYPE_LEVEL_METER (ui_level_meter_get_type ())
G_DECLARE_FINAL_TYPE (UiLevelMeter, ui_level_meter, UI, LEVEL_METER, GtkWidget)

void ui_level_meter_set_level_permille (UiLevelMeter *self, guint level);

G_END_DECLS

#endif
