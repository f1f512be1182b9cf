/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's end of TLS towards a relay (RFC 8656 s3.1), by OpenSSL in memory: the owner carries
 * its bytes. It gets through networks that let nothing else out; what is inside is sealed anyway.
 */
#ifndef APP_NAT_TLS_H
#define APP_NAT_TLS_H

#include "app/nat/params.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct AppTls AppTls;

/* Who the other end must be. */
typedef struct {
  const char *name; /* host name or numeric address: told to the server, and what its certificate
                       must be for where key is "" */
  const char *key;  /* as in core/account/relay.h: its certificate has this key, whoever signed it;
                       "" = it is for name by an authority that the system trusts */
  bool anybody;     /* neither is asked for: nothing that is worth it is known yet */
} AppTlsPeer;

typedef enum {
  APP_TLS_GREETING,
  APP_TLS_OPEN,
  APP_TLS_CLOSED, /* by the server, in order */
  APP_TLS_FAILED,
} AppTlsState;

AppTls *app_tls_new (const AppTlsPeer *peer);
void app_tls_free (AppTls *tls);
AppTlsState app_tls_state (const AppTls *tls);
/* Why it failed, for the log; "" = it did not. */
const char *app_tls_why (const AppTls *tls);

/* What the server sent, at most APP_NAT_READ_BYTES_MAX; read and poll until they have no more. */
void app_tls_receive (AppTls *tls, const uint8_t *bytes, size_t size);
/* What was in it. Returns: its size; 0 = no more. */
size_t app_tls_read (AppTls *tls, uint8_t *bytes, size_t capacity);
/* While OPEN. */
void app_tls_write (AppTls *tls, const uint8_t *bytes, size_t size);
/* What goes to the server. Returns: its size; 0 = nothing. */
size_t app_tls_poll_transmit (AppTls *tls, uint8_t *bytes, size_t capacity);
/* Says goodbye, while OPEN. */
void app_tls_end (AppTls *tls);

#endif
