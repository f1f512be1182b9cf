/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what the setters of all models have in common: a change is told once, no change not
 * at all. */
#ifndef AHOY_UI_MODEL_PROPERTY_H
#define AHOY_UI_MODEL_PROPERTY_H

#include <gio/gio.h>

G_BEGIN_DECLS

/* The flags of a property that only a typed setter changes. */
#define UI_READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
/* The flags of a property that is fixed when the object is made. */
#define UI_FIXED (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

/* Sets *field to a copy of value (NULL stays NULL) and notifies. Returns: whether it changed. */
gboolean ui_property_set_string (gpointer object, char **field, const char *value,
                                 GParamSpec *pspec);
/* The same for a gboolean; any value but 0 is TRUE. */
gboolean ui_property_set_boolean (gpointer object, gboolean *field, gboolean value,
                                  GParamSpec *pspec);
/* The same for a guint. */
gboolean ui_property_set_uint (gpointer object, guint *field, guint value, GParamSpec *pspec);

G_END_DECLS

#endif
