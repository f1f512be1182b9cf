/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests about contacts and invites; what follows from an act is decided by
 * core/rendezvous/roster.h. */
#include "app/store/server-sql.h"
#include "core/rendezvous/roster.h"

#include <string.h>

AhoyRelation
app_server_relation (AppSqlite *sqlite, int64_t account, int64_t other,
                     char text[AHOY_REQUEST_TEXT_BYTES_MAX + 1]) {
  AhoyRelation relation = AHOY_RELATION_NONE;
  sqlite3_stmt *get = app_sqlite_statement (sqlite, SQL_CONTACT_GET);
  app_sqlite_bind_int (get, 1, account);
  app_sqlite_bind_int (get, 2, other);
  if (app_sqlite_row (sqlite, get)) {
    if (ahoy_relation_parse ((const char *)sqlite3_column_text (get, 0), &relation) != RTMFP_OK) {
      sqlite->failed = true;
      g_strlcpy (sqlite->error, "A contact is damaged in the store.", sizeof sqlite->error);
    }
    if (text != NULL) {
      app_sqlite_column_text (get, 1, text, AHOY_REQUEST_TEXT_BYTES_MAX + 1);
    }
    sqlite3_reset (get);
  }
  return relation;
}

static int64_t
count (AppSqlite *sqlite, AppServerSql which, int64_t account) {
  sqlite3_stmt *statement = app_sqlite_statement (sqlite, which);
  app_sqlite_bind_int (statement, 1, account);
  const int64_t number =
      app_sqlite_row (sqlite, statement) ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_reset (statement);
  return number;
}

/* May this side's roster take what is new? */
static bool
has_room (AppSqlite *sqlite, int64_t account, AhoyRelation before, AhoyRelation after) {
  if (before == AHOY_RELATION_NONE && after != AHOY_RELATION_NONE &&
      count (sqlite, SQL_CONTACT_COUNT, account) >= AHOY_CONTACTS_MAX) {
    return false;
  }
  return before == AHOY_RELATION_ASKED || after != AHOY_RELATION_ASKED ||
         count (sqlite, SQL_CONTACT_COUNT_ASKED, account) < AHOY_ASKED_MAX;
}

static void
put_relation (AppSqlite *sqlite, int64_t account, int64_t other, const AhoyRosterRecord *record) {
  const bool is_gone = record->relation == AHOY_RELATION_NONE;
  sqlite3_stmt *put = app_sqlite_statement (sqlite, is_gone ? SQL_CONTACT_DELETE : SQL_CONTACT_PUT);
  app_sqlite_bind_int (put, 1, account);
  app_sqlite_bind_int (put, 2, other);
  if (!is_gone) {
    app_sqlite_bind_text (put, 3, ahoy_relation_text (record->relation));
    app_sqlite_bind_text (put, 4, record->text);
  }
  (void)app_sqlite_done (sqlite, put);
}

/* An entry about whom; its text stays as long as it is a request. */
static void
fill (AhoyRosterRecord *entry, const AhoyAccountRecord *whom, AhoyRelation relation,
      const char *text) {
  memcpy (entry->user, whom->user, sizeof entry->user);
  memcpy (entry->display_name, whom->display_name, sizeof entry->display_name);
  entry->identity = whom->identity;
  entry->relation = relation;
  const bool is_request = relation == AHOY_RELATION_REQUESTED || relation == AHOY_RELATION_ASKED;
  g_strlcpy (entry->text, is_request ? text : "", sizeof entry->text);
}

