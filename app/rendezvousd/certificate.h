/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of the relays' certificate, by which programs know it (as a pin of RFC 7469 s2.4). */
#ifndef APP_RENDEZVOUSD_CERTIFICATE_H
#define APP_RENDEZVOUSD_CERTIFICATE_H

#include "core/account/relay.h"

#include <glib.h>

/* path: a PEM file; its first certificate is read. */
gboolean app_certificate_read_key (const char *path, char key[AHOY_RELAY_KEY_SIZE], GError **error);

#endif
