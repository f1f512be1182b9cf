/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells when the machine wakes from sleep, as logind announces it on the system bus
 * (org.freedesktop.login1.Manager, signal PrepareForSleep). */
#ifndef APP_CLIENT_SLEEP_WATCH_H
#define APP_CLIENT_SLEEP_WATCH_H

#include <gio/gio.h>

typedef struct AppSleepWatch AppSleepWatch;

/* bus: (referenced) the system bus. woke is called on the thread's default context of now. */
AppSleepWatch *app_sleep_watch_new (GDBusConnection *bus, void (*woke) (gpointer data),
                                    gpointer data);
void app_sleep_watch_free (AppSleepWatch *watch); /* NULL is fine */

#endif
