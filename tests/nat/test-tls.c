/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's TLS, against OpenSSL's server in memory: who is let in, and what is carried. */
#include "app/nat/tls.h"
#include "tests/nat/tls-server.h"

#include <glib.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  SSL_CTX *context;
  SSL *ssl;
  BIO *in, *out; /* (owned by ssl) */
  char pin[65];
} Server;

static void
server_init (Server *server) {
  server->context = tls_server_context ("relay.example.org", server->pin);
  server->ssl = SSL_new (server->context);
  server->in = BIO_new (BIO_s_mem ());
  server->out = BIO_new (BIO_s_mem ());
  SSL_set_bio (server->ssl, server->in, server->out);
  SSL_set_accept_state (server->ssl);
}

static void
server_clear (Server *server) {
  SSL_free (server->ssl);
  SSL_CTX_free (server->context);
}

/* Both ends' bytes to the other, pieces of so many at a time, until neither has any. */
static void
settle (Server *server, AppTls *tls, size_t piece) {
  uint8_t bytes[APP_NAT_READ_BYTES_MAX];
  gboolean moved = TRUE;
  while (moved) {
    moved = FALSE;
    size_t size;
    while ((size = app_tls_poll_transmit (tls, bytes, piece)) > 0) {
      g_assert_cmpint (BIO_write (server->in, bytes, (int)size), ==, (int)size);
      moved = TRUE;
    }
    (void)SSL_do_handshake (server->ssl);
    const int got = BIO_read (server->out, bytes, (int)piece);
    if (got > 0) {
      app_tls_receive (tls, bytes, (size_t)got);
      moved = TRUE;
    }
  }
}

static AppTls *
greet (Server *server, const AppTlsPeer *peer, AppTlsState wanted) {
  AppTls *tls = app_tls_new (peer);
  server_init (server);
  AppTlsPeer with = *peer;
  if (peer->key != NULL && strcmp (peer->key, "its") == 0) {
    app_tls_free (tls);
    with.key = server->pin;
    tls = app_tls_new (&with);
  }
  settle (server, tls, 1000);
  g_assert_cmpint (app_tls_state (tls), ==, wanted);
  return tls;
}

static void
test_carries (void) {
  Server server;
  const AppTlsPeer peer = {.name = "elsewhere.example.org", .key = "its"}; /* the key counts */
  AppTls *tls = greet (&server, &peer, APP_TLS_OPEN);
  g_assert_cmpstr (SSL_get_servername (server.ssl, TLSEXT_NAMETYPE_host_name), ==,
                   "elsewhere.example.org");
  uint8_t bytes[100000], got[100000];
  for (size_t i = 0; i < sizeof bytes; i++) {
    bytes[i] = (uint8_t)(i * 7);
  }
  app_tls_write (tls, bytes, sizeof bytes);
  settle (&server, tls, 999);
  size_t count = 0;
  int size;
  while ((size = SSL_read (server.ssl, got + count, (int)(sizeof got - count))) > 0) {
    count += (size_t)size;
  }
  g_assert_cmpmem (got, count, bytes, sizeof bytes);
  g_assert_cmpint (SSL_write (server.ssl, bytes, 5000), ==, 5000);
  settle (&server, tls, 10); /* a record in many pieces */
  count = 0;
  size_t more;
  while ((more = app_tls_read (tls, got + count, 700)) > 0) {
    count += more;
  }
  g_assert_cmpmem (got, count, bytes, 5000);
  SSL_shutdown (server.ssl);
  settle (&server, tls, 1000);
  g_assert_cmpuint (app_tls_read (tls, got, sizeof got), ==, 0);
  g_assert_cmpint (app_tls_state (tls), ==, APP_TLS_CLOSED);
  app_tls_free (tls);
  server_clear (&server);
}

static void
test_another_key (void) {
  Server server;
  g_autofree char *key = g_strnfill (64, 'a');
  const AppTlsPeer peer = {.name = "relay.example.org", .key = key};
  AppTls *tls = greet (&server, &peer, APP_TLS_FAILED);
  g_assert_nonnull (strstr (app_tls_why (tls), "another key"));
  uint8_t bytes[2000];
  app_tls_write (tls, bytes, 100); /* nothing of it goes out */
  size_t size, all = 0;
  while ((size = app_tls_poll_transmit (tls, bytes, sizeof bytes)) > 0) {
    all += size;
  }
  g_assert_cmpuint (all, ==, 0);
  app_tls_free (tls);
  server_clear (&server);
}

