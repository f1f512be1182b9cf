/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the identity's seed is kept: the desktop's keyring, or a file of mode 0600. */
#include "app/store/secret.h"

#include "app/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libsecret/secret.h>
#include <string.h>
#include <unistd.h>

#define BUS_MS 2000        /* the bus itself answers in no time, or is broken */
#define KEYRING_MS 10000   /* an unlocked keyring */
#define UNLOCKING_MS 60000 /* a person who types a password */

static const SecretSchema schema = {
    .name = "org.ahoycall.Ahoy.Identity",
    .flags = SECRET_SCHEMA_NONE,
    .attributes = {{"label", SECRET_SCHEMA_ATTRIBUTE_STRING}, {NULL, 0}},
};

/* ---- A time limit on libsecret's calls, which have none ---- */

typedef struct {
  GCancellable *cancellable;
  GThread *thread;
  GMutex mutex;
  GCond done_changed;
  gboolean done;
  gint64 until_us;
} Limit;

static gpointer
watch (gpointer data) {
  Limit *limit = (Limit *)data;
  g_mutex_lock (&limit->mutex);
  gboolean in_time = TRUE;
  while (!limit->done && in_time) {
    in_time = g_cond_wait_until (&limit->done_changed, &limit->mutex, limit->until_us);
  }
  gboolean late = !limit->done;
  g_mutex_unlock (&limit->mutex);
  if (late) {
    g_cancellable_cancel (limit->cancellable);
  }
  return NULL;
}

static void
limit_begin (Limit *limit, gint64 ms) {
  *limit =
      (Limit){.cancellable = g_cancellable_new (), .until_us = g_get_monotonic_time () + ms * 1000};
  g_mutex_init (&limit->mutex);
  g_cond_init (&limit->done_changed);
  limit->thread = g_thread_new ("keyring-limit", watch, limit);
}

static void
limit_end (Limit *limit) {
  g_mutex_lock (&limit->mutex);
  limit->done = TRUE;
  g_cond_signal (&limit->done_changed);
  g_mutex_unlock (&limit->mutex);
  g_thread_join (limit->thread);
  g_mutex_clear (&limit->mutex);
  g_cond_clear (&limit->done_changed);
  g_clear_object (&limit->cancellable);
}

/* ---- The keyring ---- */

/* GLib would start a bus of its own where there is none. */
static gboolean
has_session_bus (void) {
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  if (address != NULL && *address != '\0') {
    return TRUE;
  }
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);
  return g_file_test (socket, G_FILE_TEST_EXISTS);
}

/* Only a service that runs already: one that the bus would have to start comes up locked and asks
 * for passwords that nobody knows. */
static gboolean
keyring_runs (void) {
  if (!has_session_bus ()) {
    return FALSE;
  }
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  if (bus == NULL) {
    return FALSE;
  }
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
      g_variant_new ("(s)", "org.freedesktop.secrets"), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NONE, BUS_MS, NULL, NULL);
  gboolean owned = FALSE;
  if (answer != NULL) {
    g_variant_get (answer, "(b)", &owned);
  }
  return owned;
}

/* Is there a default collection, and unlocked? */
static gboolean
keyring_is_open (GCancellable *cancellable) {
  if (!keyring_runs ()) {
    return FALSE;
  }
  g_autoptr (SecretService) service =
      secret_service_get_sync (SECRET_SERVICE_NONE, cancellable, NULL);
  if (service == NULL) {
    return FALSE;
  }
  g_autoptr (SecretCollection) collection = secret_collection_for_alias_sync (
      service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, cancellable, NULL);
  return collection != NULL && !secret_collection_get_locked (collection);
}

static gboolean
keyring_put (const char *label, const guint8 *bytes, gsize size) {
  Limit limit;
  limit_begin (&limit, KEYRING_MS);
  gboolean stored = FALSE;
  if (keyring_is_open (limit.cancellable)) {
    g_autofree char *title = g_strdup_printf ("Ahoy: key of %s", label);
    SecretValue *value =
        secret_value_new ((const char *)bytes, (gssize)size, "application/octet-stream");
    stored = secret_password_store_binary_sync (&schema, SECRET_COLLECTION_DEFAULT, title, value,
                                                limit.cancellable, NULL, "label", label, NULL);
    secret_value_unref (value);
  }
  limit_end (&limit);
  return stored;
}

