/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what every window needs first: translations, templates, style and icons. */
#ifndef AHOY_UI_SHELL_INIT_H
#define AHOY_UI_SHELL_INIT_H

#include <glib.h>

G_BEGIN_DECLS

#define UI_APPLICATION_ID "org.ahoycall.Ahoy"
#define UI_RESOURCE_PATH "/org/ahoycall/Ahoy"

/* To be called once, before the application runs; needs no display.
 * locale_dir: (copied) where the .mo files are, e.g. /usr/share/locale. */
void ui_init (const char *locale_dir);

/* To be called when there is a display (GApplication::startup, after it was chained up): adds the
 * program's own icons. */
void ui_init_display (void);

G_END_DECLS

#endif
