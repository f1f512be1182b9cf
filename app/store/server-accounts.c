/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests about accounts and their devices. */
#include "app/store/server-sql.h"

#include <string.h>

static bool
read_account (AppSqlite *sqlite, sqlite3_stmt *row, AhoyAccountRecord *record) {
  const void *password = sqlite3_column_blob (row, 5);
  const size_t password_size = (size_t)sqlite3_column_bytes (row, 5);
  app_sqlite_column_text (row, 1, record->user, sizeof record->user);
  app_sqlite_column_text (row, 2, record->display_name, sizeof record->display_name);
  record->disabled = sqlite3_column_int (row, 7) != 0;
  record->created_ms = sqlite3_column_int64 (row, 8);
  if (app_sqlite_column_blob (row, 3, record->identity.bytes, sizeof record->identity.bytes) &&
      app_sqlite_column_blob (row, 4, record->sign_in.bytes, sizeof record->sign_in.bytes) &&
      app_sqlite_column_blob (row, 6, record->wrapped, sizeof record->wrapped) &&
      ahoy_password_params_read (rtmfp_bytes (password, password_size), &record->password) ==
          RTMFP_OK) {
    return true;
  }
  sqlite->failed = true;
  g_snprintf (sqlite->error, sizeof sqlite->error, "The account %s is damaged in the store.",
              record->user);
  return false;
}

int64_t
app_server_account (AppSqlite *sqlite, const char *user, AhoyAccountRecord *record) {
  sqlite3_stmt *find = app_sqlite_statement (sqlite, SQL_ACCOUNT_BY_USER);
  app_sqlite_bind_text (find, 1, user);
  if (!app_sqlite_row (sqlite, find)) {
    return 0;
  }
  const int64_t id = sqlite3_column_int64 (find, 0);
  AhoyAccountRecord unused;
  const bool is_whole = read_account (sqlite, find, record == NULL ? &unused : record);
  sqlite3_reset (find);
  return is_whole ? id : 0;
}

int64_t
app_server_device (AppSqlite *sqlite, int64_t account, const uint8_t *device) {
  sqlite3_stmt *find = app_sqlite_statement (sqlite, SQL_DEVICE_ID);
  app_sqlite_bind_int (find, 1, account);
  app_sqlite_bind_blob (find, 2, device, AHOY_DEVICE_ID_SIZE);
  if (!app_sqlite_row (sqlite, find)) {
    return 0;
  }
  const int64_t id = sqlite3_column_int64 (find, 0);
  sqlite3_reset (find);
  return id;
}

/* ---- Accounts ---- */

void
app_server_account_read (AppSqlite *sqlite, AhoyStoreJob *job) {
  if (app_server_account (sqlite, job->user, &job->account) == 0) {
    job->status = AHOY_STORE_UNKNOWN;
  }
}

static bool
is_reserved_for_others (AppSqlite *sqlite, const AhoyStoreJob *job) {
  sqlite3_stmt *find = app_sqlite_statement (sqlite, SQL_INVITE_RESERVES);
  app_sqlite_bind_text (find, 1, job->account.user);
  app_sqlite_bind_int (find, 2, job->now_ms);
  app_sqlite_bind_blob (find, 3, job->token_hash, job->has_token ? sizeof job->token_hash : 0);
  const bool found = app_sqlite_row (sqlite, find);
  sqlite3_reset (find);
  return found;
}

/* Whether the job's token makes this account. */
static bool
is_invited (AppSqlite *sqlite, const AhoyStoreJob *job) {
  if (!job->has_token) {
    return false;
  }
  sqlite3_stmt *find = app_sqlite_statement (sqlite, SQL_INVITE_GET);
  app_sqlite_bind_blob (find, 1, job->token_hash, sizeof job->token_hash);
  app_sqlite_bind_int (find, 2, job->now_ms);
  if (!app_sqlite_row (sqlite, find)) {
    return false;
  }
  char reserved[AHOY_USER_TEXT_SIZE];
  app_sqlite_column_text (find, 1, reserved, sizeof reserved);
  const bool is_used = sqlite3_column_int (find, 2) != 0;
  sqlite3_reset (find);
  return !is_used && (reserved[0] == '\0' || strcmp (reserved, job->account.user) == 0);
}

