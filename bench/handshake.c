/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions opened between two endpoints of one process (all four packets, cookie, certificates,
 * keying, tables) against the Diffie-Hellman operations that one session needs, by OpenSSL alone,
 * in one run. CPU of both ends together, and of the server's end. The client makes a certificate
 * for each session, which counts. */
#include "bench/pair.h"
#include "bench/report.h"
#include "core/crypto/group.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>

enum { TURNS = 6 };

/* What OpenSSL's manual makes anew for each operation. */
typedef struct {
  bool keeps; /* none of it is made anew */
  EVP_PKEY_CTX *maker;
  EVP_PKEY *peer;
} Alone;

static EVP_PKEY_CTX *
new_maker (uint32_t group) {
  EVP_PKEY_CTX *context =
      EVP_PKEY_CTX_new_from_name (NULL, group == RTMFP_GROUP_X25519 ? "X25519" : "DH", NULL);
  char modp_14[] = "modp_2048", modp_16[] = "modp_4096";
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME,
                                        group == RTMFP_GROUP_14 ? modp_14 : modp_16, 0),
      OSSL_PARAM_construct_end ()};
  BENCH_MUST (EVP_PKEY_keygen_init (context) == 1 &&
              (group == RTMFP_GROUP_X25519 || EVP_PKEY_CTX_set_params (context, params) == 1));
  return context;
}

/* A key of OpenSSL's own making. */
static EVP_PKEY *
make_key (Alone *alone, uint32_t group) {
  EVP_PKEY *key = NULL;
  if (alone->maker == NULL) {
    alone->maker = new_maker (group);
  }
  BENCH_MUST (EVP_PKEY_generate (alone->maker, &key) == 1);
  if (!alone->keeps) {
    EVP_PKEY_CTX_free (alone->maker);
    alone->maker = NULL;
  }
  return key;
}

/* With the far end's key as its bytes came over the wire. */
static void
derive (Alone *alone, EVP_PKEY *near_key, EVP_PKEY *far_key) {
  unsigned char *bytes = NULL, secret[512];
  const size_t size = EVP_PKEY_get1_encoded_public_key (far_key, &bytes);
  size_t secret_size = sizeof secret;
  if (alone->peer == NULL) {
    alone->peer = EVP_PKEY_new ();
    BENCH_MUST (EVP_PKEY_copy_parameters (alone->peer, near_key) == 1);
  }
  BENCH_MUST (size > 0 && EVP_PKEY_set1_encoded_public_key (alone->peer, bytes, size) == 1);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (near_key, NULL);
  BENCH_MUST (EVP_PKEY_derive_init (context) == 1 &&
              EVP_PKEY_derive_set_peer_ex (context, alone->peer, 0) == 1 &&
              EVP_PKEY_derive (context, secret, &secret_size) == 1);
  EVP_PKEY_CTX_free (context);
  if (!alone->keeps) {
    EVP_PKEY_free (alone->peer);
    alone->peer = NULL;
  }
  OPENSSL_free (bytes);
}

/* Two key pairs, and two secrets. Seconds of each. */
static void
operations (uint32_t group, size_t count, bool keeps, double *making, double *deriving) {
  Alone alone = {.keeps = keeps};
  *making = *deriving = 0;
  for (size_t i = 0; i < count; i++) {
    const double started = bench_cpu_seconds ();
    EVP_PKEY *a = make_key (&alone, group), *b = make_key (&alone, group);
    const double made = bench_cpu_seconds ();
    derive (&alone, a, b);
    derive (&alone, b, a);
    *making += (made - started) / (double)count;
    *deriving += (bench_cpu_seconds () - made) / (double)count;
    EVP_PKEY_free (a);
    EVP_PKEY_free (b);
  }
  EVP_PKEY_CTX_free (alone.maker);
  EVP_PKEY_free (alone.peer);
}

/* What a span of processor time seems to last in which nothing is done. */
static double
clock_seconds (void) {
  enum { READINGS = 20000 };
  double spans = 0;
  for (int i = 0; i < READINGS; i++) {
    const double started = bench_cpu_seconds ();
    spans += bench_cpu_seconds () - started;
  }
  return spans / READINGS;
}

/* Seconds a session: of both ends, or of the server. */
static double
sessions (uint32_t group, size_t count, bool of_server) {
  BenchPair pair;
  bench_pair_init (&pair, count, group, false);
  double taken = 0;
  for (size_t i = 0; i < count; i++) {
    const double started = bench_cpu_seconds ();
    pair.times_server = of_server;
    bench_pair_open (&pair, (uint32_t)i);
    pair.times_server = false;
    taken += bench_cpu_seconds () - started;
    bench_pair_pass (&pair, 20000); /* so that no limit on answers to strangers is met */
  }
  const double server = pair.server_seconds - (double)pair.server_times * clock_seconds ();
  bench_pair_clear (&pair);
  return (of_server ? server : taken) / (double)count;
}

static void
run (uint32_t group, size_t count) {
  double ours = 0, server = 0, alone = 0, making = 0, kept = 0;
  for (int turn = 0; turn < TURNS; turn++) {
    double make, derive_both;
    const double a = sessions (group, count, false), of_server = sessions (group, count, true);
    operations (group, count, true, &make, &derive_both);
    kept = turn == 0 || make + derive_both < kept ? make + derive_both : kept;
    operations (group, count, false, &make, &derive_both);
    ours = turn == 0 || a < ours ? a : ours;
    server = turn == 0 || of_server < server ? of_server : server;
    alone = turn == 0 || make + derive_both < alone ? make + derive_both : alone;
    making = turn == 0 || make < making ? make : making;
  }
  const unsigned id = (unsigned)rtmfp_group_id (group);
  char name[80];
  snprintf (name, sizeof name, "session opened, group %u, both ends", id);
  bench_row (name, "us", ours * 1e6, "its Diffie-Hellman operations alone", alone * 1e6);
  snprintf (name, sizeof name, "session opened, group %u, the server's end", id);
  bench_row (name, "us", server * 1e6, "its Diffie-Hellman operations alone", alone / 2 * 1e6);
  snprintf (name, sizeof name, "session opened, group %u, both ends", id);
  bench_row (name, "us", ours * 1e6, "the same, OpenSSL's contexts kept", kept * 1e6);
  snprintf (name, sizeof name, "of these, one key pair, group %u", id);
  bench_row (name, "us", making / 2 * 1e6, NULL, 0);
  snprintf (name, sizeof name, "sessions a second and core, group %u, both ends", id);
  bench_row (name, "1/s", 1 / ours, "its Diffie-Hellman operations alone", 1 / alone);
  snprintf (name, sizeof name, "sessions a second and core, group %u, the server's end", id);
  bench_row (name, "1/s", 1 / server, "its Diffie-Hellman operations alone", 2 / alone);
}

int
main (void) {
  run (RTMFP_GROUP_X25519, 1000);
  run (RTMFP_GROUP_14, 100);
  run (RTMFP_GROUP_16, 20);
  return 0;
}
