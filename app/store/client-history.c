/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and calls on this computer: one line of time for each contact. */
#include "app/store/client-store-private.h"

#include <string.h>

/* ---- Writing ---- */

/* One message; a known id changes nothing. is_new: out. */
static gboolean
put_message (AppClientStore *store, const AppStoreItem *item, gboolean *is_new, GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement = app_database_prepare (
      store->database,
      "INSERT INTO item (account, contact, type, id, outgoing, time_ms, is_read, kind, state, body)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
      " ON CONFLICT (account, contact, type, outgoing, id) DO NOTHING",
      error);
  if (statement == NULL) {
    return FALSE;
  }
  gsize size = 0;
  const void *body = g_bytes_get_data (item->body, &size);
  sqlite3_bind_int64 (statement, 1, store->account);
  app_client_store_bind_name (statement, 2, &item->contact);
  sqlite3_bind_int (statement, 3, APP_STORE_MESSAGE);
  sqlite3_bind_blob (statement, 4, item->id.bytes, AHOY_MESSAGE_ID_SIZE, SQLITE_TRANSIENT);
  sqlite3_bind_int (statement, 5, item->outgoing);
  sqlite3_bind_int64 (statement, 6, item->time_ms);
  sqlite3_bind_int (statement, 7, item->is_read);
  sqlite3_bind_int (statement, 8, item->kind);
  sqlite3_bind_int (statement, 9, (int)item->state);
  sqlite3_bind_blob64 (statement, 10, size > 0 ? body : "", size, SQLITE_TRANSIENT);
  if (!app_database_finish (store->database, statement, error)) {
    return FALSE;
  }
  *is_new = sqlite3_changes (app_database_handle (store->database)) > 0;
  return TRUE;
}

gboolean
app_client_store_put_own (AppClientStore *store, const AhoyName *to, const AhoyMessageId *id,
                          guint8 kind, GBytes *body, gint64 time_ms, GError **error) {
  const AppStoreItem item = {.contact = *to,
                             .id = *id,
                             .outgoing = TRUE,
                             .time_ms = time_ms,
                             .is_read = TRUE,
                             .kind = kind,
                             .state = AHOY_CHAT_UNSENT,
                             .body = body};
  gboolean is_new;
  return put_message (store, &item, &is_new, error);
}

gboolean
app_client_store_put_received (AppClientStore *store, const AhoyName *from, const AhoyMessageId *id,
                               guint8 kind, GBytes *body, gint64 time_ms, gboolean *is_new,
                               GError **error) {
  const AppStoreItem item = {.contact = *from,
                             .id = *id,
                             .time_ms = time_ms,
                             .kind = kind,
                             .state = AHOY_CHAT_DELIVERED,
                             .body = body};
  return put_message (store, &item, is_new, error);
}