static void
insert_account (AppSqlite *sqlite, const AhoyAccountRecord *account) {
  uint8_t password[AHOY_PASSWORD_PARAMS_SIZE];
  ahoy_password_params_write (&account->password, password);
  sqlite3_stmt *insert = app_sqlite_statement (sqlite, SQL_ACCOUNT_INSERT);
  app_sqlite_bind_text (insert, 1, account->user);
  app_sqlite_bind_text (insert, 2, account->display_name);
  app_sqlite_bind_blob (insert, 3, account->identity.bytes, sizeof account->identity.bytes);
  app_sqlite_bind_blob (insert, 4, account->sign_in.bytes, sizeof account->sign_in.bytes);
  app_sqlite_bind_blob (insert, 5, password, sizeof password);
  app_sqlite_bind_blob (insert, 6, account->wrapped, sizeof account->wrapped);
  app_sqlite_bind_int (insert, 7, account->created_ms);
  (void)app_sqlite_done (sqlite, insert);
}

void
app_server_account_create (AppSqlite *sqlite, AhoyStoreJob *job) {
  AhoyAccountRecord known;
  if (app_server_account (sqlite, job->account.user, &known) != 0) {
    const bool is_same = ahoy_key_equal (&known.identity, &job->account.identity) &&
                         ahoy_key_equal (&known.sign_in, &job->account.sign_in);
    job->status = is_same ? AHOY_STORE_OK : AHOY_STORE_TAKEN;
    return;
  }
  const bool invited = is_invited (sqlite, job);
  if (is_reserved_for_others (sqlite, job)) {
    job->status = AHOY_STORE_TAKEN;
    return;
  }
  if (job->needs_invite && !invited) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  insert_account (sqlite, &job->account);
  if (invited) {
    sqlite3_stmt *use = app_sqlite_statement (sqlite, SQL_INVITE_ACCOUNT_MADE);
    app_sqlite_bind_blob (use, 1, job->token_hash, sizeof job->token_hash);
    (void)app_sqlite_done (sqlite, use);
  }
}

void
app_server_account_disable (AppSqlite *sqlite, AhoyStoreJob *job) {
  sqlite3_stmt *update = app_sqlite_statement (sqlite, SQL_ACCOUNT_DISABLE);
  app_sqlite_bind_text (update, 1, job->user);
  app_sqlite_bind_int (update, 2, job->disabled);
  if (app_sqlite_done (sqlite, update) && sqlite3_changes (sqlite->db) == 0) {
    job->status = AHOY_STORE_UNKNOWN;
  }
}

void
app_server_account_list (AppSqlite *sqlite, AhoyStoreJob *job) {
  sqlite3_stmt *list = app_sqlite_statement (sqlite, SQL_ACCOUNT_LIST);
  while (app_sqlite_row (sqlite, list)) {
    AhoyAccountRecord *record = ahoy_store_job_add_account (job);
    if (!read_account (sqlite, list, record)) {
      break;
    }
    record->devices = (uint32_t)sqlite3_column_int (list, 9);
    record->seen_ms = sqlite3_column_int64 (list, 10);
  }
  sqlite3_reset (list);
}

/* ---- Devices ---- */

static uint32_t
count_devices (AppSqlite *sqlite, int64_t account) {
  sqlite3_stmt *count = app_sqlite_statement (sqlite, SQL_DEVICE_COUNT);
  app_sqlite_bind_int (count, 1, account);
  const bool found = app_sqlite_row (sqlite, count);
  const uint32_t devices = found ? (uint32_t)sqlite3_column_int (count, 0) : 0;
  sqlite3_reset (count);
  return devices;
}

static void
run_on_queue (AppSqlite *sqlite, AppServerSql which, int64_t account, int64_t device) {
  sqlite3_stmt *statement = app_sqlite_statement (sqlite, which);
  app_sqlite_bind_int (statement, 1, account);
  app_sqlite_bind_int (statement, 2, device);
  (void)app_sqlite_done (sqlite, statement);
}

