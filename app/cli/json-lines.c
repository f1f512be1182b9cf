/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/cli/json-lines.h"

#include <json-glib/json-glib.h>
#include <stdarg.h>
#include <stdio.h>

void
json_line (const char *event, ...) {
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);
  va_list list;
  va_start (list, event);
  const char *kind;
  while ((kind = va_arg (list, const char *)) != NULL) {
    json_builder_set_member_name (builder, va_arg (list, const char *));
    const char *text;
    switch (*kind) {
    case 's':
      text = va_arg (list, const char *);
      text != NULL ? json_builder_add_string_value (builder, text)
                   : json_builder_add_null_value (builder);
      break;
    case 'b':
      json_builder_add_boolean_value (builder, va_arg (list, gboolean));
      break;
    default:
      json_builder_add_int_value (builder, va_arg (list, gint64));
      break;
    }
  }
  va_end (list);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *line = json_to_string (root, FALSE);
  puts (line);
  fflush (stdout);
}
