/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what the setters of all models have in common. */
#include "ui/model/property.h"

gboolean
ui_property_set_string (gpointer object, char **field, const char *value, GParamSpec *pspec) {
  if (g_strcmp0 (*field, value) == 0) {
    return FALSE;
  }
  char *old = *field;
  *field = g_strdup (value);
  g_free (old);
  g_object_notify_by_pspec (object, pspec);
  return TRUE;
}

gboolean
ui_property_set_boolean (gpointer object, gboolean *field, gboolean value, GParamSpec *pspec) {
  value = value ? TRUE : FALSE;
  if (*field == value) {
    return FALSE;
  }
  *field = value;
  g_object_notify_by_pspec (object, pspec);
  return TRUE;
}

gboolean
ui_property_set_uint (gpointer object, guint *field, guint value, GParamSpec *pspec) {
  if (*field == value) {
    return FALSE;
  }
  *field = value;
  g_object_notify_by_pspec (object, pspec);
  return TRUE;
}
