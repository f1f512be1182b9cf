/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat/tls.h"

#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

struct AppTls {
  SSL_CTX *context;
  SSL *ssl;
  BIO *in, *out; /* (owned by ssl) */
  char *key;     /* (owned) "" = none is asked for */
  AppTlsState state;
  char why[128];
};

static void
fail (AppTls *tls, const char *why) {
  tls->state = APP_TLS_FAILED;
  g_strlcpy (tls->why, why, sizeof tls->why);
}

/* ---- Who the other end is ---- */

static bool
has_key (const AppTls *tls) {
  X509 *certificate = SSL_get0_peer_certificate (tls->ssl);
  unsigned char *spki = NULL;
  const int size =
      certificate != NULL ? i2d_X509_PUBKEY (X509_get_X509_PUBKEY (certificate), &spki) : 0;
  g_autofree char *sum =
      size > 0 ? g_compute_checksum_for_data (G_CHECKSUM_SHA256, spki, (gsize)size) : NULL;
  OPENSSL_free (spki);
  return g_strcmp0 (sum, tls->key) == 0;
}

static bool
ask_for (AppTls *tls, const AppTlsPeer *peer) {
  X509_VERIFY_PARAM *param = SSL_get0_param (tls->ssl);
  const bool is_address = g_hostname_is_ip_address (peer->name);
  if (!is_address && SSL_set_tlsext_host_name (tls->ssl, peer->name) != 1) {
    return false;
  }
  if (peer->anybody || peer->key[0] != '\0') {
    return true; /* has_key() looks, or nobody does */
  }
  SSL_set_verify (tls->ssl, SSL_VERIFY_PEER, NULL);
  X509_VERIFY_PARAM_set_hostflags (param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_CTX_set_default_verify_paths (tls->context) == 1 &&
         (is_address ? X509_VERIFY_PARAM_set1_ip_asc (param, peer->name)
                     : X509_VERIFY_PARAM_set1_host (param, peer->name, 0)) == 1;
}

/* ---- The conversation ---- */

static void
explain (AppTls *tls, const char *otherwise) {
  const long verdict = SSL_get_verify_result (tls->ssl);
  const char *reason = ERR_reason_error_string (ERR_peek_error ());
  if (verdict != X509_V_OK && SSL_get_verify_mode (tls->ssl) != SSL_VERIFY_NONE) {
    g_autofree char *text =
        g_strdup_printf ("its certificate: %s", X509_verify_cert_error_string (verdict));
    fail (tls, text);
  } else {
    fail (tls, reason != NULL ? reason : otherwise);
  }
  ERR_clear_error ();
}

/* The result of a call that did not do it all: whether it goes on when more has come. */
static bool
goes_on (AppTls *tls, int result) {
  const int error = SSL_get_error (tls->ssl, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    return true;
  }
  if (error == SSL_ERROR_ZERO_RETURN) {
    tls->state = APP_TLS_CLOSED;
  } else {
    explain (tls, "it does not speak TLS");
  }
  return false;
}

static void
greet (AppTls *tls) {
  ERR_clear_error ();
  const int result = SSL_do_handshake (tls->ssl);
  if (result != 1) {
    (void)goes_on (tls, result);
  } else if (tls->key[0] != '\0' && !has_key (tls)) {
    fail (tls, "its certificate has another key than the server says");
  } else {
    tls->state = APP_TLS_OPEN;
  }
}

void
app_tls_receive (AppTls *tls, const uint8_t *bytes, size_t size) {
  if (tls->state == APP_TLS_CLOSED || tls->state == APP_TLS_FAILED) {
    return;
  }
  if (size > APP_NAT_READ_BYTES_MAX || BIO_write (tls->in, bytes, (int)size) != (int)size) {
    fail (tls, "too much at once");
  } else if (tls->state == APP_TLS_GREETING) {
    greet (tls);
  }
}

size_t
app_tls_read (AppTls *tls, uint8_t *bytes, size_t capacity) {
  if (tls->state != APP_TLS_OPEN) {
    return 0;
  }
  ERR_clear_error ();
  const int got = SSL_read (tls->ssl, bytes, (int)MIN (capacity, G_MAXINT));
  if (got <= 0) {
    (void)goes_on (tls, got);
    return 0;
  }
  return (size_t)got;
}

void
app_tls_write (AppTls *tls, const uint8_t *bytes, size_t size) {
  if (tls->state == APP_TLS_OPEN && size > 0) {
    ERR_clear_error ();
    const int sent = SSL_write (tls->ssl, bytes, (int)MIN (size, G_MAXINT));
    if (sent <= 0) {
      (void)goes_on (tls, sent);
    }
  }
}

size_t
app_tls_poll_transmit (AppTls *tls, uint8_t *bytes, size_t capacity) {
  const int got = BIO_read (tls->out, bytes, (int)MIN (capacity, G_MAXINT));
  return got > 0 ? (size_t)got : 0;
}

void
app_tls_end (AppTls *tls) {
  if (tls->state == APP_TLS_OPEN) {
    ERR_clear_error ();
    (void)SSL_shutdown (tls->ssl);
    ERR_clear_error ();
  }
}

/* ---- Life ---- */

AppTls *
app_tls_new (const AppTlsPeer *peer) {
  AppTls *tls = g_new0 (AppTls, 1);
  tls->key = g_strdup (peer->anybody ? "" : peer->key);
  tls->context = SSL_CTX_new (TLS_client_method ());
  tls->ssl = tls->context != NULL ? SSL_new (tls->context) : NULL;
  tls->in = BIO_new (BIO_s_mem ());
  tls->out = BIO_new (BIO_s_mem ());
  g_assert (tls->ssl != NULL && tls->in != NULL && tls->out != NULL); /* there is memory */
  SSL_set_bio (tls->ssl, tls->in, tls->out);
  SSL_set_connect_state (tls->ssl);
  if (SSL_set_min_proto_version (tls->ssl, TLS1_2_VERSION) != 1 || !ask_for (tls, peer)) {
    explain (tls, "its name cannot be asked for");
  } else {
    greet (tls);
  }
  return tls;
}

void
app_tls_free (AppTls *tls) {
  if (tls == NULL) {
    return;
  }
  SSL_free (tls->ssl);
  SSL_CTX_free (tls->context);
  g_free (tls->key);
  g_free (tls);
}

AppTlsState
app_tls_state (const AppTls *tls) {
  return tls->state;
}

const char *
app_tls_why (const AppTls *tls) {
  return tls->why;
}
