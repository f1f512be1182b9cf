/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory of idle sessions, and what a packet and a timer cost by how many sessions there are. All
 * with HMAC and sequence numbers, between two endpoints of one process. Beside the engine stands
 * what OpenSSL alone costs for as many packets of that size with contexts kept for each session:
 * it, too, must fetch what it needs from memory when the sessions are more than the processor's
 * caches hold. */
#include "bench/pair.h"
#include "bench/report.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>

enum {
  MEMORY_AT = 10000,
  ROUNDS = 3, /* of each; the least counts, as whoever else is at work only adds */
  EXCHANGES = 100000,
  KEEPALIVES = 20000,
  AT_ONCE = 10, /* divides all of counts */
  LIMIT_BYTES = 2048,
  PACKET_BYTES = 144
};

static const size_t counts[] = {10, 100, 1000, 10000, 100000};
enum { COUNTS = sizeof counts / sizeof counts[0] };

typedef struct {
  double fresh_s, exchange_s, batch_s, woken_s, keepalive_s, alone_s;
} Costs;

static const uint8_t message[100];

static double
least (double a_s, double b_s) {
  return a_s < b_s ? a_s : b_s;
}

/* ---- OpenSSL alone ---- */

typedef struct {
  EVP_CIPHER_CTX *encrypt, *decrypt;
  EVP_MAC_CTX *mac;
} Contexts;

static const uint8_t key[32] = {1}, zero_iv[16];

static EVP_CIPHER_CTX *
new_cipher (int encrypt) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  BENCH_MUST (EVP_CipherInit_ex (context, EVP_aes_128_cbc (), NULL, key, zero_iv, encrypt) == 1);
  BENCH_MUST (EVP_CIPHER_CTX_set_padding (context, 0) == 1);
  return context;
}

static void
contexts_init (Contexts *contexts) {
  EVP_MAC *mac = EVP_MAC_fetch (NULL, "HMAC", NULL);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string (OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end ()};
  contexts->mac = EVP_MAC_CTX_new (mac);
  EVP_MAC_free (mac);
  BENCH_MUST (EVP_MAC_init (contexts->mac, key, sizeof key, params) == 1);
  contexts->encrypt = new_cipher (1);
  contexts->decrypt = new_cipher (0);
}

static void
authenticate (const Contexts *contexts, const uint8_t *bytes) {
  uint8_t digest[32];
  BENCH_MUST (EVP_MAC_init (contexts->mac, NULL, 0, NULL) == 1 &&
              EVP_MAC_update (contexts->mac, bytes, PACKET_BYTES) == 1 &&
              EVP_MAC_final (contexts->mac, digest, NULL, sizeof digest) == 1);
}

static void
encipher (EVP_CIPHER_CTX *context, uint8_t *bytes) {
  int written;
  BENCH_MUST (EVP_CipherInit_ex (context, NULL, NULL, NULL, zero_iv, -1) == 1 &&
              EVP_CipherUpdate (context, bytes, &written, bytes, PACKET_BYTES) == 1);
}

/* A packet each way: sealed with the contexts of one end, opened with those of the other. */
static double
openssl_alone (size_t sessions) {
  uint8_t bytes[PACKET_BYTES] = {0};
  Contexts *contexts = calloc (2 * sessions, sizeof *contexts);
  BENCH_MUST (contexts != NULL);
  for (size_t i = 0; i < 2 * sessions; i++) {
    contexts_init (&contexts[i]);
  }
  double taken = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    const double started = bench_cpu_seconds ();
    for (size_t i = 0; i < EXCHANGES; i++) {
      for (size_t way = 0; way < 2; way++) {
        const Contexts *from = &contexts[2 * (i % sessions) + way];
        const Contexts *to = &contexts[2 * (i % sessions) + 1 - way];
        encipher (from->encrypt, bytes);
        authenticate (from, bytes);
        authenticate (to, bytes);
        encipher (to->decrypt, bytes);
      }
    }
    taken = least (taken, (bench_cpu_seconds () - started) / EXCHANGES);
  }
  for (size_t i = 0; i < 2 * sessions; i++) {
    EVP_CIPHER_CTX_free (contexts[i].encrypt);
    EVP_CIPHER_CTX_free (contexts[i].decrypt);
    EVP_MAC_CTX_free (contexts[i].mac);
  }
  free (contexts);
  return taken;
}

/* ---- The engine ---- */

static void
open_all (BenchPair *pair, size_t count, RtmfpId *ids) {
  for (uint32_t i = 0; i < count; i++) {
    ids[i] = bench_pair_open (pair, i);
    bench_pair_pass (pair, 5000);
  }
}

/* A message there and back in every session, in turn, so many sessions at once. */
static double
exchange_all (BenchPair *pair, size_t sessions, size_t exchanges, size_t at_once) {
  const uint64_t before = pair->messages;
  const double started = bench_cpu_seconds ();
  for (size_t i = 0; i < exchanges; i++) {
    bench_pair_send (pair, (uint32_t)(i % sessions), rtmfp_bytes (message, sizeof message));
    if (i % at_once == at_once - 1) {
      bench_pair_settle (pair);
    }
    if (i % sessions == sessions - 1) {
      bench_pair_pass (pair, 1000);
    }
  }
  const double taken = (bench_cpu_seconds () - started) / (double)exchanges;
  bench_pair_pass (pair, 1000000);
  BENCH_MUST (pair->messages == before + exchanges);
  return taken;
}

