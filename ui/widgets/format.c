/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for turning times, lengths and plain text into what people read. */
#include "ui/widgets/format.h"

#include <glib/gi18n.h>
#include <string.h>

char *
ui_format_duration (guint duration_s) {
  const guint hours = duration_s / 3600;
  const guint minutes = duration_s / 60 % 60;
  const guint seconds = duration_s % 60;
  return hours > 0 ? g_strdup_printf ("%u:%02u:%02u", hours, minutes, seconds)
                   : g_strdup_printf ("%u:%02u", minutes, seconds);
}

static GDateTime *
local_time (gint64 time_us) {
  g_autoptr (GDateTime) whole = g_date_time_new_from_unix_local (time_us / G_USEC_PER_SEC);
  return whole != NULL ? g_steal_pointer (&whole) : g_date_time_new_from_unix_local (0);
}

static char *
format_time (GDateTime *time, const char *format) {
  char *text = g_date_time_format (time, format);
  return text != NULL ? text : g_strdup ("");
}

char *
ui_format_clock (gint64 time_us) {
  g_autoptr (GDateTime) time = local_time (time_us);
  /* Translators: the time of day, in the form of strftime: %H:%M is 14:05, %l:%M %p is 2:05 PM. */
  return format_time (time, _ ("%H:%M"));
}

/* Returns: whole local days from `then` to `now`; negative if then is later. */
static gint
days_between (GDateTime *then, GDateTime *now) {
  GDate first, second;
  g_date_clear (&first, 1);
  g_date_clear (&second, 1);
  g_date_set_dmy (&first, (GDateDay)g_date_time_get_day_of_month (then),
                  (GDateMonth)g_date_time_get_month (then), (GDateYear)g_date_time_get_year (then));
  g_date_set_dmy (&second, (GDateDay)g_date_time_get_day_of_month (now),
                  (GDateMonth)g_date_time_get_month (now), (GDateYear)g_date_time_get_year (now));
  return g_date_days_between (&first, &second);
}

char *
ui_format_list_time (gint64 time_us, GDateTime *now) {
  g_autoptr (GDateTime) time = local_time (time_us);
  const gint days = days_between (time, now);
  if (days <= 0) {
    return ui_format_clock (time_us);
  }
  if (days == 1) {
    return g_strdup (_ ("Yesterday"));
  }
  if (days < 7) {
    return format_time (time, "%A");
  }
  /* Translators: a short date, in the form of strftime: %-e is the day, %b the short month. */
  return format_time (time, days < 300 ? _ ("%-e %b") : _ ("%-e %b %Y"));
}

char *
ui_format_day (gint64 time_us, GDateTime *now) {
  g_autoptr (GDateTime) time = local_time (time_us);
  const gint days = days_between (time, now);
  if (days == 0) {
    return g_strdup (_ ("Today"));
  }
  if (days == 1) {
    return g_strdup (_ ("Yesterday"));
  }
  if (g_date_time_get_year (time) == g_date_time_get_year (now)) {
    /* Translators: a day of this year, in the form of strftime: Monday, 3 March. */
    return format_time (time, _ ("%A, %-e %B"));
  }
  /* Translators: a day of another year, in the form of strftime. */
  return format_time (time, _ ("%-e %B %Y"));
}

gboolean
ui_format_is_same_day (gint64 a_us, gint64 b_us) {
  g_autoptr (GDateTime) a = local_time (a_us);
  g_autoptr (GDateTime) b = local_time (b_us);
  return days_between (a, b) == 0;
}

/* Returns: octets of the link that starts here, 0 if none does. */
static gsize
measure_link (const char *text) {
  static const char *const schemes[] = {"https://", "http://", "mailto:", "ahoy:"};
  gsize scheme_length = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++) {
    if (g_ascii_strncasecmp (text, schemes[i], strlen (schemes[i])) == 0) {
      scheme_length = strlen (schemes[i]);
      break;
    }
  }
  if (scheme_length == 0) {
    return 0;
  }
  gsize length = strcspn (text, " \t\r\n<>\"");
  while (length > 0 && strchr (".,;:!?)]}'", text[length - 1]) != NULL) {
    length--;
  }
  return length > scheme_length ? length : 0;
}

static void
append_escaped (GString *markup, const char *text, gsize length) {
  g_autofree char *escaped = g_markup_escape_text (text, (gssize)length);
  g_string_append (markup, escaped);
}

char *
ui_format_linkified (const char *text) {
  GString *markup = g_string_new (NULL);
  const char *plain = text; /* what is not written yet */
  const char *at = text;
  while (*at != '\0') {
    const gboolean at_word = at == text || !g_ascii_isalnum (at[-1]);
    const gsize length = at_word ? measure_link (at) : 0;
    if (length == 0) {
      at++;
      continue;
    }
    append_escaped (markup, plain, (gsize)(at - plain));
    g_string_append (markup, "<a href=\"");
    append_escaped (markup, at, length);
    g_string_append (markup, "\">");
    append_escaped (markup, at, length);
    g_string_append (markup, "</a>");
    at += length;
    plain = at;
  }
  append_escaped (markup, plain, (gsize)(at - plain));
  return g_string_free (markup, FALSE);
}
