/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the installed tree's parts are. */
#include "app/desktop/places.h"

#include <glib/gi18n.h>

static char *
program_folder (void) {
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  return program != NULL ? g_path_get_dirname (program) : g_strdup ("/usr/bin");
}

static char *
if_there (char *path, GFileTest test) {
  if (!g_file_test (path, test)) {
    g_clear_pointer (&path, g_free);
  }
  return path;
}

void
app_places_init (AppPlaces *places) {
  g_autofree char *bin = program_folder ();
  g_autofree char *prefix = g_path_get_dirname (bin);
  places->locales = g_build_filename (prefix, "share", "locale", NULL);
  places->sounds =
      if_there (g_build_filename (prefix, "share", "ahoy", "sounds", NULL), G_FILE_TEST_IS_DIR);
  places->server_program =
      if_there (g_build_filename (bin, "ahoyd", NULL), G_FILE_TEST_IS_EXECUTABLE);
  places->control_program =
      if_there (g_build_filename (bin, "ahoyctl", NULL), G_FILE_TEST_IS_EXECUTABLE);
  if (places->control_program == NULL) {
    g_clear_pointer (&places->server_program, g_free); /* of no use without it */
  }
  places->account = g_build_filename (g_get_user_data_dir (), "ahoy", NULL);
}

void
app_places_clear (AppPlaces *places) {
  g_free (places->locales);
  g_free (places->sounds);
  g_free (places->server_program);
  g_free (places->control_program);
  g_free (places->account);
}

GSettings *
app_places_settings (const char *id, GError **error) {
  g_autofree char *bin = program_folder ();
  g_autofree char *prefix = g_path_get_dirname (bin);
  g_autofree char *folder = g_build_filename (prefix, "share", "glib-2.0", "schemas", NULL);
  GSettingsSchemaSource *system = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) source =
      g_settings_schema_source_new_from_directory (folder, system, TRUE, NULL);
  if (source == NULL && system != NULL) {
    source = g_settings_schema_source_ref (system);
  }
  g_autoptr (GSettingsSchema) schema =
      source != NULL ? g_settings_schema_source_lookup (source, id, TRUE) : NULL;
  if (schema == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
                 _ ("Parts of Ahoy are missing on this computer. Install it again."));
    return NULL;
  }
  return g_settings_new_full (schema, NULL, NULL);
}
