/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for starting in the background with the person's session. */
#include "ui/shell/autostart.h"
#include "ui/shell/init.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

static gboolean
write_entry (const char *path, GError **error) {
  g_autoptr (GKeyFile) entry = g_key_file_new ();
  g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_TYPE,
                         G_KEY_FILE_DESKTOP_TYPE_APPLICATION);
  g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_NAME, "Ahoy");
  g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_ICON,
                         UI_APPLICATION_ID);
  g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC,
                         "ahoy --gapplication-service");
  return g_key_file_save_to_file (entry, path, error);
}

gboolean
ui_autostart_set (const char *config_dir, gboolean on, GError **error) {
  g_autofree char *folder = g_build_filename (config_dir, "autostart", NULL);
  g_autofree char *path = g_build_filename (folder, UI_APPLICATION_ID ".desktop", NULL);
  if (on) {
    if (g_mkdir_with_parents (folder, 0700) != 0) {
      const int saved = errno;
      g_set_error (error, G_IO_ERROR, (gint)g_io_error_from_errno (saved), "%s: %s", folder,
                   g_strerror (saved));
      return FALSE;
    }
    return write_entry (path, error);
  }
  if (g_unlink (path) != 0 && errno != ENOENT) {
    const int saved = errno;
    g_set_error (error, G_IO_ERROR, (gint)g_io_error_from_errno (saved), "%s: %s", path,
                 g_strerror (saved));
    return FALSE;
  }
  return TRUE;
}