static gboolean
fail_keyring (GError **error) {
  g_set_error_literal (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_KEYRING,
                       "Your key is in the desktop's keyring, which is locked or does not answer; "
                       "unlock it and start Ahoy again.");
  return FALSE;
}

static gboolean
keyring_get (const char *label, guint8 *bytes, gsize size, GError **error) {
  if (!keyring_runs ()) {
    return fail_keyring (error);
  }
  Limit limit;
  limit_begin (&limit, UNLOCKING_MS);
  SecretValue *value =
      secret_password_lookup_binary_sync (&schema, limit.cancellable, NULL, "label", label, NULL);
  limit_end (&limit);
  gsize found = 0;
  const char *secret = value != NULL ? secret_value_get (value, &found) : NULL;
  gboolean ok = secret != NULL && found == size;
  if (ok) {
    memcpy (bytes, secret, size);
  }
  g_clear_pointer (&value, secret_value_unref);
  return ok || fail_keyring (error);
}

static gboolean
keyring_remove (const char *label, GError **error) {
  if (!keyring_runs ()) {
    return fail_keyring (error);
  }
  Limit limit;
  g_autoptr (GError) failure = NULL;
  limit_begin (&limit, UNLOCKING_MS);
  secret_password_clear_sync (&schema, limit.cancellable, &failure, "label", label, NULL);
  limit_end (&limit);
  return failure == NULL || fail_keyring (error);
}

/* ---- The file ---- */

static gboolean
fail_file (const char *path, GError **error) {
  gboolean full = errno == ENOSPC || errno == EDQUOT;
  g_set_error (error, APP_DATABASE_ERROR,
               full ? APP_DATABASE_ERROR_FULL : APP_DATABASE_ERROR_DENIED,
               full ? "The disk is full; make room, then try again. (%s: %s)"
                    : "Ahoy cannot keep your key; check the permissions of its folder. (%s: %s)",
               path, g_strerror (errno));
  return FALSE;
}

/* The new name is on disk only when its folder is. */
static gboolean
sync_folder (const char *path) {
  g_autofree char *folder = g_path_get_dirname (path);
  int file = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (file < 0) {
    return FALSE;
  }
  gboolean ok = fsync (file) == 0;
  close (file);
  return ok;
}

static gboolean
file_put (const char *path, const guint8 *bytes, gsize size, GError **error) {
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  g_unlink (fresh);
  int file = g_open (fresh, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    return fail_file (fresh, error);
  }
  gboolean ok = write (file, bytes, size) == (gssize)size && fsync (file) == 0;
  ok = close (file) == 0 && ok;
  ok = ok && g_rename (fresh, path) == 0 && sync_folder (path);
  if (!ok) {
    fail_file (path, error);
    g_unlink (fresh);
  }
  return ok;
}

static gboolean
file_get (const char *path, guint8 *bytes, gsize size, GError **error) {
  g_autofree char *contents = NULL;
  gsize found = 0;
  if (!g_file_get_contents (path, &contents, &found, NULL) || found != size) {
    g_set_error (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_DAMAGED,
                 "Your key is missing or damaged; sign out and in again with your password. (%s)",
                 path);
    return FALSE;
  }
  memcpy (bytes, contents, size);
  explicit_bzero (contents, found);
  return TRUE;
}

static gboolean
file_remove (const char *path, GError **error) {
  if (g_unlink (path) != 0 && errno != ENOENT) {
    return fail_file (path, error);
  }
  return TRUE;
}

/* ---- Both ---- */

AppSecretPlace
app_secret_put (const char *label, const char *path, const guint8 *bytes, gsize size,
                GError **error) {
  if (keyring_put (label, bytes, size)) {
    g_unlink (path);
    return APP_SECRET_KEYRING;
  }
  return file_put (path, bytes, size, error) ? APP_SECRET_FILE : APP_SECRET_NOWHERE;
}

gboolean
app_secret_get (AppSecretPlace place, const char *label, const char *path, guint8 *bytes,
                gsize size, GError **error) {
  return place == APP_SECRET_KEYRING ? keyring_get (label, bytes, size, error)
                                     : file_get (path, bytes, size, error);
}

gboolean
app_secret_remove (AppSecretPlace place, const char *label, const char *path, GError **error) {
  switch (place) {
  case APP_SECRET_KEYRING:
    return keyring_remove (label, error);
  case APP_SECRET_FILE:
    return file_remove (path, error);
  default:
    return TRUE;
  }
}
