/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's tables, numbered as they grew, its statements, and which request is whose. */
#include "app/store/server-sql.h"

/* "ahoS" */
#define APPLICATION_ID 0x61686f53

static const char *const migrations[] = {
    /* 1. device 0 of a queue: the first device to come. */
    "CREATE TABLE account ("
    " id INTEGER PRIMARY KEY, user TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL,"
    " identity BLOB NOT NULL, sign_in BLOB NOT NULL, password BLOB NOT NULL, wrapped BLOB NOT NULL,"
    " disabled INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE device ("
    " id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account (id), device BLOB NOT "
    "NULL,"
    " label TEXT NOT NULL, seen_ms INTEGER NOT NULL, UNIQUE (account, device)) STRICT;"
    "CREATE TABLE contact ("
    " account INTEGER NOT NULL REFERENCES account (id), other INTEGER NOT NULL REFERENCES account "
    "(id),"
    " relation TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (account, other)) STRICT, WITHOUT "
    "ROWID;"
    "CREATE TABLE invite ("
    " token BLOB PRIMARY KEY, account INTEGER REFERENCES account (id), reserved TEXT NOT NULL,"
    " until_ms INTEGER NOT NULL, account_made INTEGER NOT NULL DEFAULT 0,"
    " contact_made INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    "CREATE INDEX invite_account ON invite (account);"
    "CREATE INDEX invite_reserved ON invite (reserved);"
    "CREATE TABLE message ("
    " id INTEGER PRIMARY KEY, sender INTEGER NOT NULL REFERENCES account (id),"
    " recipient INTEGER NOT NULL REFERENCES account (id), message BLOB NOT NULL,"
    " sender_device BLOB NOT NULL, stored_ms INTEGER NOT NULL, envelope BLOB NOT NULL,"
    " delivered INTEGER NOT NULL DEFAULT 0, UNIQUE (sender, recipient, message)) STRICT;"
    "CREATE INDEX message_age ON message (stored_ms);"
    "CREATE TABLE queue ("
    " sequence INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES account (id),"
    " device INTEGER NOT NULL, kind INTEGER NOT NULL, message INTEGER NOT NULL REFERENCES message "
    "(id),"
    " bytes INTEGER NOT NULL) STRICT;"
    "CREATE INDEX queue_device ON queue (account, device, sequence, bytes);"
    "CREATE INDEX queue_message ON queue (message)",
};

#define ACCOUNT_COLUMNS                                                                            \
  "a.id, a.user, a.display_name, a.identity, a.sign_in, a.password, a.wrapped, a.disabled, "       \
  "a.created_ms"

