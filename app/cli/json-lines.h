/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One JSON object a line on standard output. */
#ifndef APP_CLI_JSON_LINES_H
#define APP_CLI_JSON_LINES_H

#include <glib.h>

/* event: the value of "event". Then by threes: a kind, a member's name, its value. Kinds: "s" const
 * char * (NULL = null), "b" gboolean, "i" gint64. Ends with NULL. */
void json_line (const char *event, ...) G_GNUC_NULL_TERMINATED;

#endif
