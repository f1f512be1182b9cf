/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which members of an answer make which columns. */
#include "app/ctl/table.h"

#include <string.h>

typedef enum { AS_IT_IS, AS_TIME, AS_SPAN, AS_FLAG } Look;

typedef struct {
  const char *title;
  const char *member;
  Look look;
} Column;

static const Column account_columns[] = {
    {"NAME", "name", AS_IT_IS},        {"DISPLAY NAME", "displayName", AS_IT_IS},
    {"DEVICES", "devices", AS_IT_IS},  {"LAST SEEN", "seen", AS_TIME},
    {"DISABLED", "disabled", AS_FLAG}, {NULL, NULL, AS_IT_IS},
};

static const Column visitor_columns[] = {
    {"NAME", "name", AS_IT_IS},
    {"DEVICE", "device", AS_IT_IS},
    {"ADDRESS", "address", AS_IT_IS},
    {"PRESENCE", "presence", AS_IT_IS},
    {"FOR", "seconds", AS_SPAN},
    {"SENT", "bytesSent", AS_IT_IS},
    {"RECEIVED", "bytesReceived", AS_IT_IS},
    {NULL, NULL, AS_IT_IS},
};

static char *
time_text (gint64 milliseconds) {
  if (milliseconds == 0) {
    return g_strdup ("never");
  }
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (milliseconds / 1000);
  return g_date_time_format (time, "%Y-%m-%d %H:%M");
}

static char *
span_text (gint64 seconds) {
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d", seconds / 3600,
                          (int)(seconds / 60 % 60), (int)(seconds % 60));
}

/* What stands in one cell (owned). */
static char *
cell (JsonObject *row, const Column *column) {
  JsonNode *node = json_object_get_member (row, column->member);
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)) {
    return g_strdup ("");
  }
  switch (column->look) {
  case AS_TIME:
    return time_text (json_node_get_int (node));
  case AS_SPAN:
    return span_text (json_node_get_int (node));
  case AS_FLAG:
    return g_strdup (json_node_get_boolean (node) ? "yes" : "no");
  case AS_IT_IS:
    break;
  }
  return json_node_get_value_type (node) == G_TYPE_STRING
             ? g_strdup (json_node_get_string (node))
             : g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
}

/* Text and blanks up to width characters; none behind the last column. */
static void
print_cell (const char *text, glong width, gboolean is_last) {
  const glong pad = is_last ? 0 : width + 2 - g_utf8_strlen (text, -1);
  g_print ("%s%*s%s", text, (int)MAX (pad, 0), "", is_last ? "\n" : "");
}

static void
print_table (const Column *columns, JsonArray *rows) {
  glong widths[8] = {0};
  for (gsize c = 0; columns[c].title != NULL; c++) {
    widths[c] = g_utf8_strlen (columns[c].title, -1);
    for (guint r = 0; r < json_array_get_length (rows); r++) {
      g_autofree char *text = cell (json_array_get_object_element (rows, r), &columns[c]);
      widths[c] = MAX (widths[c], g_utf8_strlen (text, -1));
    }
  }
  for (gsize c = 0; columns[c].title != NULL; c++) {
    print_cell (columns[c].title, widths[c], columns[c + 1].title == NULL);
  }
  for (guint r = 0; r < json_array_get_length (rows); r++) {
    for (gsize c = 0; columns[c].title != NULL; c++) {
      g_autofree char *text = cell (json_array_get_object_element (rows, r), &columns[c]);
      print_cell (text, widths[c], columns[c + 1].title == NULL);
    }
  }
}

static void
print_counters (JsonObject *counters) {
  g_autoptr (GList) names = json_object_get_members (counters);
  for (GList *link = names; link != NULL; link = link->next) {
    g_print ("%-24s %" G_GINT64_FORMAT "\n", (const char *)link->data,
             json_object_get_int_member (counters, link->data));
  }
}

void
app_ctl_print (const char *command, JsonObject *answer) {
  if (json_object_has_member (answer, "accounts")) {
    print_table (account_columns, json_object_get_array_member (answer, "accounts"));
  } else if (json_object_has_member (answer, "connected")) {
    print_table (visitor_columns, json_object_get_array_member (answer, "connected"));
  } else if (json_object_has_member (answer, "counters")) {
    print_counters (json_object_get_object_member (answer, "counters"));
  } else if (json_object_has_member (answer, "link")) {
    g_print ("%s\n", json_object_get_string_member (answer, "link"));
  } else {
    g_print ("%s: done\n", command);
  }
}
