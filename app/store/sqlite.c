/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening, migrating and stepping SQLite. */
#include "app/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* How long a lock of another program (a backup) is waited for. */
#define BUSY_MS 5000

G_DEFINE_QUARK (app - store - error - quark, app_store_error)

static void
note_error (AppSqlite *sqlite) {
  sqlite->failed = true;
  g_snprintf (sqlite->error, sizeof sqlite->error, "The store failed: %s.",
              sqlite->db == NULL ? "out of memory" : sqlite3_errmsg (sqlite->db));
}

bool
app_sqlite_exec (AppSqlite *sqlite, const char *sql) {
  if (sqlite3_exec (sqlite->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
    note_error (sqlite);
    return false;
  }
  return true;
}

/* ---- Opening ---- */

static bool
refuse (AppSqlite *sqlite, const char *path, AppStoreError code, GError **error) {
  if (code == APP_STORE_ERROR_NEWER) {
    g_set_error (error, APP_STORE_ERROR, code, "%s was made by a newer version of Ahoy.", path);
  } else if (code == APP_STORE_ERROR_BROKEN) {
    g_set_error (error, APP_STORE_ERROR, code, "%s is not a store of Ahoy, or it is damaged.",
                 path);
  } else {
    g_set_error (error, APP_STORE_ERROR, code, "%s cannot be opened: %s.", path,
                 sqlite->db == NULL ? g_strerror (errno) : sqlite3_errmsg (sqlite->db));
  }
  app_sqlite_close (sqlite);
  return false;
}

/* A number that a PRAGMA tells; -1 when it does not. */
static int64_t
pragma (AppSqlite *sqlite, const char *sql) {
  sqlite3_stmt *statement = NULL;
  int64_t value = -1;
  if (sqlite3_prepare_v2 (sqlite->db, sql, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW) {
    value = sqlite3_column_int64 (statement, 0);
  }
  sqlite3_finalize (statement);
  return value;
}

static bool
migrate (AppSqlite *sqlite, size_t from) {
  const AppSqliteSchema *schema = sqlite->schema;
  for (size_t i = from; i < schema->migration_count; i++) {
    g_autofree char *sql = g_strdup_printf (
        "BEGIN IMMEDIATE; %s; PRAGMA application_id = %d; PRAGMA user_version = %zu; COMMIT",
        schema->migrations[i], schema->application_id, i + 1);
    if (!app_sqlite_exec (sqlite, sql)) {
      (void)sqlite3_exec (sqlite->db, "ROLLBACK", NULL, NULL, NULL);
      return false;
    }
  }
  return true;
}

/* Only its owner may read it: made here, since SQLite makes files by the umask alone. */
static bool
make_file (const char *path) {
  const int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  return fd >= 0 && close (fd) == 0;
}

bool
app_sqlite_open (AppSqlite *sqlite, const char *path, const AppSqliteSchema *schema,
                 GError **error) {
  *sqlite = (AppSqlite){.schema = schema};
  sqlite->prepared = g_new0 (sqlite3_stmt *, schema->statement_count);
  if (!make_file (path) ||
      sqlite3_open_v2 (path, &sqlite->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
          SQLITE_OK) {
    return refuse (sqlite, path, APP_STORE_ERROR_OPEN, error);
  }
  sqlite3_busy_timeout (sqlite->db, BUSY_MS);
  sqlite3_extended_result_codes (sqlite->db, 1);
  const int64_t version = pragma (sqlite, "PRAGMA user_version");
  const int64_t id = pragma (sqlite, "PRAGMA application_id");
  if (version < 0 || (id != schema->application_id && !(id == 0 && version == 0))) {
    return refuse (sqlite, path, APP_STORE_ERROR_BROKEN, error);
  }
  if ((size_t)version > schema->migration_count) {
    return refuse (sqlite, path, APP_STORE_ERROR_NEWER, error);
  }
  if (!app_sqlite_exec (sqlite, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON") ||
      !migrate (sqlite, (size_t)version)) {
    return refuse (sqlite, path, APP_STORE_ERROR_OPEN, error);
  }
  return true;
}

void
app_sqlite_close (AppSqlite *sqlite) {
  for (size_t i = 0; sqlite->prepared != NULL && i < sqlite->schema->statement_count; i++) {
    sqlite3_finalize (sqlite->prepared[i]);
  }
  g_clear_pointer (&sqlite->prepared, g_free);
  sqlite3_close (sqlite->db);
  sqlite->db = NULL;
}

/* ---- Statements ---- */

sqlite3_stmt *
app_sqlite_statement (AppSqlite *sqlite, size_t index) {
  sqlite3_stmt **statement = &sqlite->prepared[index];
  if (*statement == NULL &&
      sqlite3_prepare_v3 (sqlite->db, sqlite->schema->statements[index], -1,
                          SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK) {
    note_error (sqlite);
    return NULL;
  }
  sqlite3_reset (*statement);
  sqlite3_clear_bindings (*statement);
  return *statement;
}

bool
app_sqlite_row (AppSqlite *sqlite, sqlite3_stmt *statement) {
  if (sqlite->failed || statement == NULL) {
    return false;
  }
  const int result = sqlite3_step (statement);
  if (result == SQLITE_ROW) {
    return true;
  }
  if (result != SQLITE_DONE) {
    note_error (sqlite);
  }
  sqlite3_reset (statement); /* no read stays open behind the last row */
  return false;
}

bool
app_sqlite_done (AppSqlite *sqlite, sqlite3_stmt *statement) {
  while (app_sqlite_row (sqlite, statement)) {
  }
  return !sqlite->failed;
}

void
app_sqlite_bind_text (sqlite3_stmt *statement, int place, const char *text) {
  sqlite3_bind_text (statement, place, text, -1, SQLITE_TRANSIENT);
}

void
app_sqlite_bind_blob (sqlite3_stmt *statement, int place, const void *bytes, size_t size) {
  /* A NULL pointer would bind NULL, not an empty blob. */
  sqlite3_bind_blob64 (statement, place, size > 0 ? bytes : "", size, SQLITE_TRANSIENT);
}

void
app_sqlite_bind_int (sqlite3_stmt *statement, int place, int64_t value) {
  sqlite3_bind_int64 (statement, place, value);
}

void
app_sqlite_column_text (sqlite3_stmt *statement, int column, char *text, size_t capacity) {
  const char *value = (const char *)sqlite3_column_text (statement, column);
  g_strlcpy (text, value == NULL ? "" : value, capacity);
}

bool
app_sqlite_column_blob (sqlite3_stmt *statement, int column, void *bytes, size_t size) {
  const void *value = sqlite3_column_blob (statement, column);
  if (value == NULL || (size_t)sqlite3_column_bytes (statement, column) != size) {
    return false;
  }
  memcpy (bytes, value, size);
  return true;
}
