/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One SQLite file that survives kill -9 and power cuts (WAL, synchronous=FULL) with numbered
 * migrations, held by one program at a time. */
#ifndef APP_STORE_DATABASE_H
#define APP_STORE_DATABASE_H

#include <gio/gio.h>
#include <sqlite3.h>

/* Each comes with one sentence for a person. */
typedef enum {
  APP_DATABASE_ERROR_FAILED,  /* anything else; the sentence ends with SQLite's own words */
  APP_DATABASE_ERROR_FULL,    /* the disk is full */
  APP_DATABASE_ERROR_DENIED,  /* no permission to read or write there */
  APP_DATABASE_ERROR_DAMAGED, /* the file is no database, or broken */
  APP_DATABASE_ERROR_NEWER,   /* made by a newer Ahoy */
  APP_DATABASE_ERROR_IN_USE,  /* another Ahoy has it open */
  APP_DATABASE_ERROR_KEYRING, /* the keyring is locked or does not answer */
  APP_DATABASE_ERROR_NOBODY,  /* no account */
} AppDatabaseError;

#define APP_DATABASE_ERROR app_database_error_quark ()
GQuark app_database_error_quark (void);

typedef struct AppDatabase AppDatabase;

/* Opens, makes and migrates path (mode 0600) and locks it against other programs.
 * migrations: (borrowed, static) SQL of migration 1, 2, 3 ...; count: how many. Each is applied
 * once, in a transaction of its own, and noted in the table `migration`. Returns: (owned) or NULL.
 */
AppDatabase *app_database_open (const char *path, const char *const *migrations, guint count,
                                GError **error);
void app_database_free (AppDatabase *database);

/* (borrowed) For what is not here. */
sqlite3 *app_database_handle (AppDatabase *database);

/* Runs SQL without results. */
gboolean app_database_execute (AppDatabase *database, const char *sql, GError **error);

/* A statement ready to bind, (owned, sqlite3_finalize()) or NULL. */
sqlite3_stmt *app_database_prepare (AppDatabase *database, const char *sql, GError **error);

/* Steps once. Returns: 1 a row is there, 0 done, -1 error set. */
int app_database_step (AppDatabase *database, sqlite3_stmt *statement, GError **error);

/* Steps to the end and finalises (takes statement, which may be NULL after a failed prepare). */
gboolean app_database_finish (AppDatabase *database, sqlite3_stmt *statement, GError **error);

/* Turns SQLite's last result into an error. */
void app_database_set_error (AppDatabase *database, GError **error);

#endif
