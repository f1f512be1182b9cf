/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what a person can set: devices with a look and a listen, resolution, ringing,
 * background. */
#ifndef AHOY_UI_DIALOGS_PREFERENCES_WINDOW_H
#define AHOY_UI_DIALOGS_PREFERENCES_WINDOW_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define UI_TYPE_PREFERENCES_WINDOW (ui_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (UiPreferencesWindow, ui_preferences_window, UI, PREFERENCES_WINDOW,
                      AdwPreferencesWindow)

/* devices, intents, settings (of the schema org.ahoycall.Ahoy): (copied reference). The camera and
 * the microphone run while it is open. */
GtkWidget *ui_preferences_window_new (UiDevices *devices, UiIntents *intents, GSettings *settings);

G_END_DECLS

#endif
