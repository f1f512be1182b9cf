/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing and opening packets against OpenSSL alone on the same bytes, in one run. OpenSSL alone:
 * AES-128-CBC with a kept context and its IV reset, and (with HMAC) HMAC-SHA256 with a kept
 * context; or the AEAD with a kept context, another nonce, and so many bytes of additional data.
 * Nanoseconds a packet, best of many short turns taken in alternation. */
#include "bench/report.h"
#include "core/crypto/protection.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURNS = 400, PACKETS_A_TURN = 200, DATAGRAM_BYTES_MAX = 1472 };

static const uint8_t key[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const uint8_t zero_iv[16];

#define must(ok) BENCH_MUST (ok)

typedef struct {
  const char *name;
  bool hmac;
  RtmfpAead aead;
} Kind;

typedef struct {
  const Kind *kind;
  bool hmac;
  size_t packet_bytes; /* plain */
  RtmfpProtection sealer, opener;
  EVP_CIPHER_CTX *encrypt, *decrypt;
  EVP_MAC_CTX *mac;
  uint8_t (*datagrams)[DATAGRAM_BYTES_MAX];
  size_t datagram_bytes;
  uint8_t scratch[DATAGRAM_BYTES_MAX];
} Bench;

static const EVP_CIPHER *
cipher_of (RtmfpAead aead) {
  return aead == RTMFP_AEAD_AES_128_GCM         ? EVP_aes_128_gcm ()
         : aead == RTMFP_AEAD_CHACHA20_POLY1305 ? EVP_chacha20_poly1305 ()
                                                : EVP_aes_128_cbc ();
}

static EVP_CIPHER_CTX *
new_cipher (RtmfpAead aead, int encrypt) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  must (EVP_CipherInit_ex (context, cipher_of (aead), NULL, key, zero_iv, encrypt) == 1);
  must (EVP_CIPHER_CTX_set_padding (context, 0) == 1);
  return context;
}

static EVP_MAC_CTX *
new_mac (void) {
  EVP_MAC *mac = EVP_MAC_fetch (NULL, "HMAC", NULL);
  EVP_MAC_CTX *context = EVP_MAC_CTX_new (mac);
  EVP_MAC_free (mac);
  char digest[] = "SHA256";
  OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string (OSSL_MAC_PARAM_DIGEST, digest, 0),
                         OSSL_PARAM_construct_end ()};
  must (EVP_MAC_init (context, key, sizeof key, params) == 1);
  return context;
}

static void
alone (EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, bool hmac_first, const uint8_t *in, uint8_t *out,
       size_t size) {
  uint8_t digest[32];
  int written;
  if (mac != NULL && hmac_first) {
    must (EVP_MAC_init (mac, NULL, 0, NULL) == 1 && EVP_MAC_update (mac, in, size) == 1 &&
          EVP_MAC_final (mac, digest, NULL, sizeof digest) == 1);
  }
  must (EVP_CipherInit_ex (cipher, NULL, NULL, NULL, zero_iv, -1) == 1 &&
        EVP_CipherUpdate (cipher, out, &written, in, (int)size) == 1);
  if (mac != NULL && !hmac_first) {
    must (EVP_MAC_init (mac, NULL, 0, NULL) == 1 && EVP_MAC_update (mac, out, size) == 1 &&
          EVP_MAC_final (mac, digest, NULL, sizeof digest) == 1);
  }
}

