/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/rendezvousd/certificate.h"

#include <gio/gio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

gboolean
app_certificate_read_key (const char *path, char key[AHOY_RELAY_KEY_SIZE], GError **error) {
  g_autofree char *text = NULL;
  gsize size;
  if (!g_file_get_contents (path, &text, &size, error)) {
    return FALSE;
  }
  BIO *bio = BIO_new_mem_buf (text, (int)MIN (size, G_MAXINT));
  X509 *certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  unsigned char *spki = NULL;
  const int spki_size =
      certificate != NULL ? i2d_X509_PUBKEY (X509_get_X509_PUBKEY (certificate), &spki) : 0;
  if (spki_size > 0) {
    g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, spki, (gsize)spki_size);
    g_strlcpy (key, sum, AHOY_RELAY_KEY_SIZE);
  } else {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s holds no certificate.", path);
  }
  OPENSSL_free (spki);
  X509_free (certificate);
  BIO_free (bio);
  return spki_size > 0;
}
