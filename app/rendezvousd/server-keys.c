/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key file: a line that names it, and one line each in base64. */
#include "app/rendezvousd/server-keys.h"

#include "core/crypto/primitives.h"

#include <string.h>

#define FIRST_LINE "ahoy server keys 1"

static gboolean
read_line (const char *line, const char *name, uint8_t *bytes, size_t size) {
  if (line == NULL || !g_str_has_prefix (line, name)) {
    return FALSE;
  }
  gsize got = 0;
  g_autofree guchar *decoded = g_base64_decode (line + strlen (name), &got);
  if (got != size) {
    return FALSE;
  }
  memcpy (bytes, decoded, size);
  rtmfp_secret_wipe (decoded, got);
  return TRUE;
}

static gboolean
parse (const char *text, AppServerKeys *keys) {
  uint8_t seed[AHOY_SEED_SIZE];
  g_auto (GStrv) lines = g_strsplit (text, "\n", 4);
  if (g_strv_length (lines) < 3 || strcmp (lines[0], FIRST_LINE) != 0 ||
      !read_line (lines[1], "identity ", seed, sizeof seed) ||
      !read_line (lines[2], "secret ", keys->secret, sizeof keys->secret)) {
    return FALSE;
  }
  ahoy_identity_from_seed (seed, &keys->identity);
  rtmfp_secret_wipe (seed, sizeof seed);
  return TRUE;
}

static gboolean
make (const char *path, const RtmfpRng *rng, AppServerKeys *keys, GError **error) {
  ahoy_identity_make (rng, &keys->identity);
  rtmfp_rng_fill (rng, keys->secret, sizeof keys->secret);
  g_autofree char *seed = g_base64_encode (keys->identity.seed, sizeof keys->identity.seed);
  g_autofree char *secret = g_base64_encode (keys->secret, sizeof keys->secret);
  g_autofree char *text = g_strdup_printf (FIRST_LINE "\nidentity %s\nsecret %s\n", seed, secret);
  g_autoptr (GError) why = NULL;
  if (g_file_set_contents_full (path, text, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &why)) {
    return TRUE;
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The key file cannot be written: %s",
               why->message);
  return FALSE;
}

gboolean
app_server_keys_load (const char *folder, const RtmfpRng *rng, AppServerKeys *keys,
                      GError **error) {
  g_autofree char *path = g_build_filename (folder, "server.key", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) why = NULL;
  if (g_file_get_contents (path, &text, NULL, &why)) {
    if (parse (text, keys)) {
      return TRUE;
    }
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "%s is damaged. Put a copy of it back: people know this server by it.", path);
    return FALSE;
  }
  if (!g_error_matches (why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The key file cannot be read: %s",
                 why->message);
    return FALSE;
  }
  return make (path, rng, keys, error);
}

void
app_server_keys_clear (AppServerKeys *keys) {
  ahoy_identity_clear (&keys->identity);
  rtmfp_secret_wipe (keys, sizeof *keys);
}