/* Opening: the tag is computed and compared; it is another packet's, so that it does not fit. */
static void
alone_aead (EVP_CIPHER_CTX *cipher, bool sealing, const uint8_t *in, uint8_t *out, size_t size) {
  static const uint8_t additional_data[8];
  uint8_t tag[16] = {0};
  int written;
  must (EVP_CipherInit_ex (cipher, NULL, NULL, NULL, zero_iv, -1) == 1 &&
        EVP_CipherUpdate (cipher, NULL, &written, additional_data, sizeof additional_data) == 1 &&
        EVP_CipherUpdate (cipher, out, &written, in, (int)size) == 1);
  if (sealing) {
    must (EVP_CipherFinal_ex (cipher, out, &written) == 1 &&
          EVP_CIPHER_CTX_ctrl (cipher, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) == 1);
  } else {
    must (EVP_CIPHER_CTX_ctrl (cipher, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1 &&
          EVP_CipherFinal_ex (cipher, out, &written) == 0);
  }
}

static void
seal_turn (Bench *bench) {
  for (int i = 0; i < PACKETS_A_TURN; i++) {
    must (rtmfp_protection_seal (&bench->sealer, 7, bench->datagrams[i], DATAGRAM_BYTES_MAX,
                                 bench->packet_bytes, &bench->datagram_bytes) == RTMFP_OK);
  }
}

static void
open_turn (Bench *bench) {
  RtmfpBytes packet;
  for (int i = 0; i < PACKETS_A_TURN; i++) {
    must (rtmfp_protection_open (&bench->opener,
                                 rtmfp_bytes (bench->datagrams[i], bench->datagram_bytes),
                                 bench->scratch, &packet) == RTMFP_OK);
  }
}

static void
alone_turn (Bench *bench, bool sealing, size_t sealed) {
  EVP_MAC_CTX *mac = bench->hmac ? bench->mac : NULL;
  for (int i = 0; i < PACKETS_A_TURN; i++) {
    uint8_t *at = bench->datagrams[i] + 4;
    if (bench->kind->aead != RTMFP_AEAD_NONE) {
      alone_aead (sealing ? bench->encrypt : bench->decrypt, sealing, at,
                  sealing ? at : bench->scratch, sealed);
      continue;
    }
    alone (sealing ? bench->encrypt : bench->decrypt, mac, !sealing, at,
           sealing ? at : bench->scratch, sealed);
  }
}

static void
keep_best (double *best, double started) {
  double taken = (bench_wall_seconds () - started) / PACKETS_A_TURN * 1e9;
  *best = *best == 0 || taken < *best ? taken : *best;
}

static void
run (const Kind *kind, size_t packet_bytes) {
  Bench bench = {.kind = kind, .hmac = kind->hmac, .packet_bytes = packet_bytes};
  RtmfpSessionKeys keys = {.hmac_send_bytes = kind->hmac ? 16 : 0,
                           .hmac_receive_bytes = kind->hmac ? 16 : 0,
                           .sends_sequence = true,
                           .receives_sequence = true};
  rtmfp_session_keys_derive_aead (&keys, kind->aead);
  RtmfpCipher *cipher = rtmfp_cipher_new ();
  rtmfp_protection_init (&bench.sealer, &keys, cipher);
  rtmfp_protection_init (&bench.opener, &keys, cipher);
  bench.sealer.next_sequence = 1 << 21; /* numbers of four bytes from first to last */
  bench.encrypt = new_cipher (kind->aead, 1);
  bench.decrypt = new_cipher (kind->aead, 0);
  bench.mac = new_mac ();
  bench.datagrams = calloc (PACKETS_A_TURN, sizeof *bench.datagrams);
  must (bench.datagrams != NULL);
  double ours_seal = 0, ours_open = 0, alone_seal = 0, alone_open = 0;
  for (int i = 0; i < TURNS; i++) {
    double started = bench_wall_seconds ();
    seal_turn (&bench);
    keep_best (&ours_seal, started);
    size_t sealed = kind->aead != RTMFP_AEAD_NONE ? packet_bytes
                                                  : bench.datagram_bytes - 4 - keys.hmac_send_bytes;
    started = bench_wall_seconds ();
    open_turn (&bench);
    keep_best (&ours_open, started);
    started = bench_wall_seconds ();
    alone_turn (&bench, false, sealed);
    keep_best (&alone_open, started);
    started = bench_wall_seconds ();
    alone_turn (&bench, true, sealed);
    keep_best (&alone_seal, started);
  }
  char name[64];
  snprintf (name, sizeof name, "sealing %zu bytes, %s", packet_bytes, kind->name);
  bench_row (name, "ns", ours_seal, "OpenSSL alone", alone_seal);
  snprintf (name, sizeof name, "opening %zu bytes, %s", packet_bytes, kind->name);
  bench_row (name, "ns", ours_open, "OpenSSL alone", alone_open);
  rtmfp_protection_clear (&bench.sealer);
  rtmfp_protection_clear (&bench.opener);
  rtmfp_cipher_free (cipher);
  EVP_CIPHER_CTX_free (bench.encrypt);
  EVP_CIPHER_CTX_free (bench.decrypt);
  EVP_MAC_CTX_free (bench.mac);
  free (bench.datagrams);
}

int
main (void) {
  static const size_t sizes[] = {1200, 200, 60};
  static const Kind kinds[] = {{"HMAC", true, RTMFP_AEAD_NONE},
                               {"checksum", false, RTMFP_AEAD_NONE},
                               {"AES-128-GCM", false, RTMFP_AEAD_AES_128_GCM},
                               {"ChaCha20-Poly1305", false, RTMFP_AEAD_CHACHA20_POLY1305}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
      run (&kinds[k], sizes[i]);
    }
  }
  return 0;
}