/* Gives input to the pair and writes both sides. */
static void
act (AppSqlite *sqlite, AhoyStoreJob *job, AhoyRelationInput input) {
  AhoyAccountRecord me, them;
  const int64_t mine = app_server_account (sqlite, job->user, &me);
  const int64_t theirs = app_server_account (sqlite, job->other, &them);
  char my_text[AHOY_REQUEST_TEXT_BYTES_MAX + 1] = "";
  char their_text[AHOY_REQUEST_TEXT_BYTES_MAX + 1] = "";
  if (mine == 0 || theirs == 0 || mine == theirs) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  const AhoyRosterPair before = {app_server_relation (sqlite, mine, theirs, my_text),
                                 app_server_relation (sqlite, theirs, mine, their_text)};
  AhoyRosterPair after = before;
  if (ahoy_roster_act (&after, input) != RTMFP_OK) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  if (!has_room (sqlite, mine, before.mine, after.mine) ||
      !has_room (sqlite, theirs, before.theirs, after.theirs)) {
    job->status = AHOY_STORE_LIMIT;
    return;
  }
  const bool asks = input == AHOY_RELATION_ADD;
  fill (&job->entry, &them, after.mine, asks ? job->text : my_text);
  fill (&job->far_entry, &me, after.theirs, asks ? job->text : their_text);
  job->changed = after.mine != before.mine || strcmp (job->entry.text, my_text) != 0;
  job->far_changed = after.theirs != before.theirs || strcmp (job->far_entry.text, their_text) != 0;
  put_relation (sqlite, mine, theirs, &job->entry);
  put_relation (sqlite, theirs, mine, &job->far_entry);
}

void
app_server_contact_act (AppSqlite *sqlite, AhoyStoreJob *job) {
  act (sqlite, job, job->input);
}

/* ---- Invites ---- */

/* Whether account may make one more. */
static bool
may_invite (AppSqlite *sqlite, int64_t account, int64_t now_ms) {
  sqlite3_stmt *statement = app_sqlite_statement (sqlite, SQL_INVITE_COUNT);
  app_sqlite_bind_int (statement, 1, account);
  app_sqlite_bind_int (statement, 2, now_ms);
  const bool may =
      app_sqlite_row (sqlite, statement) && sqlite3_column_int64 (statement, 0) < AHOY_INVITES_MAX;
  sqlite3_reset (statement);
  return may;
}

void
app_server_invite_make (AppSqlite *sqlite, AhoyStoreJob *job) {
  const bool is_own = job->user[0] == '\0';
  const int64_t account = is_own ? 0 : app_server_account (sqlite, job->user, NULL);
  if (!is_own && account == 0) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  if (!is_own && !may_invite (sqlite, account, job->now_ms)) {
    job->status = AHOY_STORE_LIMIT;
    return;
  }
  if (job->other[0] != '\0' && app_server_account (sqlite, job->other, NULL) != 0) {
    job->status = AHOY_STORE_TAKEN;
    return;
  }
  sqlite3_stmt *put = app_sqlite_statement (sqlite, SQL_INVITE_PUT);
  app_sqlite_bind_blob (put, 1, job->token_hash, sizeof job->token_hash);
  if (!is_own) {
    app_sqlite_bind_int (put, 2, account);
  }
  app_sqlite_bind_text (put, 3, job->other);
  app_sqlite_bind_int (put, 4, job->until_ms);
  (void)app_sqlite_done (sqlite, put);
}

void
app_server_invite_redeem (AppSqlite *sqlite, AhoyStoreJob *job) {
  sqlite3_stmt *get = app_sqlite_statement (sqlite, SQL_INVITE_GET);
  app_sqlite_bind_blob (get, 1, job->token_hash, sizeof job->token_hash);
  app_sqlite_bind_int (get, 2, job->now_ms);
  const bool is_there = app_sqlite_row (sqlite, get) && sqlite3_column_int (get, 3) == 0;
  job->other[0] = '\0';
  if (is_there) {
    app_sqlite_column_text (get, 4, job->other, sizeof job->other);
  }
  sqlite3_reset (get);
  if (job->other[0] == '\0') { /* false, used, or the server's own */
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  if (strcmp (job->other, job->user) == 0) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  act (sqlite, job, AHOY_RELATION_REDEEM);
  if (job->status == AHOY_STORE_OK) {
    sqlite3_stmt *use = app_sqlite_statement (sqlite, SQL_INVITE_CONTACT_MADE);
    app_sqlite_bind_blob (use, 1, job->token_hash, sizeof job->token_hash);
    (void)app_sqlite_done (sqlite, use);
  }
}
