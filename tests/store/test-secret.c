/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the seed goes with a keyring that is open, locked or not there. Run inside a session bus of
 * its own by tests/store/keyring.sh, which says which of them it is. */
#include "app/store/database.h"
#include "app/store/secret.h"

#include <glib/gstdio.h>
#include <string.h>

static const guint8 seed[32] = "thirty-two bytes of a seed, all.";

static void
put_get_remove (AppSecretPlace expected) {
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("ahoy-secret-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "identity-1.key", NULL);
  const gint64 begin_us = g_get_monotonic_time ();
  AppSecretPlace place = app_secret_put ("ada@h in here", path, seed, sizeof seed, &error);
  g_assert_no_error (error);
  g_assert_cmpint (place, ==, expected);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS) == (expected == APP_SECRET_FILE));
  guint8 got[sizeof seed];
  g_assert_true (app_secret_get (place, "ada@h in here", path, got, sizeof got, &error));
  g_assert_cmpmem (got, sizeof got, seed, sizeof seed);
  if (place == APP_SECRET_KEYRING) {
    g_assert_false (app_secret_get (place, "eve@h in here", path, got, sizeof got, &error));
    g_assert_error (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_KEYRING);
    g_clear_error (&error);
  }
  g_assert_true (app_secret_remove (place, "ada@h in here", path, &error));
  g_assert_true (app_secret_remove (place, "ada@h in here", path, &error)); /* gone already */
  g_assert_false (app_secret_get (place, "ada@h in here", path, got, sizeof got, &error));
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <, 20 * G_USEC_PER_SEC);
  g_rmdir (folder);
}

static void
with_keyring (void) {
  put_get_remove (APP_SECRET_KEYRING);
}

static void
without_keyring (void) {
  put_get_remove (APP_SECRET_FILE);
}

/* What was put into a keyring that does not answer now: a sentence, in little time. */
static void
keyring_gone (void) {
  g_autoptr (GError) error = NULL;
  guint8 got[sizeof seed];
  const gint64 begin_us = g_get_monotonic_time ();
  g_assert_false (
      app_secret_get (APP_SECRET_KEYRING, "ada@h", "/nonexistent", got, sizeof got, &error));
  g_assert_error (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_KEYRING);
  g_assert_nonnull (strstr (error->message, "unlock it"));
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <, 10 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  if (argc > 1 && strcmp (argv[1], "open") == 0) {
    g_test_add_func ("/store/secret/goes-into-an-open-keyring", with_keyring);
  } else {
    g_test_add_func ("/store/secret/goes-into-a-file-without-one", without_keyring);
    if (argc > 1) {
      return g_test_run (); /* a keyring runs, but nothing can be put there */
    }
    g_test_add_func ("/store/secret/says-so-when-the-keyring-is-gone", keyring_gone);
  }
  return g_test_run ();
}
