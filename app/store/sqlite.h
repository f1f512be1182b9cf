/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite as our stores use it: durable, migrated by numbers, with prepared statements in a table.
 */
#ifndef APP_STORE_SQLITE_H
#define APP_STORE_SQLITE_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  APP_STORE_ERROR_OPEN,   /* cannot be opened or written: missing folder, rights, disk full */
  APP_STORE_ERROR_NEWER,  /* made by a newer Ahoy */
  APP_STORE_ERROR_BROKEN, /* not a store of ours, or damaged */
} AppStoreError;
#define APP_STORE_ERROR (app_store_error_quark ())
GQuark app_store_error_quark (void);

typedef struct {
  int32_t application_id;        /* PRAGMA application_id: whose store it is */
  const char *const *migrations; /* (borrowed) migrations[n] takes user_version n to n + 1 */
  size_t migration_count;
  const char *const *statements; /* (borrowed) SQL; prepared when first used */
  size_t statement_count;
} AppSqliteSchema;

typedef struct {
  sqlite3 *db;                   /* (owned) */
  sqlite3_stmt **prepared;       /* (owned) */
  const AppSqliteSchema *schema; /* (borrowed) */
  bool failed;                   /* a step went wrong since it was last cleared */
  char error[160];               /* why, one sentence */
} AppSqlite;

/* Opens or makes the file at path (mode 0600), in WAL mode with synchronous=FULL and foreign keys,
 * and migrates it, each step a transaction. Returns: whether it is usable; error tells a person why
 * not. */
bool app_sqlite_open (AppSqlite *sqlite, const char *path, const AppSqliteSchema *schema,
                      GError **error);
void app_sqlite_close (AppSqlite *sqlite);

/* The statement, reset and without bindings; NULL when it cannot be prepared (failed is set). */
sqlite3_stmt *app_sqlite_statement (AppSqlite *sqlite, size_t index);
/* One step. Returns: whether there is a row. An error sets failed and counts as no row; once failed
 * is set nothing more is done. */
bool app_sqlite_row (AppSqlite *sqlite, sqlite3_stmt *statement);
/* Steps to the end. Returns: whether it went well. */
bool app_sqlite_done (AppSqlite *sqlite, sqlite3_stmt *statement);
/* SQL without results. Returns: whether it went well. */
bool app_sqlite_exec (AppSqlite *sqlite, const char *sql);

/* Bindings and columns that fit our types; place counts from 1, column from 0. */
void app_sqlite_bind_text (sqlite3_stmt *statement, int place, const char *text);
void app_sqlite_bind_blob (sqlite3_stmt *statement, int place, const void *bytes, size_t size);
void app_sqlite_bind_int (sqlite3_stmt *statement, int place, int64_t value);
/* Text into text[capacity], cut when it does not fit. */
void app_sqlite_column_text (sqlite3_stmt *statement, int column, char *text, size_t capacity);
/* A blob of exactly size bytes. Returns: whether it is one. */
bool app_sqlite_column_blob (sqlite3_stmt *statement, int column, void *bytes, size_t size);

#endif
