/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's own secrets in its data folder: the identity that clients pin, and the secret of
 * false salts. */
#ifndef APP_RENDEZVOUSD_SERVER_KEYS_H
#define APP_RENDEZVOUSD_SERVER_KEYS_H

#include "core/account/identity.h"
#include "core/account/password.h"

#include <gio/gio.h>

typedef struct {
  AhoyIdentity identity;
  uint8_t secret[AHOY_SERVER_SECRET_SIZE];
} AppServerKeys;

/* Reads folder/server.key, or makes it (mode 0600, on disk before this returns) when it is missing.
 * Returns: whether keys are there; error is one sentence. A file that cannot be read or is damaged
 * is never replaced. */
gboolean app_server_keys_load (const char *folder, const RtmfpRng *rng, AppServerKeys *keys,
                               GError **error);
/* Overwrites the secrets. */
void app_server_keys_clear (AppServerKeys *keys);

#endif
