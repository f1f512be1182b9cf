/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for choosing a camera, microphone or speaker in the middle of a call: three lists in a
 * popover. */
#ifndef AHOY_UI_WIDGETS_DEVICE_LIST_H
#define AHOY_UI_WIDGETS_DEVICE_LIST_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* devices, intents: (copied reference). Returns: (floating) a box that follows what is plugged in
 * and what is chosen, and asks the intents for another choice. */
GtkWidget *ui_device_list_new (UiDevices *devices, UiIntents *intents);

G_END_DECLS

#endif
