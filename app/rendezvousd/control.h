/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator's door: a Unix socket in the data folder, one JSON object a line each way. */
#ifndef APP_RENDEZVOUSD_CONTROL_H
#define APP_RENDEZVOUSD_CONTROL_H

#include "app/rendezvousd/server.h"

typedef struct AppControl AppControl;

/* Listens at folder/control (mode 0600). Asked: {"command": "list" | "add" | "invite" | "disable" |
 * "enable" | "who" | "counters" | "address", "name": ...}. Answered: {"ok": true, ...} or {"ok":
 * false, "error": one sentence}. Returns: (owned), or NULL with error. */
AppControl *app_control_new (AppServer *server, const char *folder, GError **error);
void app_control_free (AppControl *control);

#endif
