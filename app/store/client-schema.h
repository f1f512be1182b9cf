/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's tables, as numbered migrations: what landed is never changed, only added to. */
#ifndef APP_STORE_CLIENT_SCHEMA_H
#define APP_STORE_CLIENT_SCHEMA_H

#include <glib.h>

/* app_client_migrations[n - 1] is migration n. */
extern const char *const app_client_migrations[];
extern const guint app_client_migration_count;

#endif