gboolean
app_client_store_set_state (AppClientStore *store, const AhoyMessageId *id, AhoyChatState state,
                            GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement =
      app_database_prepare (store->database,
                            "UPDATE item SET state = ?3 WHERE account = ?1 AND id = ?2"
                            " AND type = 0 AND outgoing = 1 AND state < ?3 AND state < 2",
                            error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  sqlite3_bind_blob (statement, 2, id->bytes, AHOY_MESSAGE_ID_SIZE, SQLITE_TRANSIENT);
  sqlite3_bind_int (statement, 3, (int)state);
  return app_database_finish (store->database, statement, error);
}

gboolean
app_client_store_put_call (AppClientStore *store, const AppStoreItem *call, GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement = app_database_prepare (
      store->database,
      "INSERT INTO item (account, contact, type, id, outgoing, time_ms, is_read, with_video,"
      " duration_s, call_end) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
      " ON CONFLICT (account, contact, type, outgoing, id) DO UPDATE SET"
      " with_video = excluded.with_video, duration_s = excluded.duration_s,"
      " call_end = excluded.call_end",
      error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  app_client_store_bind_name (statement, 2, &call->contact);
  sqlite3_bind_int (statement, 3, APP_STORE_CALL);
  sqlite3_bind_blob (statement, 4, call->id.bytes, AHOY_MESSAGE_ID_SIZE, SQLITE_TRANSIENT);
  sqlite3_bind_int (statement, 5, call->outgoing);
  sqlite3_bind_int64 (statement, 6, call->time_ms);
  sqlite3_bind_int (statement, 7, call->is_read);
  sqlite3_bind_int (statement, 8, call->with_video);
  sqlite3_bind_int64 (statement, 9, call->duration_s);
  sqlite3_bind_text (statement, 10, call->end, -1, SQLITE_TRANSIENT);
  return app_database_finish (store->database, statement, error);
}

gboolean
app_client_store_mark_read (AppClientStore *store, const AhoyName *contact, GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement = app_database_prepare (
      store->database,
      "UPDATE item SET is_read = 1 WHERE account = ?1 AND contact = ?2 AND is_read = 0", error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  app_client_store_bind_name (statement, 2, contact);
  return app_database_finish (store->database, statement, error);
}

/* ---- Reading ---- */

#define ITEM_COLUMNS                                                                               \
  "number, contact, type, id, outgoing, time_ms, is_read, kind, state, body, with_video,"          \
  " duration_s, call_end"

/* Returns: FALSE when the row is not one of ours. */
static gboolean
read_item (sqlite3_stmt *statement, AppStoreItem *item) {
  const unsigned char *contact = sqlite3_column_text (statement, 1);
  const void *id = sqlite3_column_blob (statement, 3);
  if (contact == NULL || ahoy_name_parse ((const char *)contact, &item->contact) != RTMFP_OK ||
      id == NULL || sqlite3_column_bytes (statement, 3) != AHOY_MESSAGE_ID_SIZE) {
    return FALSE;
  }
  memcpy (item->id.bytes, id, AHOY_MESSAGE_ID_SIZE);
  item->type =
      sqlite3_column_int (statement, 2) == APP_STORE_CALL ? APP_STORE_CALL : APP_STORE_MESSAGE;
  item->outgoing = sqlite3_column_int (statement, 4) != 0;
  item->time_ms = sqlite3_column_int64 (statement, 5);
  item->is_read = sqlite3_column_int (statement, 6) != 0;
  item->kind = (guint8)sqlite3_column_int (statement, 7);
  item->state = (AhoyChatState)sqlite3_column_int (statement, 8);
  item->with_video = sqlite3_column_int (statement, 10) != 0;
  item->duration_s = (guint)sqlite3_column_int64 (statement, 11);
  item->end = (const char *)sqlite3_column_text (statement, 12);
  if (item->end == NULL) {
    item->end = "none";
  }
  item->body =
      g_bytes_new (sqlite3_column_blob (statement, 9), (gsize)sqlite3_column_bytes (statement, 9));
  return TRUE;
}

/* Takes statement. */
static gboolean
each_row (AppClientStore *store, sqlite3_stmt *statement, AppStoreItemFunc each, gpointer data,
          GError **error) {
  int row;
  while ((row = app_database_step (store->database, statement, error)) == 1) {
    AppStoreItem item = {.body = NULL};
    if (read_item (statement, &item)) {
      each (data, &item);
      g_bytes_unref (item.body);
    }
  }
  sqlite3_finalize (statement);
  return row == 0;
}

gboolean
app_client_store_each_item (AppClientStore *store, const AhoyName *contact, guint most,
                            AppStoreItemFunc each, gpointer data, GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement = app_database_prepare (store->database,
                                                  "SELECT * FROM (SELECT " ITEM_COLUMNS
                                                  " FROM item WHERE account = ?1 AND contact = ?2"
                                                  " ORDER BY number DESC LIMIT ?3) ORDER BY number",
                                                  error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  app_client_store_bind_name (statement, 2, contact);
  sqlite3_bind_int64 (statement, 3, most);
  return each_row (store, statement, each, data, error);
}

gboolean
app_client_store_each_waiting (AppClientStore *store, AppStoreItemFunc each, gpointer data,
                               GError **error) {
  if (!app_client_store_needs_account (store, error)) {
    return FALSE;
  }
  sqlite3_stmt *statement =
      app_database_prepare (store->database,
                            "SELECT " ITEM_COLUMNS " FROM item WHERE account = ?1"
                            " AND outgoing = 1 AND type = 0 AND state < 2 ORDER BY number",
                            error);
  if (statement == NULL) {
    return FALSE;
  }
  sqlite3_bind_int64 (statement, 1, store->account);
  return each_row (store, statement, each, data, error);
}
