/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only for app/media: chains of elements written as text, inside a bin. */
#ifndef APP_MEDIA_ELEMENT_H
#define APP_MEDIA_ELEMENT_H

#include <gst/gst.h>

/* A bin from a gst-launch description, with ghost pads for what is left open ("sink", "src").
 * Returns: (floating), or NULL when an element is missing. */
GstElement *app_element_new_bin (const char *description);

/* The child of this name. Returns: (owned) or NULL. */
GstElement *app_element_get (GstElement *bin, const char *name);

/* Is there a factory of this name? */
gboolean app_element_exists (const char *factory);

#endif
