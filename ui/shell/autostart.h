/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for starting in the background with the person's session (the XDG autostart folder). */
#ifndef AHOY_UI_SHELL_AUTOSTART_H
#define AHOY_UI_SHELL_AUTOSTART_H

#include <glib.h>

G_BEGIN_DECLS

/* Writes or removes autostart/org.ahoycall.Ahoy.desktop below config_dir (g_get_user_config_dir
 * ()). Returns: FALSE with error set when the file cannot be written; a missing one is as good as
 * removed. */
gboolean ui_autostart_set (const char *config_dir, gboolean on, GError **error);

G_END_DECLS

#endif