static const char *const statements[SQL_COUNT] = {
    [SQL_ACCOUNT_BY_USER] = "SELECT " ACCOUNT_COLUMNS " FROM account a WHERE user = ?1",
    [SQL_ACCOUNT_INSERT] =
        "INSERT INTO account (user, display_name, identity, sign_in, password, wrapped, created_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SQL_ACCOUNT_DISABLE] = "UPDATE account SET disabled = ?2 WHERE user = ?1",
    [SQL_ACCOUNT_LIST] =
        "SELECT " ACCOUNT_COLUMNS ", count(d.id), ifnull(max(d.seen_ms), 0)"
        " FROM account a LEFT JOIN device d ON d.account = a.id GROUP BY a.id ORDER BY a.user",
    [SQL_DEVICE_PUT] =
        "INSERT INTO device (account, device, label, seen_ms) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (account, device) DO UPDATE SET label = excluded.label, seen_ms = "
        "excluded.seen_ms",
    [SQL_DEVICE_ID] = "SELECT id FROM device WHERE account = ?1 AND device = ?2",
    [SQL_DEVICE_LIST] = "SELECT id FROM device WHERE account = ?1",
    [SQL_DEVICE_COUNT] = "SELECT count(*) FROM device WHERE account = ?1",
    [SQL_DEVICE_OLDEST] =
        "SELECT id FROM device WHERE account = ?1 AND device <> ?2 ORDER BY seen_ms, id LIMIT 1",
    [SQL_DEVICE_DELETE] = "DELETE FROM device WHERE id = ?1",
    [SQL_QUEUE_ADOPT] = "UPDATE queue SET device = ?2 WHERE account = ?1 AND device = 0",
    [SQL_QUEUE_ORPHAN] =
        "UPDATE queue SET device = 0 WHERE account = ?1 AND device = ?2 AND kind = 0",
    [SQL_QUEUE_DROP] = "DELETE FROM queue WHERE account = ?1 AND device = ?2",
    [SQL_CONTACT_GET] = "SELECT relation, text FROM contact WHERE account = ?1 AND other = ?2",
    [SQL_CONTACT_PUT] =
        "INSERT INTO contact (account, other, relation, text) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (account, other) DO UPDATE SET relation = excluded.relation, text = "
        "excluded.text",
    [SQL_CONTACT_DELETE] = "DELETE FROM contact WHERE account = ?1 AND other = ?2",
    [SQL_CONTACT_LIST] =
        "SELECT a.user, a.display_name, a.identity, c.relation, c.text"
        " FROM contact c JOIN account a ON a.id = c.other WHERE c.account = ?1 ORDER BY a.user",
    [SQL_CONTACT_COUNT] = "SELECT count(*) FROM contact WHERE account = ?1",
    [SQL_CONTACT_COUNT_ASKED] =
        "SELECT count(*) FROM contact WHERE account = ?1 AND relation = 'asked'",
    [SQL_INVITE_PUT] =
        "INSERT INTO invite (token, account, reserved, until_ms) VALUES (?1, ?2, ?3, ?4)",
    [SQL_INVITE_GET] =
        "SELECT i.account, i.reserved, i.account_made, i.contact_made, ifnull(a.user, '')"
        " FROM invite i LEFT JOIN account a ON a.id = i.account WHERE i.token = ?1 AND i.until_ms "
        "> ?2",
    [SQL_INVITE_RESERVES] = "SELECT 1 FROM invite WHERE reserved = ?1 AND account_made = 0 AND "
                            "until_ms > ?2 AND token <> ?3",
    [SQL_INVITE_COUNT] =
        "SELECT count(*) FROM invite WHERE account = ?1 AND until_ms > ?2 AND contact_made = 0",
    [SQL_INVITE_ACCOUNT_MADE] = "UPDATE invite SET account_made = 1 WHERE token = ?1",
    [SQL_INVITE_CONTACT_MADE] = "UPDATE invite SET contact_made = 1 WHERE token = ?1",
    [SQL_MESSAGE_FIND] =
        "SELECT id FROM message WHERE sender = ?1 AND recipient = ?2 AND message = ?3",
    [SQL_MESSAGE_INSERT] =
        "INSERT INTO message (sender, recipient, message, sender_device, stored_ms, envelope)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_MESSAGE_DELIVERED] = "UPDATE message SET delivered = 1 WHERE id = ?1",
    [SQL_MESSAGE_EMPTY] =
        "UPDATE message SET envelope = x'' WHERE id = ?1 AND length(envelope) > 0"
        " AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.message = ?1 AND q.kind = 0)",
    [SQL_QUEUE_SIZE] =
        "SELECT count(*), ifnull(sum(bytes), 0) FROM queue WHERE account = ?1 AND device = ?2",
    [SQL_QUEUE_INSERT] =
        "INSERT INTO queue (account, device, kind, message, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_QUEUE_READ] =
        "SELECT q.sequence, q.kind, a.user, m.message, m.stored_ms,"
        " CASE q.kind WHEN 0 THEN m.envelope ELSE x'' END"
        " FROM queue q JOIN message m ON m.id = q.message"
        " JOIN account a ON a.id = CASE q.kind WHEN 0 THEN m.sender ELSE m.recipient END"
        " WHERE q.account = ?1 AND q.device = ?2 AND q.sequence > ?3 ORDER BY q.sequence LIMIT ?4",
    [SQL_QUEUE_GET] =
        "SELECT q.kind, m.id, m.delivered, m.sender, m.sender_device, a.user"
        " FROM queue q JOIN message m ON m.id = q.message JOIN account a ON a.id = m.sender"
        " WHERE q.sequence = ?1 AND q.account = ?2 AND q.device = ?3",
    [SQL_QUEUE_DELETE] = "DELETE FROM queue WHERE sequence = ?1",
    [SQL_OLD_INVITES] = "DELETE FROM invite WHERE until_ms <= ?1",
    [SQL_OLD_MESSAGES] = "DELETE FROM message WHERE stored_ms <= ?1"
                         " AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.message = message.id)",
};

const AppSqliteSchema app_server_schema = {
    .application_id = APPLICATION_ID,
    .migrations = migrations,
    .migration_count = G_N_ELEMENTS (migrations),
    .statements = statements,
    .statement_count = SQL_COUNT,
};

void
app_server_sql_run (AppSqlite *sqlite, AhoyStoreJob *job) {
  static AppServerRequest *const requests[AHOY_STORE_KIND_COUNT] = {
      [AHOY_STORE_ACCOUNT_READ] = app_server_account_read,
      [AHOY_STORE_ACCOUNT_CREATE] = app_server_account_create,
      [AHOY_STORE_ACCOUNT_DISABLE] = app_server_account_disable,
      [AHOY_STORE_ACCOUNT_LIST] = app_server_account_list,
      [AHOY_STORE_DEVICE_ENTER] = app_server_device_enter,
      [AHOY_STORE_DEVICE_FORGET] = app_server_device_forget,
      [AHOY_STORE_CONTACT_ACT] = app_server_contact_act,
      [AHOY_STORE_INVITE_MAKE] = app_server_invite_make,
      [AHOY_STORE_INVITE_REDEEM] = app_server_invite_redeem,
      [AHOY_STORE_MESSAGE_QUEUE] = app_server_message_queue,
      [AHOY_STORE_QUEUE_READ] = app_server_queue_read,
      [AHOY_STORE_QUEUE_CONFIRM] = app_server_queue_confirm,
  };
  job->status = AHOY_STORE_OK;
  requests[job->kind](sqlite, job);
}

void
app_server_sql_tidy (AppSqlite *sqlite, int64_t now_ms) {
  sqlite3_stmt *invites = app_sqlite_statement (sqlite, SQL_OLD_INVITES);
  app_sqlite_bind_int (invites, 1, now_ms);
  (void)app_sqlite_done (sqlite, invites);
  sqlite3_stmt *messages = app_sqlite_statement (sqlite, SQL_OLD_MESSAGES);
  app_sqlite_bind_int (messages, 1, now_ms - AHOY_MESSAGE_MEMORY_MS);
  (void)app_sqlite_done (sqlite, messages);
}
