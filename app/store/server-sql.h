/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's tables and statements, and running one request among them. */
#ifndef APP_STORE_SERVER_SQL_H
#define APP_STORE_SERVER_SQL_H

#include "app/store/sqlite.h"
#include "core/rendezvous/store-job.h"

extern const AppSqliteSchema app_server_schema;

typedef enum {
  SQL_ACCOUNT_BY_USER,
  SQL_ACCOUNT_INSERT,
  SQL_ACCOUNT_DISABLE,
  SQL_ACCOUNT_LIST,
  SQL_DEVICE_PUT,
  SQL_DEVICE_ID,
  SQL_DEVICE_LIST,
  SQL_DEVICE_COUNT,
  SQL_DEVICE_OLDEST,
  SQL_DEVICE_DELETE,
  SQL_QUEUE_ADOPT,
  SQL_QUEUE_ORPHAN,
  SQL_QUEUE_DROP,
  SQL_CONTACT_GET,
  SQL_CONTACT_PUT,
  SQL_CONTACT_DELETE,
  SQL_CONTACT_LIST,
  SQL_CONTACT_COUNT,
  SQL_CONTACT_COUNT_ASKED,
  SQL_INVITE_PUT,
  SQL_INVITE_GET,
  SQL_INVITE_RESERVES,
  SQL_INVITE_COUNT,
  SQL_INVITE_ACCOUNT_MADE,
  SQL_INVITE_CONTACT_MADE,
  SQL_MESSAGE_FIND,
  SQL_MESSAGE_INSERT,
  SQL_MESSAGE_DELIVERED,
  SQL_MESSAGE_EMPTY,
  SQL_QUEUE_SIZE,
  SQL_QUEUE_INSERT,
  SQL_QUEUE_READ,
  SQL_QUEUE_GET,
  SQL_QUEUE_DELETE,
  SQL_OLD_INVITES,
  SQL_OLD_MESSAGES,
  SQL_COUNT,
} AppServerSql;

/* Runs one request inside the transaction that is open; sets job's answer. sqlite->failed: the
 * whole has to be rolled back. */
void app_server_sql_run (AppSqlite *sqlite, AhoyStoreJob *job);
/* Drops invites and delivered messages whose time is over. */
void app_server_sql_tidy (AppSqlite *sqlite, int64_t now_ms);

/* ---- What the files of requests share ---- */

/* The account's id, 0 when there is none; record out (may be NULL). */
int64_t app_server_account (AppSqlite *sqlite, const char *user, AhoyAccountRecord *record);
/* The device's id, 0 when it is not known. */
int64_t app_server_device (AppSqlite *sqlite, int64_t account, const uint8_t *device);
/* What account is to other; text out (may be NULL). */
AhoyRelation app_server_relation (AppSqlite *sqlite, int64_t account, int64_t other,
                                  char text[AHOY_REQUEST_TEXT_BYTES_MAX + 1]);

typedef void AppServerRequest (AppSqlite *sqlite, AhoyStoreJob *job);
AppServerRequest app_server_account_read, app_server_account_create, app_server_account_disable,
    app_server_account_list, app_server_device_enter, app_server_device_forget;
AppServerRequest app_server_contact_act, app_server_invite_make, app_server_invite_redeem;
AppServerRequest app_server_message_queue, app_server_queue_read, app_server_queue_confirm;

#endif
