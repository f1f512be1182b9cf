/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay's certificate that no authority signed. */
#ifndef TESTS_NAT_TLS_SERVER_H
#define TESTS_NAT_TLS_SERVER_H

#include <openssl/ssl.h>

/* A server with a fresh one for name (owned by the caller). pin: out, its key as in
 * core/account/relay.h. */
SSL_CTX *tls_server_context (const char *name, char pin[65]);

#endif