/* CPU of one keepalive: a timer, a Ping, its reply; over as many rounds as make some thousands. */
static double
keepalive (BenchPair *pair, size_t sessions) {
  bench_pair_pass (pair, 31000000);
  const uint64_t datagrams = pair->datagrams;
  const double started = bench_cpu_seconds ();
  for (size_t done = 0; done < KEEPALIVES; done += sessions) {
    bench_pair_pass (pair, 31000000);
  }
  const double taken = bench_cpu_seconds () - started;
  return taken / (double)((pair->datagrams - datagrams) / 2);
}

/* The same where each session has rested before. */
static double
exchange_rested (BenchPair *pair, size_t sessions) {
  double taken_s = 0;
  for (size_t done = 0; done < KEEPALIVES; done += sessions) {
    bench_pair_pass (pair, 8000000);
    taken_s += exchange_all (pair, sessions, sessions, 1) * (double)sessions;
  }
  return taken_s / (double)((KEEPALIVES + sessions - 1) / sessions * sessions);
}

static double
per_end (size_t before, size_t sessions) {
  return ((double)bench_heap_bytes () - (double)before) / (double)(2 * sessions);
}

/* All is quiet, and then everybody speaks again. */
static void
measure_memory (BenchPair *pair, size_t before, size_t sessions) {
  bench_row ("memory of a session in use, a flow each way", "bytes", per_end (before, sessions),
             NULL, 0);
  bench_pair_pass (pair, 8000000);
  bench_row ("memory of an idle session after an exchange, a flow each way", "bytes",
             per_end (before, sessions), "limit", LIMIT_BYTES);
  const uint64_t messages = pair->messages;
  exchange_all (pair, sessions, sessions, 1);
  bench_row ("sessions that then answer again", "", (double)(pair->messages - messages), "all",
             (double)sessions);
}

static void
measure_costs (BenchPair *pair, size_t sessions, Costs *costs) {
  *costs = (Costs){costs->fresh_s, 1e9, 1e9, 1e9, 1e9, 1e9};
  for (int round = 0; round < ROUNDS; round++) {
    costs->keepalive_s = least (costs->keepalive_s, keepalive (pair, sessions));
    costs->woken_s = least (costs->woken_s, exchange_rested (pair, sessions));
  }
  exchange_all (pair, sessions, EXCHANGES, 1); /* all are awake */
  for (int round = 0; round < ROUNDS; round++) {
    costs->exchange_s = least (costs->exchange_s, exchange_all (pair, sessions, EXCHANGES, 1));
    costs->batch_s = least (costs->batch_s, exchange_all (pair, sessions, EXCHANGES, AT_ONCE));
  }
}

static Costs
measure (size_t sessions) {
  Costs costs;
  BenchPair pair;
  RtmfpId *ids = calloc (sessions, sizeof *ids);
  BENCH_MUST (ids != NULL);
  bench_pair_init (&pair, sessions, RTMFP_GROUP_X25519, false);
  const size_t before = bench_heap_bytes ();
  open_all (&pair, sessions, ids);
  if (sessions == MEMORY_AT) {
    bench_pair_pass (&pair, 8000000);
    bench_row ("memory of an idle session, no flow", "bytes", per_end (before, sessions), "limit",
               LIMIT_BYTES);
  }
  for (uint32_t i = 0; i < sessions; i++) {
    bench_pair_open_flow (&pair, ids[i], i);
  }
  exchange_all (&pair, sessions, sessions, 1);
  costs.fresh_s = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    costs.fresh_s = least (costs.fresh_s, exchange_all (&pair, sessions, EXCHANGES, 1));
  }
  if (sessions == MEMORY_AT) {
    measure_memory (&pair, before, sessions);
  }
  measure_costs (&pair, sessions, &costs);
  bench_pair_clear (&pair);
  free (ids);
  costs.alone_s = openssl_alone (sessions);
  return costs;
}

static void
tell (const char *what, size_t sessions, double ours_s, const char *baseline, double other_s) {
  char name[96];
  snprintf (name, sizeof name, "%s, %zu sessions", what, sessions);
  bench_row (name, "us", ours_s * 1e6, baseline, other_s * 1e6);
}

int
main (int argc, char **argv) {
  Costs costs[COUNTS];
  const size_t most = argc > 1 ? strtoull (argv[1], NULL, 10) : counts[COUNTS - 1];
  for (size_t i = 0; i < COUNTS && counts[i] <= most; i++) {
    costs[i] = measure (counts[i]);
    tell ("100 bytes there and back in turn", counts[i], costs[i].exchange_s, "with 10 sessions",
          costs[0].exchange_s);
    tell ("the same, of sessions that never rested", counts[i], costs[i].fresh_s,
          "with 10 sessions", costs[0].fresh_s);
    tell ("the same, 10 sessions at once", counts[i], costs[i].batch_s, "with 10 sessions",
          costs[0].batch_s);
    tell ("the same, of sessions that rest", counts[i], costs[i].woken_s, "with 10 sessions",
          costs[0].woken_s);
    tell ("a keepalive (timer, Ping, reply)", counts[i], costs[i].keepalive_s, "with 10 sessions",
          costs[0].keepalive_s);
    tell ("OpenSSL alone, 144 bytes each way in turn", counts[i], costs[i].alone_s,
          "with 10 sessions", costs[0].alone_s);
  }
  return 0;
}
