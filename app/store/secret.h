/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the identity's seed is kept: in the desktop's keyring when one runs and is unlocked, else
 * in a file of mode 0600; never in both. */
#ifndef APP_STORE_SECRET_H
#define APP_STORE_SECRET_H

#include <gio/gio.h>

typedef enum {
  APP_SECRET_NOWHERE = 0,
  APP_SECRET_FILE = 1, /* numbers are stored */
  APP_SECRET_KEYRING = 2,
} AppSecretPlace;

/* Keeps size bytes under label (unique to the account and its folder) in the keyring, or in path.
 * Returns: where it is on disk now; NOWHERE with error. */
AppSecretPlace app_secret_put (const char *label, const char *path, const guint8 *bytes, gsize size,
                               GError **error);

/* Reads exactly size bytes from where it was put. A locked keyring asks the person to unlock it,
 * for a minute at most. Returns: FALSE with error: locked, gone, or not readable. */
gboolean app_secret_get (AppSecretPlace place, const char *label, const char *path, guint8 *bytes,
                         gsize size, GError **error);

/* Forgets it. What is gone already is no error. */
gboolean app_secret_remove (AppSecretPlace place, const char *label, const char *path,
                            GError **error);

#endif
