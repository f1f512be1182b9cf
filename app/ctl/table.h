/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer of ahoyd for people: tables with aligned columns. */
#ifndef APP_CTL_TABLE_H
#define APP_CTL_TABLE_H

#include <json-glib/json-glib.h>

/* Prints what command answered on standard output. */
void app_ctl_print (const char *command, JsonObject *answer);

#endif
