/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/element.h"

GstElement *
app_element_new_bin (const char *description) {
  g_autoptr (GError) error = NULL;
  GstElement *bin = gst_parse_bin_from_description_full (description, TRUE, NULL,
                                                         GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (bin == NULL) {
    g_warning ("media: %s", error != NULL ? error->message : description);
  }
  return bin;
}

GstElement *
app_element_get (GstElement *bin, const char *name) {
  return gst_bin_get_by_name (GST_BIN (bin), name);
}

gboolean
app_element_exists (const char *factory) {
  g_autoptr (GstElementFactory) found = gst_element_factory_find (factory);
  return found != NULL;
}
