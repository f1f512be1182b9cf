/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The account, its settings and contacts on this computer. */
#include "app/store/client-store-private.h"
#include "app/store/client-schema.h"
#include "app/store/secret.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* ---- Small helpers ---- */

gboolean
app_client_store_needs_account (AppClientStore *store, GError **error) {
  if (store->account != 0) {
    return TRUE;
  }
  g_set_error_literal (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_NOBODY,
                       "Nobody is signed in.");
  return FALSE;
}

void
app_client_store_bind_name (sqlite3_stmt *statement, int place, const AhoyName *name) {
  char text[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (name, text);
  sqlite3_bind_text (statement, place, text, -1, SQLITE_TRANSIENT);
}

static void
bind_text (sqlite3_stmt *statement, int place, const char *text) {
  sqlite3_bind_text (statement, place, text, -1, SQLITE_TRANSIENT);
}

static void
bind_pin (sqlite3_stmt *statement, int key_place, int verified_place, const AhoyPin *pin) {
  if (pin->is_set) {
    sqlite3_bind_blob (statement, key_place, pin->key.bytes, AHOY_KEY_SIZE, SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_null (statement, key_place);
  }
  sqlite3_bind_int (statement, verified_place, pin->is_set && pin->is_verified);
}

static gboolean
read_blob (sqlite3_stmt *statement, int column, guint8 *out, int size) {
  const void *bytes = sqlite3_column_blob (statement, column);
  if (bytes == NULL || sqlite3_column_bytes (statement, column) != size) {
    return FALSE;
  }
  memcpy (out, bytes, (size_t)size);
  return TRUE;
}

static void
read_pin (sqlite3_stmt *statement, int key_column, int verified_column, AhoyPin *pin) {
  pin->is_set = read_blob (statement, key_column, pin->key.bytes, AHOY_KEY_SIZE);
  pin->is_verified = pin->is_set && sqlite3_column_int (statement, verified_column) != 0;
}

static void
read_text (sqlite3_stmt *statement, int column, char *out, gsize size) {
  const unsigned char *text = sqlite3_column_text (statement, column);
  g_strlcpy (out, text != NULL ? (const char *)text : "", size);
}

static gboolean
read_name (sqlite3_stmt *statement, int column, AhoyName *name) {
  const unsigned char *text = sqlite3_column_text (statement, column);
  return text != NULL && ahoy_name_parse ((const char *)text, name) == RTMFP_OK;
}

static char *
secret_path (AppClientStore *store, gint64 account) {
  g_autofree char *file = g_strdup_printf ("identity-%" G_GINT64_FORMAT ".key", account);
  return g_build_filename (store->directory, file, NULL);
}

/* Two folders on one desktop (two people, a test) never share an entry of the keyring. */
static char *
secret_label (AppClientStore *store, const char *name) {
  return g_strdup_printf ("%s in %s", name, store->directory);
}

/* ---- Opening ---- */

static gboolean
find_current (AppClientStore *store, GError **error) {
  sqlite3_stmt *statement = app_database_prepare (
      store->database, "SELECT number FROM account WHERE is_current = 1", error);
  if (statement == NULL) {
    return FALSE;
  }
  int row = app_database_step (store->database, statement, error);
  store->account = row == 1 ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_finalize (statement);
  return row >= 0;
}

AppClientStore *
app_client_store_open (const char *directory, GError **error) {
  if (g_mkdir_with_parents (directory, 0700) != 0) {
    gboolean full = errno == ENOSPC || errno == EDQUOT;
    g_set_error (error, APP_DATABASE_ERROR,
                 full ? APP_DATABASE_ERROR_FULL : APP_DATABASE_ERROR_DENIED,
                 full ? "The disk is full; make room, then try again. (%s: %s)"
                      : "Ahoy cannot make its folder. (%s: %s)",
                 directory, g_strerror (errno));
    return NULL;
  }
  AppClientStore *store = g_new0 (AppClientStore, 1);
  store->directory = g_canonicalize_filename (directory, NULL);
  g_autofree char *path = g_build_filename (store->directory, "ahoy.db", NULL);
  store->database =
      app_database_open (path, app_client_migrations, app_client_migration_count, error);
  if (store->database == NULL || !find_current (store, error)) {
    app_client_store_free (store);
    return NULL;
  }
  return store;
}

void
app_client_store_free (AppClientStore *store) {
  if (store != NULL) {
    app_database_free (store->database);
    g_free (store->directory);
    g_free (store);
  }
}

void
app_client_store_device (AppClientStore *store, guint8 device[APP_STORE_DEVICE_SIZE]) {
  memset (device, 0, APP_STORE_DEVICE_SIZE);
  sqlite3_stmt *statement =
      app_database_prepare (store->database, "SELECT id FROM device WHERE only = 1", NULL);
  if (statement != NULL && app_database_step (store->database, statement, NULL) == 1) {
    read_blob (statement, 0, device, APP_STORE_DEVICE_SIZE);
  }
  sqlite3_finalize (statement);
}

/* ---- The account ---- */

typedef struct {
  gint64 number; /* 0 = not there */
  AhoyKey key;
  AppSecretPlace place;
} KnownAccount;

static gboolean
find_account (AppClientStore *store, const char *name, KnownAccount *known, GError **error) {
  *known = (KnownAccount){.number = 0};
  sqlite3_stmt *statement = app_database_prepare (
      store->database, "SELECT number, identity_key, secret_place FROM account WHERE name = ?1",
      error);
  if (statement == NULL) {
    return FALSE;
  }
  bind_text (statement, 1, name);
  int row = app_database_step (store->database, statement, error);
  if (row == 1) {
    known->number = sqlite3_column_int64 (statement, 0);
    known->place = (AppSecretPlace)sqlite3_column_int (statement, 2);
    if (!read_blob (statement, 1, known->key.bytes, AHOY_KEY_SIZE)) {
      known->place = APP_SECRET_NOWHERE;
    }
  }
  sqlite3_finalize (statement);
  return row >= 0;
}

static gboolean
load_account (AppClientStore *store, AppStoreAccount *account, AppSecretPlace *place,
              AhoyKey *identity_key, GError **error) {
  sqlite3_stmt *statement =
      app_database_prepare (store->database,
                            "SELECT name, display_name, identity_key, secret_place, server_key,"
                            " server_verified FROM account WHERE number = ?1",
                            error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  int row = app_database_step (store->database, statement, error);
  gboolean ok = row == 1 && read_name (statement, 0, &account->name) &&
                read_blob (statement, 2, identity_key->bytes, AHOY_KEY_SIZE);
  if (ok) {
    read_text (statement, 1, account->display_name, sizeof account->display_name);
    *place = (AppSecretPlace)sqlite3_column_int (statement, 3);
    read_pin (statement, 4, 5, &account->server);
  } else if (row >= 0) {
    g_set_error_literal (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_DAMAGED,
                         "Ahoy's data about your account is damaged; sign in again.");
  }
  sqlite3_finalize (statement);
  return ok;
}

gboolean
app_client_store_get_account (AppClientStore *store, AppStoreAccount *account, GError **error) {
  if (store->account == 0) {
    return FALSE;
  }
  AppStoreAccount found = {.server = {.is_set = false}};
  AppSecretPlace place = APP_SECRET_NOWHERE;
  AhoyKey identity_key;
  if (!load_account (store, &found, &place, &identity_key, error)) {
    return FALSE;
  }
  char name[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (&found.name, name);
  g_autofree char *path = secret_path (store, store->account);
  g_autofree char *label = secret_label (store, name);
  guint8 seed[AHOY_SEED_SIZE];
  if (!app_secret_get (place, label, path, seed, sizeof seed, error)) {
    return FALSE;
  }
  ahoy_identity_from_seed (seed, &found.identity);
  explicit_bzero (seed, sizeof seed);
  if (!ahoy_key_equal (&found.identity.key, &identity_key)) {
    ahoy_identity_clear (&found.identity);
    g_set_error_literal (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_DAMAGED,
                         "Your key on this computer is not the one of your account; sign in again "
                         "with your password.");
    return FALSE;
  }
  app_client_store_device (store, found.device);
  *account = found;
  ahoy_identity_clear (&found.identity);
  return TRUE;
}

/* The row without a secret yet, so that its number names the secret's file. Returns: 0 with error.
 */
static gint64
insert_account (AppClientStore *store, const char *name, GError **error) {
  sqlite3_stmt *statement = app_database_prepare (
      store->database,
      "INSERT INTO account (name, display_name, identity_key, secret_place, is_current)"
      " VALUES (?1, '', x'', 0, 0)",
      error);
  if (statement == NULL) {
    return 0;
  }
  bind_text (statement, 1, name);
  return app_database_finish (store->database, statement, error)
             ? sqlite3_last_insert_rowid (app_database_handle (store->database))
             : 0;
}

static gboolean
write_account (AppClientStore *store, gint64 number, const AppStoreAccount *account,
               AppSecretPlace place, GError **error) {
  sqlite3_stmt *statement =
      app_database_prepare (store->database,
                            "UPDATE account SET display_name = ?2, identity_key = ?3,"
                            " secret_place = ?4, server_key = ?5, server_verified = ?6,"
                            " is_current = 1 WHERE number = ?1",
                            error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, number);
  bind_text (statement, 2, account->display_name);
  sqlite3_bind_blob (statement, 3, account->identity.key.bytes, AHOY_KEY_SIZE, SQLITE_TRANSIENT);
  sqlite3_bind_int (statement, 4, (int)place);
  bind_pin (statement, 5, 6, &account->server);
  return app_database_finish (store->database, statement, error);
}

static gboolean
make_current (AppClientStore *store, gint64 number, const AppStoreAccount *account,
              AppSecretPlace place, GError **error) {
  if (app_database_execute (store->database, "BEGIN IMMEDIATE", error) &&
      app_database_execute (store->database, "UPDATE account SET is_current = 0", error) &&
      write_account (store, number, account, place, error) &&
      app_database_execute (store->database, "COMMIT", error)) {
    store->account = number;
    return TRUE;
  }
  app_database_execute (store->database, "ROLLBACK", NULL);
  return FALSE;
}

gboolean
app_client_store_put_account (AppClientStore *store, const AppStoreAccount *account,
                              GError **error) {
  char name[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (&account->name, name);
  KnownAccount known;
  if (!find_account (store, name, &known, error)) {
    return FALSE;
  }
  if (known.number == 0) {
    known.number = insert_account (store, name, error);
    if (known.number == 0) {
      return FALSE;
    }
  }
  AppSecretPlace place = known.place;
  if (place == APP_SECRET_NOWHERE || !ahoy_key_equal (&known.key, &account->identity.key)) {
    g_autofree char *path = secret_path (store, known.number);
    g_autofree char *label = secret_label (store, name);
    place = app_secret_put (label, path, account->identity.seed, AHOY_SEED_SIZE, error);
    if (place == APP_SECRET_NOWHERE) {
      return FALSE;
    }
  }
  return make_current (store, known.number, account, place, error);
}

/* What one statement does to all of an account. */
static gboolean
run_for_account (AppClientStore *store, const char *sql, gint64 number, GError **error) {
  sqlite3_stmt *statement = app_database_prepare (store->database, sql, error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, number);
  return app_database_finish (store->database, statement, error);
}

static gboolean
forget_account (AppClientStore *store, gboolean wipe, GError **error) {
  gint64 number = store->account;
  if (app_database_execute (store->database, "BEGIN IMMEDIATE", error) &&
      run_for_account (store,
                       "UPDATE account SET is_current = 0, secret_place = 0 WHERE number = ?1",
                       number, error) &&
      (!wipe ||
       (run_for_account (store, "DELETE FROM item WHERE account = ?1", number, error) &&
        run_for_account (store, "DELETE FROM contact WHERE account = ?1", number, error) &&
        run_for_account (store, "DELETE FROM account WHERE number = ?1", number, error))) &&
      app_database_execute (store->database, "COMMIT", error)) {
    store->account = 0;
    return TRUE;
  }
  app_database_execute (store->database, "ROLLBACK", NULL);
  return FALSE;
}

gboolean
app_client_store_remove_account (AppClientStore *store, gboolean wipe, GError **error) {
  if (store->account == 0) {
    return TRUE;
  }
  AppStoreAccount account = {.server = {.is_set = false}};
  AppSecretPlace place = APP_SECRET_NOWHERE;
  AhoyKey key;
  if (!load_account (store, &account, &place, &key, error)) {
    return FALSE;
  }
  char name[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (&account.name, name);
  g_autofree char *path = secret_path (store, store->account);
  g_autofree char *label = secret_label (store, name);
  /* The seed first: whatever happens after this, it is gone. */
  return app_secret_remove (place, label, path, error) && forget_account (store, wipe, error);
}

/* ---- Settings ---- */

char *
app_client_store_get_setting (AppClientStore *store, const char *key) {
  sqlite3_stmt *statement =
      app_database_prepare (store->database, "SELECT value FROM setting WHERE key = ?1", NULL);
  if (statement == NULL) {
    return NULL;
  }
  bind_text (statement, 1, key);
  char *value = app_database_step (store->database, statement, NULL) == 1
                    ? g_strdup ((const char *)sqlite3_column_text (statement, 0))
                    : NULL;
  sqlite3_finalize (statement);
  return value;
}

gboolean
app_client_store_put_setting (AppClientStore *store, const char *key, const char *value,
                              GError **error) {
  sqlite3_stmt *statement = app_database_prepare (
      store->database,
      value != NULL ? "INSERT INTO setting (key, value) VALUES (?1, ?2)"
                      " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                    : "DELETE FROM setting WHERE key = ?1",
      error);
  if (statement == NULL) {
    return FALSE;
  }
  bind_text (statement, 1, key);
  if (value != NULL) {
    bind_text (statement, 2, value);
  }
  return app_database_finish (store->database, statement, error);
}

/* ---- Contacts ---- */

static gboolean
read_contact (sqlite3_stmt *statement, AppStoreContact *contact) {
  *contact = (AppStoreContact){.talked = FALSE};
  const unsigned char *relation = sqlite3_column_text (statement, 5);
  if (!read_name (statement, 0, &contact->name) || relation == NULL ||
      ahoy_relation_parse ((const char *)relation, &contact->relation) != RTMFP_OK) {
    return FALSE;
  }
  read_text (statement, 1, contact->display_name, sizeof contact->display_name);
  read_text (statement, 2, contact->nickname, sizeof contact->nickname);
  read_pin (statement, 3, 4, &contact->pin);
  contact->talked = sqlite3_column_int (statement, 6) != 0;
  return TRUE;
}

gboolean
app_client_store_each_contact (AppClientStore *store, AppStoreContactFunc each, gpointer data,
                               GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement = app_database_prepare (
      store->database,
      "SELECT name, display_name, nickname, key, verified, relation, talked FROM contact"
      " WHERE account = ?1 ORDER BY name",
      error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  int row;
  while ((row = app_database_step (store->database, statement, error)) == 1) {
    AppStoreContact contact;
    if (read_contact (statement, &contact)) {
      each (data, &contact);
    }
  }
  sqlite3_finalize (statement);
  return row == 0;
}

gboolean
app_client_store_put_contact (AppClientStore *store, const AppStoreContact *contact,
                              GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement = app_database_prepare (
      store->database,
      "INSERT INTO contact (account, name, display_name, nickname, key, verified, relation, talked)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
      " ON CONFLICT (account, name) DO UPDATE SET display_name = excluded.display_name,"
      " nickname = excluded.nickname, key = excluded.key, verified = excluded.verified,"
      " relation = excluded.relation, talked = excluded.talked",
      error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  app_client_store_bind_name (statement, 2, &contact->name);
  bind_text (statement, 3, contact->display_name);
  bind_text (statement, 4, contact->nickname);
  bind_pin (statement, 5, 6, &contact->pin);
  bind_text (statement, 7, ahoy_relation_text (contact->relation));
  sqlite3_bind_int (statement, 8, contact->talked);
  return app_database_finish (store->database, statement, error);
}

gboolean
app_client_store_wipe_history (AppClientStore *store, const AhoyName *name, GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement = app_database_prepare (
      store->database, "DELETE FROM item WHERE account = ?1 AND contact = ?2", error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  app_client_store_bind_name (statement, 2, name);
  return app_database_finish (store->database, statement, error);
}
