/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody may guess or find: session ids, the keys of tables and cookies, and what memory holds
 * when a session or an identity has ended. */
#include "core/endpoint/endpoint-state.h"
#include "core/session/session-state.h"
#include "tests/endpoint/world.h"

#include <malloc.h>
#include <string.h>

enum { SECRETS_MAX = 16, SECRET_BYTES = 16 };

static guint8 secrets[SECRETS_MAX][SECRET_BYTES];
static gsize secret_count;
static guint blocks_freed, blocks_with_secrets;

/* The engine's free(), see CMakeLists.txt: memory that is given back must hold no secret. */
void __real_free (void *memory);
void __wrap_free (void *memory);

void
__wrap_free (void *memory) {
  const gsize size = memory != NULL ? malloc_usable_size (memory) : 0;
  for (gsize i = 0; i < secret_count && size >= SECRET_BYTES; i++) {
    blocks_with_secrets += memmem (memory, size, secrets[i], SECRET_BYTES) != NULL;
  }
  blocks_freed++;
  __real_free (memory);
}

static void
watch_for (const uint8_t *secret) {
  g_assert_cmpuint (secret_count, <, SECRETS_MAX);
  memcpy (secrets[secret_count++], secret, SECRET_BYTES);
}

/* The keys of both directions stand first in what the session keeps, whatever the cipher. */
static void
watch_session (const Node *node) {
  const RtmfpProtection *protection =
      &rtmfp_endpoint_first_entry (node->endpoint)->session->protection;
  watch_for ((const uint8_t *)&protection->sending);
  watch_for ((const uint8_t *)&protection->receiving);
}

static void
watch_identity (const Node *node) {
  const RtmfpIdentity *identity = LIST_FIRST (&node->endpoint->identity_list);
  const unsigned index = rtmfp_group_index (RTMFP_GROUP_X25519);
  watch_for (identity->credentials.static_private_keys[index].bytes);
}

static void
forget_secrets (void) {
  secret_count = 0;
  blocks_freed = blocks_with_secrets = 0;
}

static void
test_the_watch_sees (void) {
  guint8 *block = malloc (100);
  forget_secrets ();
  memset (block, 7, 100);
  watch_for (block + 50);
  __wrap_free (block);
  g_assert_cmpuint (blocks_with_secrets, ==, 1);
}

static void
test_keys_are_wiped (gconstpointer data) {
  const bool static_keys = GPOINTER_TO_INT (data) != 0;
  RtmfpIdentityConfig config = plain_identity ();
  config.static_keys = static_keys;
  Pair pair;
  pair_init_with (&pair, &config, &config);
  RtmfpId sending, receiving;
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  forget_secrets ();
  watch_session (pair.a);
  watch_session (pair.b);
  if (static_keys) {
    watch_identity (pair.a);
    watch_identity (pair.b);
  }
  rtmfp_endpoint_close (pair.a->endpoint, pair.a_session, false, pair.world->now_us);
  world_run (pair.world, 200 * G_USEC_PER_SEC);
  g_assert_null (rtmfp_endpoint_first_entry (pair.a->endpoint));
  g_assert_null (rtmfp_endpoint_first_entry (pair.b->endpoint));
  pair_clear (&pair);
  g_assert_cmpuint (blocks_freed, >, 0);
  g_assert_cmpuint (blocks_with_secrets, ==, 0);
  forget_secrets ();
}

/* An endpoint that is freed with its session open. */
static void
test_keys_are_wiped_at_once (void) {
  Pair pair;
  pair_init (&pair);
  forget_secrets ();
  watch_session (pair.a);
  watch_session (pair.b);
  pair_clear (&pair);
  g_assert_cmpuint (blocks_freed, >, 0);
  g_assert_cmpuint (blocks_with_secrets, ==, 0);
  forget_secrets ();
}

/* ---- Ids and keys come from the random generator ---- */

enum { OPENINGS = 256 };