/* The last device leaves its messages to the next one that comes; receipts nobody needs. */
static void
forget_device (AppSqlite *sqlite, int64_t account, int64_t device) {
  if (count_devices (sqlite, account) == 1) {
    run_on_queue (sqlite, SQL_QUEUE_ORPHAN, account, device);
  }
  run_on_queue (sqlite, SQL_QUEUE_DROP, account, device);
  sqlite3_stmt *drop = app_sqlite_statement (sqlite, SQL_DEVICE_DELETE);
  app_sqlite_bind_int (drop, 1, device);
  (void)app_sqlite_done (sqlite, drop);
}

static void
forget_oldest (AppSqlite *sqlite, int64_t account, const uint8_t *but) {
  sqlite3_stmt *oldest = app_sqlite_statement (sqlite, SQL_DEVICE_OLDEST);
  app_sqlite_bind_int (oldest, 1, account);
  app_sqlite_bind_blob (oldest, 2, but, AHOY_DEVICE_ID_SIZE);
  if (app_sqlite_row (sqlite, oldest)) {
    const int64_t device = sqlite3_column_int64 (oldest, 0);
    sqlite3_reset (oldest);
    forget_device (sqlite, account, device);
  }
}

static void
put_device (AppSqlite *sqlite, int64_t account, const AhoyStoreJob *job) {
  sqlite3_stmt *put = app_sqlite_statement (sqlite, SQL_DEVICE_PUT);
  app_sqlite_bind_int (put, 1, account);
  app_sqlite_bind_blob (put, 2, job->device, sizeof job->device);
  app_sqlite_bind_text (put, 3, job->label);
  app_sqlite_bind_int (put, 4, job->now_ms);
  (void)app_sqlite_done (sqlite, put);
  run_on_queue (sqlite, SQL_QUEUE_ADOPT, account, app_server_device (sqlite, account, job->device));
}

static void
read_roster (AppSqlite *sqlite, int64_t account, AhoyStoreJob *job) {
  sqlite3_stmt *list = app_sqlite_statement (sqlite, SQL_CONTACT_LIST);
  app_sqlite_bind_int (list, 1, account);
  while (app_sqlite_row (sqlite, list)) {
    AhoyRosterRecord *record = ahoy_store_job_add_roster (job);
    const char *relation = (const char *)sqlite3_column_text (list, 3);
    app_sqlite_column_text (list, 0, record->user, sizeof record->user);
    app_sqlite_column_text (list, 1, record->display_name, sizeof record->display_name);
    app_sqlite_column_text (list, 4, record->text, sizeof record->text);
    if (!app_sqlite_column_blob (list, 2, record->identity.bytes, sizeof record->identity.bytes) ||
        ahoy_relation_parse (relation, &record->relation) != RTMFP_OK) {
      sqlite->failed = true;
      g_strlcpy (sqlite->error, "A contact is damaged in the store.", sizeof sqlite->error);
      break;
    }
  }
  sqlite3_reset (list);
}

void
app_server_device_enter (AppSqlite *sqlite, AhoyStoreJob *job) {
  const int64_t account = app_server_account (sqlite, job->user, &job->account);
  if (account == 0) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  if (!ahoy_key_equal (&job->account.identity, &job->key)) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  if (job->account.disabled) {
    job->status = AHOY_STORE_DISABLED;
    return;
  }
  put_device (sqlite, account, job);
  while (!sqlite->failed && count_devices (sqlite, account) > AHOY_DEVICES_MAX) {
    forget_oldest (sqlite, account, job->device);
  }
  job->account.devices = count_devices (sqlite, account);
  job->account.seen_ms = job->now_ms;
  read_roster (sqlite, account, job);
}

void
app_server_device_forget (AppSqlite *sqlite, AhoyStoreJob *job) {
  const int64_t account = app_server_account (sqlite, job->user, NULL);
  const int64_t device = account == 0 ? 0 : app_server_device (sqlite, account, job->device);
  if (device != 0) {
    forget_device (sqlite, account, device);
  }
}
