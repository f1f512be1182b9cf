/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for turning times, lengths and plain text into what people read. */
#ifndef AHOY_UI_WIDGETS_FORMAT_H
#define AHOY_UI_WIDGETS_FORMAT_H

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (owned) "0:07", "12:34" or "1:02:03". */
char *ui_format_duration (guint duration_s);

/* Returns: (owned) the time of day, as the locale writes it. time_us: Unix microseconds. */
char *ui_format_clock (gint64 time_us);

/* For a list: the time of day today, "Yesterday", a weekday within six days, else the date.
 * now: (borrowed) local time. Returns: (owned). */
char *ui_format_list_time (gint64 time_us, GDateTime *now);

/* For a line between days: "Today", "Yesterday", or weekday and date. Returns: (owned). */
char *ui_format_day (gint64 time_us, GDateTime *now);

/* Returns: whether both times are on one local day. */
gboolean ui_format_is_same_day (gint64 a_us, gint64 b_us);

/* Returns: (owned) Pango markup of plain text, in which http:, https:, mailto: and ahoy: addresses
 * are links. Everything else is escaped. text: (borrowed) UTF-8. */
char *ui_format_linkified (const char *text);

G_END_DECLS

#endif
