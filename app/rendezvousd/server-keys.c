/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key file: a line that names it, and one line each in base64. */
#include "app/rendezvousd/server-keys.h"

#include "core/crypto/primitives.h"

#include <string.h>

#define FIRST_LINE "ahoy server keys 1"

/* Wipes and frees. */
static void
free_secret (char *text) {
  rtmfp_secret_wipe (text, strlen (text));
  g_free (text);
}

static void
free_secret_lines (char **lines) {
  for (char **line = lines; *line != NULL; line++) {
    free_secret (*line);
  }
  g_free (lines);
}

static gboolean
read_line (const char *line, const char *name, uint8_t *bytes, size_t size) {
  if (line == NULL || !g_str_has_prefix (line, name)) {
    return FALSE;
  }
  gsize got = 0;
  g_autofree guchar *decoded = g_base64_decode (line + strlen (name), &got);
  const gboolean fits = got == size;
  if (fits) {
    memcpy (bytes, decoded, size);
  }
  rtmfp_secret_wipe (decoded, got);
  return fits;
}

static gboolean
parse (const char *text, AppServerKeys *keys) {
  uint8_t seed[AHOY_SEED_SIZE];
  char **lines = g_strsplit (text, "\n", 4);
  const gboolean is_good = g_strv_length (lines) >= 3 && strcmp (lines[0], FIRST_LINE) == 0 &&
                           read_line (lines[1], "identity ", seed, sizeof seed) &&
                           read_line (lines[2], "secret ", keys->secret, sizeof keys->secret);
  free_secret_lines (lines);
  if (is_good) {
    ahoy_identity_from_seed (seed, &keys->identity);
  }
  rtmfp_secret_wipe (seed, sizeof seed);
  return is_good;
}

static gboolean
make (const char *path, const RtmfpRng *rng, AppServerKeys *keys, GError **error) {
  ahoy_identity_make (rng, &keys->identity);
  rtmfp_rng_fill (rng, keys->secret, sizeof keys->secret);
  char *seed = g_base64_encode (keys->identity.seed, sizeof keys->identity.seed);
  char *secret = g_base64_encode (keys->secret, sizeof keys->secret);
  char *text = g_strdup_printf (FIRST_LINE "\nidentity %s\nsecret %s\n", seed, secret);
  g_autoptr (GError) why = NULL;
  const gboolean is_written = g_file_set_contents_full (
      path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &why);
  free_secret (seed);
  free_secret (secret);
  free_secret (text);
  if (!is_written) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The key file cannot be written: %s",
                 why->message);
  }
  return is_written;
}

gboolean
app_server_keys_load (const char *folder, const RtmfpRng *rng, AppServerKeys *keys,
                      GError **error) {
  g_autofree char *path = g_build_filename (folder, "server.key", NULL);
  char *text = NULL;
  g_autoptr (GError) why = NULL;
  if (g_file_get_contents (path, &text, NULL, &why)) {
    const gboolean is_good = parse (text, keys);
    free_secret (text);
    if (is_good) {
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
