/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a running server has counted, under the names that the operator's door gives it. */
#ifndef APP_RENDEZVOUSD_CONTROL_COUNTERS_H
#define APP_RENDEZVOUSD_CONTROL_COUNTERS_H

#include "app/rendezvousd/server.h"

#include <json-glib/json-glib.h>

/* Adds the member "counters": an object of numbers, counted since the server started; those whose
 * names begin with "plain" only where plain clients are served. builder: within an object. */
void app_control_add_counters (JsonBuilder *builder, AppServer *server);

#endif
