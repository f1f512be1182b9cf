/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/nat/tls-server.h"

#include <glib.h>
#include <openssl/x509v3.h>

static X509 *
make_certificate (EVP_PKEY *key, const char *name) {
  X509 *certificate = X509_new ();
  X509_set_version (certificate, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), -3600);
  X509_gmtime_adj (X509_getm_notAfter (certificate), 3600);
  X509_NAME *subject = X509_get_subject_name (certificate);
  X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
  X509_set_issuer_name (certificate, subject);
  X509_set_pubkey (certificate, key);
  g_assert_cmpint (X509_sign (certificate, key, EVP_sha256 ()), >, 0);
  return certificate;
}

SSL_CTX *
tls_server_context (const char *name, char pin[65]) {
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  SSL_CTX *context = SSL_CTX_new (TLS_server_method ());
  X509 *certificate = make_certificate (key, name);
  unsigned char *spki = NULL;
  const int size = i2d_X509_PUBKEY (X509_get_X509_PUBKEY (certificate), &spki);
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, spki, (gsize)size);
  g_strlcpy (pin, sum, 65);
  OPENSSL_free (spki);
  g_assert_cmpint (SSL_CTX_use_certificate (context, certificate), ==, 1);
  g_assert_cmpint (SSL_CTX_use_PrivateKey (context, key), ==, 1);
  X509_free (certificate);
  EVP_PKEY_free (key);
  return context;
}
