/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the client's store share: client-store.c (account, settings, contacts) and
 * client-history.c (messages and calls). */
#ifndef APP_STORE_CLIENT_STORE_PRIVATE_H
#define APP_STORE_CLIENT_STORE_PRIVATE_H

#include "app/store/client-store.h"
#include "app/store/database.h"

struct AppClientStore {
  AppDatabase *database; /* owned */
  char *directory;       /* owned */
  gint64 account;        /* number of the current account; 0 = nobody is signed in */
};

/* FALSE with error NOBODY when nobody is signed in. */
gboolean app_client_store_needs_account (AppClientStore *store, GError **error);
/* The text is copied. */
void app_client_store_bind_name (sqlite3_stmt *statement, int place, const AhoyName *name);

#endif