/* Without a key an authority must have signed it. */
static void
test_no_authority (void) {
  Server server;
  const AppTlsPeer peers[] = {{.name = "relay.example.org", .key = ""},
                              {.name = "192.0.2.1", .key = ""}};
  for (size_t i = 0; i < G_N_ELEMENTS (peers); i++) {
    AppTls *tls = greet (&server, &peers[i], APP_TLS_FAILED);
    g_assert_true (g_str_has_prefix (app_tls_why (tls), "its certificate: "));
    app_tls_free (tls);
    server_clear (&server);
  }
}

static void
test_anybody (void) {
  Server server;
  const AppTlsPeer peer = {.name = "192.0.2.1", .key = "", .anybody = true};
  AppTls *tls = greet (&server, &peer, APP_TLS_OPEN);
  g_assert_null (SSL_get_servername (server.ssl, TLSEXT_NAMETYPE_host_name)); /* RFC 6066 s3 */
  app_tls_free (tls);
  server_clear (&server);
}

/* An authority's certificate is for its name only. */
static void
test_name (void) {
  static const struct {
    const char *name;
    AppTlsState wanted;
  } cases[] = {{"relay.example.org", APP_TLS_OPEN}, {"other.example.org", APP_TLS_FAILED}};
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    Server server;
    server_init (&server);
    g_autofree char *path = g_build_filename (g_get_tmp_dir (), "ahoy-test-tls.XXXXXX", NULL);
    const int fd = g_mkstemp (path);
    FILE *file = fdopen (fd, "w");
    g_assert_cmpint (PEM_write_X509 (file, SSL_CTX_get0_certificate (server.context)), ==, 1);
    fclose (file);
    g_setenv ("SSL_CERT_FILE", path, TRUE); /* the system's authorities, for OpenSSL */
    const AppTlsPeer peer = {.name = cases[i].name, .key = ""};
    AppTls *tls = app_tls_new (&peer);
    settle (&server, tls, 1000);
    g_assert_cmpint (app_tls_state (tls), ==, cases[i].wanted);
    g_unsetenv ("SSL_CERT_FILE");
    remove (path);
    app_tls_free (tls);
    server_clear (&server);
  }
}

static void
test_no_tls (void) {
  const AppTlsPeer peer = {.name = "relay.example.org", .key = ""};
  static const char words[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
  AppTls *tls = app_tls_new (&peer);
  app_tls_receive (tls, (const uint8_t *)words, strlen (words));
  g_assert_cmpint (app_tls_state (tls), ==, APP_TLS_FAILED);
  g_assert_cmpstr (app_tls_why (tls), !=, "");
  app_tls_receive (tls, (const uint8_t *)words, strlen (words));
  app_tls_free (tls);
}

static void
test_bounds (void) {
  const AppTlsPeer peer = {.name = "relay.example.org", .key = ""};
  g_autofree uint8_t *bytes = g_malloc0 (APP_NAT_READ_BYTES_MAX + 1);
  AppTls *tls = app_tls_new (&peer);
  app_tls_receive (tls, bytes, APP_NAT_READ_BYTES_MAX + 1);
  g_assert_cmpint (app_tls_state (tls), ==, APP_TLS_FAILED);
  g_assert_cmpstr (app_tls_why (tls), ==, "too much at once");
  app_tls_free (tls);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat/tls/carries", test_carries);
  g_test_add_func ("/nat/tls/refuses/another-key", test_another_key);
  g_test_add_func ("/nat/tls/refuses/no-authority", test_no_authority);
  g_test_add_func ("/nat/tls/refuses/another-name", test_name);
  g_test_add_func ("/nat/tls/anybody", test_anybody);
  g_test_add_func ("/nat/tls/no-tls", test_no_tls);
  g_test_add_func ("/nat/tls/bounds", test_bounds);
  return g_test_run ();
}
