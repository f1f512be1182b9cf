/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One SQLite file that survives kill -9 and power cuts, with numbered migrations. */
#include "app/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define BUSY_MS 2000 /* so long may another Ahoy that is just ending hold the file */

GQuark
app_database_error_quark (void) {
  return g_quark_from_static_string ("app-database-error-quark");
}

struct AppDatabase {
  sqlite3 *handle;
  char *path;
};

sqlite3 *
app_database_handle (AppDatabase *database) {
  return database->handle;
}

static AppDatabaseError
code_of (int result) {
  switch (result & 0xff) {
  case SQLITE_FULL:
    return APP_DATABASE_ERROR_FULL;
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
  case SQLITE_READONLY:
  case SQLITE_AUTH:
    return APP_DATABASE_ERROR_DENIED;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return APP_DATABASE_ERROR_DAMAGED;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return APP_DATABASE_ERROR_IN_USE;
  default:
    return APP_DATABASE_ERROR_FAILED;
  }
}

static const char *
sentence_of (AppDatabaseError code) {
  switch (code) {
  case APP_DATABASE_ERROR_FULL:
    return "The disk is full; make room, then try again.";
  case APP_DATABASE_ERROR_DENIED:
    return "Ahoy may not read and write its data; check the permissions of that folder.";
  case APP_DATABASE_ERROR_DAMAGED:
    return "Ahoy's data is damaged; move the file away or bring back a copy.";
  case APP_DATABASE_ERROR_IN_USE:
    return "Another Ahoy is using this data; close it first.";
  default:
    return "Ahoy's data cannot be read or written.";
  }
}

void
app_database_set_error (AppDatabase *database, GError **error) {
  int result = sqlite3_extended_errcode (database->handle);
  AppDatabaseError code = code_of (result);
  /* A file system's own "no space left" comes as an error of input and output. */
  if (code == APP_DATABASE_ERROR_FAILED && (result & 0xff) == SQLITE_IOERR &&
      (sqlite3_system_errno (database->handle) == ENOSPC ||
       sqlite3_system_errno (database->handle) == EDQUOT)) {
    code = APP_DATABASE_ERROR_FULL;
  }
  if (code == APP_DATABASE_ERROR_FAILED) {
    g_set_error (error, APP_DATABASE_ERROR, code, "%s (%s: %s)", sentence_of (code), database->path,
                 sqlite3_errmsg (database->handle));
  } else {
    g_set_error (error, APP_DATABASE_ERROR, code, "%s (%s)", sentence_of (code), database->path);
  }
}

gboolean
app_database_execute (AppDatabase *database, const char *sql, GError **error) {
  if (sqlite3_exec (database->handle, sql, NULL, NULL, NULL) == SQLITE_OK) {
    return TRUE;
  }
  app_database_set_error (database, error);
  return FALSE;
}

sqlite3_stmt *
app_database_prepare (AppDatabase *database, const char *sql, GError **error) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2 (database->handle, sql, -1, &statement, NULL) != SQLITE_OK) {
    app_database_set_error (database, error);
    return NULL;
  }
  return statement;
}

int
app_database_step (AppDatabase *database, sqlite3_stmt *statement, GError **error) {
  int result = sqlite3_step (statement);
  if (result == SQLITE_ROW || result == SQLITE_DONE) {
    return result == SQLITE_ROW ? 1 : 0;
  }
  app_database_set_error (database, error);
  return -1;
}

gboolean
app_database_finish (AppDatabase *database, sqlite3_stmt *statement, GError **error) {
  if (statement == NULL) {
    return FALSE;
  }
  int result;
  do {
    result = app_database_step (database, statement, error);
  } while (result > 0);
  sqlite3_finalize (statement);
  return result == 0;
}

/* Returns: the number of the last migration, -1 with error. */
static int
read_version (AppDatabase *database, GError **error) {
  sqlite3_stmt *statement =
      app_database_prepare (database, "SELECT coalesce(max(number), 0) FROM migration", error);
  if (statement == NULL) {
    return -1;
  }
  int version =
      app_database_step (database, statement, error) == 1 ? sqlite3_column_int (statement, 0) : -1;
  sqlite3_finalize (statement);
  return version;
}

static gboolean
apply (AppDatabase *database, const char *migration, guint number, GError **error) {
  g_autofree char *note = g_strdup_printf (
      "INSERT INTO migration (number, applied_ms) VALUES (%u, %" G_GINT64_FORMAT ")", number,
      g_get_real_time () / 1000);
  if (app_database_execute (database, "BEGIN IMMEDIATE", error) &&
      app_database_execute (database, migration, error) &&
      app_database_execute (database, note, error) &&
      app_database_execute (database, "COMMIT", error)) {
    return TRUE;
  }
  sqlite3_exec (database->handle, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

static gboolean
migrate (AppDatabase *database, const char *const *migrations, guint count, GError **error) {
  if (!app_database_execute (database,
                             "CREATE TABLE IF NOT EXISTS migration"
                             " (number INTEGER PRIMARY KEY, applied_ms INTEGER NOT NULL)",
                             error)) {
    return FALSE;
  }
  int version = read_version (database, error);
  if (version < 0) {
    return FALSE;
  }
  if ((guint)version > count) {
    g_set_error (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_NEWER,
                 "This data was written by a newer Ahoy; update this one to use it. (%s)",
                 database->path);
    return FALSE;
  }
  for (guint number = (guint)version + 1; number <= count; number++) {
    if (!apply (database, migrations[number - 1], number, error)) {
      return FALSE;
    }
  }
  return TRUE;
}

/* The exclusive lock is taken by the first transaction and kept until the end. */
static gboolean
set_up (AppDatabase *database, GError **error) {
  sqlite3_busy_timeout (database->handle, BUSY_MS);
  return app_database_execute (database, "PRAGMA locking_mode=EXCLUSIVE", error) &&
         app_database_execute (database, "PRAGMA journal_mode=WAL", error) &&
         app_database_execute (database, "PRAGMA synchronous=FULL", error) &&
         app_database_execute (database, "PRAGMA foreign_keys=ON", error) &&
         app_database_execute (database, "PRAGMA secure_delete=ON", error) &&
         app_database_execute (database, "BEGIN IMMEDIATE; COMMIT", error);
}

/* Made here, so that it is nobody else's to read from its first moment on; SQLite gives its other
 * files the same mode. */
static gboolean
make_file (const char *path, GError **error) {
  int file = g_open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) {
    close (file);
    return TRUE;
  }
  AppDatabaseError code =
      errno == ENOSPC || errno == EDQUOT ? APP_DATABASE_ERROR_FULL : APP_DATABASE_ERROR_DENIED;
  g_set_error (error, APP_DATABASE_ERROR, code, "%s (%s: %s)", sentence_of (code), path,
               g_strerror (errno));
  return FALSE;
}

AppDatabase *
app_database_open (const char *path, const char *const *migrations, guint count, GError **error) {
  if (!make_file (path, error)) {
    return NULL;
  }
  AppDatabase *database = g_new0 (AppDatabase, 1);
  database->path = g_strdup (path);
  int result =
      sqlite3_open_v2 (path, &database->handle,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
  if (result != SQLITE_OK) {
    app_database_set_error (database, error);
  } else if (set_up (database, error) && migrate (database, migrations, count, error)) {
    return database;
  }
  app_database_free (database);
  return NULL;
}

void
app_database_free (AppDatabase *database) {
  if (database != NULL) {
    sqlite3_close_v2 (database->handle);
    g_free (database->path);
    g_free (database);
  }
}