/* The near ids of so many sessions. */
static void
draw_ids (guint8 number, uint32_t *ids) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *node = world_add (world, number);
  const RtmfpId identity = rtmfp_endpoint_add_identity (node->endpoint, &config, NULL);
  for (guint i = 0; i < OPENINGS; i++) {
    RtmfpFingerprint fingerprint = {{(uint8_t)i, 1}};
    open_to (node, identity, &fingerprint, node);
  }
  guint count = 0;
  const RtmfpEntry *entry;
  uint32_t at = 0;
  while ((entry = rtmfp_endpoint_next_entry (node->endpoint, &at)) != NULL) {
    g_assert_cmpuint (count, <, OPENINGS);
    ids[count++] = rtmfp_session_near_id (entry->session);
  }
  g_assert_cmpuint (count, ==, OPENINGS);
  world_free (world);
}

/* Each bit is set in about half of them, and neither differences nor the other endpoint's ids tell
 * anything. (Binomial: 128 with a deviation of 8; 56 away is seven of them.) */
static void
test_session_ids (void) {
  uint32_t ids[OPENINGS], others[OPENINGS];
  draw_ids (1, ids);
  draw_ids (2, others);
  for (guint bit = 0; bit < 32; bit++) {
    guint set = 0, changes = 0, common = 0;
    for (guint i = 0; i < OPENINGS; i++) {
      set += ids[i] >> bit & 1;
      changes += (ids[i] ^ ids[(i + 1) % OPENINGS]) >> bit & 1;
      common += (ids[i] ^ others[i]) >> bit & 1;
    }
    g_assert_cmpuint (ABS ((int)set - 128), <, 56);
    g_assert_cmpuint (ABS ((int)changes - 128), <, 56);
    g_assert_cmpuint (ABS ((int)common - 128), <, 56);
  }
  for (guint i = 0; i < OPENINGS; i++) {
    g_assert_cmpuint (ids[i], !=, 0); /* RFC 7016 s3.3 */
    for (guint k = 0; k < i; k++) {
      g_assert_cmpuint (ids[i], !=, ids[k]);
    }
  }
}

/* Nobody can choose keys that fall into one place of a table of somebody else. */
static void
test_keys_of_tables (void) {
  World *world = world_new ();
  const RtmfpEndpoint *a = world_add (world, 1)->endpoint, *b = world_add (world, 2)->endpoint;
  static const RtmfpHashKey none;
  g_assert_cmpint (memcmp (&a->hash_key, &b->hash_key, sizeof a->hash_key), !=, 0);
  g_assert_cmpint (memcmp (&a->hash_key, &none, sizeof none), !=, 0);
  g_assert_cmpint (memcmp (&a->shared.mobility_key, &b->shared.mobility_key, sizeof none), !=, 0);
  g_assert_cmpint (memcmp (&a->shared.mobility_key, &a->hash_key, sizeof none), !=, 0);
  g_assert_cmpint (memcmp (&a->cookie_key, &b->cookie_key, sizeof a->cookie_key), !=, 0);
  const uint8_t key[RTMFP_INDEX_KEY_SIZE] = {1};
  g_assert_cmphex (rtmfp_endpoint_hash (a, key), !=, rtmfp_endpoint_hash (b, key));
  g_assert_cmphex (rtmfp_endpoint_hash (a, key), ==, rtmfp_index_hash (&a->hash_key, key));
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/secrets/the-watch-sees", test_the_watch_sees);
  g_test_add_data_func ("/endpoint/secrets/keys-are-wiped", GINT_TO_POINTER (0),
                        test_keys_are_wiped);
  g_test_add_data_func ("/endpoint/secrets/static-keys-are-wiped", GINT_TO_POINTER (1),
                        test_keys_are_wiped);
  g_test_add_func ("/endpoint/secrets/keys-are-wiped-with-the-endpoint",
                   test_keys_are_wiped_at_once);
  g_test_add_func ("/endpoint/secrets/session-ids-are-random", test_session_ids);
  g_test_add_func ("/endpoint/secrets/keys-of-tables-are-random", test_keys_of_tables);
  return g_test_run ();
}
