/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's tables, as numbered migrations. */
#include "app/store/client-schema.h"

const char *const app_client_migrations[] = {
    /* 1: the account, contacts, messages, settings. Names are as ahoy_name_format() writes them,
     * relations as ahoy_relation_text(); kind and state are AhoyBodyKind and AhoyChatState. */
    "CREATE TABLE device (only INTEGER PRIMARY KEY CHECK (only = 1), id BLOB NOT NULL);"
    "INSERT INTO device VALUES (1, randomblob (16));"
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE account ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL UNIQUE,"
    "  display_name TEXT NOT NULL,"
    "  identity_key BLOB NOT NULL,"
    "  secret_place INTEGER NOT NULL," /* AppSecretPlace */
    "  server_key BLOB,"
    "  server_verified INTEGER NOT NULL DEFAULT 0,"
    "  is_current INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX account_current ON account (is_current) WHERE is_current = 1;"
    "CREATE TABLE contact ("
    "  account INTEGER NOT NULL REFERENCES account (number),"
    "  name TEXT NOT NULL,"
    "  display_name TEXT NOT NULL,"
    "  nickname TEXT NOT NULL,"
    "  key BLOB,"
    "  verified INTEGER NOT NULL,"
    "  relation TEXT NOT NULL,"
    "  talked INTEGER NOT NULL,"
    "  PRIMARY KEY (account, name)) WITHOUT ROWID;"
    "CREATE TABLE item ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT," /* the order of the line of time */
    "  account INTEGER NOT NULL REFERENCES account (number),"
    "  contact TEXT NOT NULL,"
    "  type INTEGER NOT NULL," /* AppStoreItemType */
    "  id BLOB NOT NULL,"
    "  outgoing INTEGER NOT NULL,"
    "  time_ms INTEGER NOT NULL,"
    "  is_read INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL DEFAULT 0,"
    "  state INTEGER NOT NULL DEFAULT 0,"
    "  body BLOB);"
    /* One person's id cannot hide another person's message. */
    "CREATE UNIQUE INDEX item_id ON item (account, contact, type, outgoing, id);"
    "CREATE INDEX item_line ON item (account, contact, number);"
    "CREATE INDEX item_waiting ON item (account, number) WHERE outgoing = 1 AND type = 0 AND state "
    "< 2;",

    /* 2: calls stand in the same line. */
    "ALTER TABLE item ADD COLUMN with_video INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE item ADD COLUMN duration_s INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE item ADD COLUMN call_end TEXT;",
};
const guint app_client_migration_count = G_N_ELEMENTS (app_client_migrations);
