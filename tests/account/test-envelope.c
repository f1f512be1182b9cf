/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Envelopes: who can open one, who signed it, what is refused. */
#include "core/account/envelope.h"
#include "core/account/primitives.h"
#include "tests/account/fixture.h"

typedef struct {
  AhoyIdentity ada, bob, eve;
  AhoyName ada_name, bob_name;
  AhoyPin ada_pin;
  AhoyMessage message;
  RtmfpBuffer sealed, plain;
  uint64_t seed;
} World;

static void
set_up (World *world, const char *body) {
  *world = (World){.ada = fixture_identity (1),
                   .bob = fixture_identity (2),
                   .eve = fixture_identity (3),
                   .seed = 5};
  g_assert_cmpint (ahoy_name_parse ("ada@h", &world->ada_name), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_name_parse ("bob@h", &world->bob_name), ==, RTMFP_OK);
  ahoy_pin_replace (&world->ada_pin, &world->ada.key);
  RtmfpRng rng = fixture_rng (&world->seed);
  world->message = (AhoyMessage){.time_ms = 1234567890123,
                                 .kind = AHOY_BODY_TEXT,
                                 .sender = world->ada_name,
                                 .recipient = world->bob_name,
                                 .body = rtmfp_bytes (body, strlen (body))};
  ahoy_message_id_make (&rng, &world->message.id);
  g_assert_cmpint (
      ahoy_envelope_seal (&world->message, &world->ada, &world->bob.key, &rng, &world->sealed), ==,
      RTMFP_OK);
}

static void
clear (World *world) {
  rtmfp_buffer_clear (&world->sealed);
  rtmfp_buffer_clear (&world->plain);
}

static AhoyEnvelopeFault
open_as (World *world, const AhoyIdentity *who, AhoyMessage *message, AhoyKey *key) {
  AhoyEnvelopeFault fault;
  RtmfpStatus status =
      ahoy_envelope_open (rtmfp_buffer_bytes (&world->sealed), who, &world->ada_name,
                          &world->bob_name, &world->ada_pin, &world->plain, message, key, &fault);
  g_assert_cmpint (status == RTMFP_OK, ==, fault == AHOY_ENVELOPE_OK);
  return fault;
}

static void
opens (void) {
  World world;
  AhoyMessage message;
  AhoyKey key;
  set_up (&world, "Ahoy, Bob");
  g_assert_cmpint (open_as (&world, &world.bob, &message, &key), ==, AHOY_ENVELOPE_OK);
  g_assert_cmpmem (message.body.data, message.body.size, "Ahoy, Bob", 9);
  g_assert_cmpint (message.time_ms, ==, 1234567890123);
  g_assert_cmpint (message.kind, ==, AHOY_BODY_TEXT);
  g_assert_true (ahoy_message_id_equal (&message.id, &world.message.id));
  g_assert_true (ahoy_name_equal (&message.sender, &world.ada_name));
  g_assert_true (ahoy_key_equal (&key, &world.ada.key));
  AhoyMessageId id;
  g_assert_cmpint (ahoy_envelope_peek (rtmfp_buffer_bytes (&world.sealed), &id), ==, RTMFP_OK);
  g_assert_true (ahoy_message_id_equal (&id, &message.id));
  /* Neither names nor words can be seen from outside. */
  g_assert_null (memmem (world.sealed.data, world.sealed.size, "Bob", 3));
  g_assert_null (memmem (world.sealed.data, world.sealed.size, "ada@h", 5));
  g_assert_null (memmem (world.sealed.data, world.sealed.size, world.ada.key.bytes, 32));
  clear (&world);
}

static void
lengths_are_padded (void) {
  World one, two;
  set_up (&one, "a");
  set_up (&two, "word");
  g_assert_cmpuint (one.sealed.size, ==, two.sealed.size);
  clear (&one);
  clear (&two);
}

static void
refuses (void) {
  World world;
  AhoyMessage message = {.kind = 99};
  AhoyKey key;
  set_up (&world, "Ahoy, Bob");
  g_assert_cmpint (open_as (&world, &world.eve, &message, NULL), ==, AHOY_ENVELOPE_NOT_OURS);
  g_assert_cmpint (open_as (&world, &world.ada, &message, NULL), ==, AHOY_ENVELOPE_NOT_OURS);
  g_assert_cmpint (message.kind, ==, 99);
  g_assert_cmpuint (world.plain.size, ==, 0);

  ahoy_pin_replace (&world.ada_pin, &world.eve.key);
  g_assert_cmpint (open_as (&world, &world.bob, &message, &key), ==, AHOY_ENVELOPE_KEY_CHANGED);
  g_assert_true (ahoy_key_equal (&key, &world.ada.key));
  world.ada_pin = (AhoyPin){.is_set = false};
  g_assert_cmpint (open_as (&world, &world.bob, &message, &key), ==, AHOY_ENVELOPE_OK);

  AhoyName kept = world.ada_name;
  g_assert_cmpint (ahoy_name_parse ("eve@h", &world.ada_name), ==, RTMFP_OK);
  g_assert_cmpint (open_as (&world, &world.bob, &message, NULL), ==, AHOY_ENVELOPE_FORGED);
  world.ada_name = kept;
  g_assert_cmpint (ahoy_name_parse ("carl@h", &world.bob_name), ==, RTMFP_OK);
  g_assert_cmpint (open_as (&world, &world.bob, &message, NULL), ==, AHOY_ENVELOPE_FORGED);
  g_assert_cmpint (ahoy_name_parse ("bob@moved:99", &world.bob_name), ==, RTMFP_OK);
  g_assert_cmpint (open_as (&world, &world.bob, &message, NULL), ==, AHOY_ENVELOPE_OK);
  clear (&world);
}

static void
no_bit_may_change (void) {
  World world;
  AhoyMessage message;
  set_up (&world, "x");
  for (size_t i = 0; i < world.sealed.size; i++) {
    world.sealed.data[i] ^= 0x10;
    g_assert_cmpint (open_as (&world, &world.bob, &message, NULL), ==,
                     i == 0 ? AHOY_ENVELOPE_NEWER : AHOY_ENVELOPE_NOT_OURS);
    world.sealed.data[i] ^= 0x10;
  }
  const size_t size = world.sealed.size;
  for (world.sealed.size = 0; world.sealed.size < size; world.sealed.size++) {
    AhoyEnvelopeFault fault = open_as (&world, &world.bob, &message, NULL);
    g_assert_true (fault == AHOY_ENVELOPE_JUNK || fault == AHOY_ENVELOPE_NOT_OURS);
  }
  rtmfp_buffer_append_u8 (&world.sealed, 0);
  g_assert_cmpint (open_as (&world, &world.bob, &message, NULL), ==, AHOY_ENVELOPE_NOT_OURS);
  clear (&world);
}

#define CLEAR_SIZE (1 + AHOY_MESSAGE_ID_SIZE + AHOY_X25519_SIZE)

/* Key and nonce of an envelope between these X25519 keys. */
static void
derive (const uint8_t secret[32], const uint8_t far[32], const uint8_t ephemeral[32],
        const uint8_t recipient[32], uint8_t keys[44]) {
  uint8_t shared[32], salt[64];
  g_assert_true (ahoy_x25519_shared (secret, far, shared));
  memcpy (salt, ephemeral, 32);
  memcpy (salt + 32, recipient, 32);
  ahoy_hkdf_sha256 (rtmfp_bytes (shared, 32), rtmfp_bytes (salt, 64), "ahoy envelope key 1", keys,
                    44);
}

/* Bob opens Ada's envelope with his key and seals its inside, with her signature, to Eve: as if Ada
 * had written that to her. Eve's program does not believe it. */
static void
cannot_be_passed_on (void) {
  World world;
  set_up (&world, "to bob only");
  uint8_t keys[44], secret[32], bob_x[32], eve_x[32], fresh[32] = {7};
  uint8_t *ephemeral = world.sealed.data + 1 + AHOY_MESSAGE_ID_SIZE;
  const RtmfpBytes clear_part = rtmfp_bytes (world.sealed.data, CLEAR_SIZE);
  const size_t size = world.sealed.size - CLEAR_SIZE;
  ahoy_x25519_secret_of_seed (world.bob.seed, secret);
  ahoy_x25519_public (secret, bob_x);
  derive (secret, ephemeral, ephemeral, bob_x, keys);
  g_autofree uint8_t *inside = (uint8_t *)g_malloc (size);
  g_assert_true (ahoy_aead_open (keys, keys + 32, clear_part,
                                 rtmfp_bytes (world.sealed.data + CLEAR_SIZE, size), inside));

  ahoy_x25519_public (fresh, ephemeral);
  g_assert_true (ahoy_x25519_public_of_key (world.eve.key.bytes, eve_x));
  derive (fresh, eve_x, ephemeral, eve_x, keys);
  ahoy_aead_seal (keys, keys + 32, clear_part, rtmfp_bytes (inside, size - AHOY_AEAD_TAG_SIZE),
                  world.sealed.data + CLEAR_SIZE);
  AhoyMessage message;
  g_assert_cmpint (open_as (&world, &world.eve, &message, NULL), ==, AHOY_ENVELOPE_FORGED);
  clear (&world);
}

/* Somebody else signs what names Ada. */
static void
cannot_be_signed_by_others (void) {
  World world;
  set_up (&world, "from ada");
  RtmfpRng rng = fixture_rng (&world.seed);
  rtmfp_buffer_clear (&world.sealed);
  g_assert_cmpint (
      ahoy_envelope_seal (&world.message, &world.eve, &world.bob.key, &rng, &world.sealed), ==,
      RTMFP_OK);
  AhoyMessage message;
  g_assert_cmpint (open_as (&world, &world.bob, &message, NULL), ==, AHOY_ENVELOPE_KEY_CHANGED);
  clear (&world);
}

/* What a sender says of the time is multiplied and shown by the other side. */
static void
times_are_bounded (void) {
  static const int64_t times_ms[] = {0, AHOY_MESSAGE_TIME_MS_MAX, AHOY_MESSAGE_TIME_MS_MAX + 1,
                                     INT64_MAX, -1};
  for (size_t i = 0; i < G_N_ELEMENTS (times_ms); i++) {
    World world;
    AhoyMessage message = {.time_ms = 5};
    set_up (&world, "x");
    RtmfpRng rng = fixture_rng (&world.seed);
    rtmfp_buffer_clear (&world.sealed);
    world.message.time_ms = times_ms[i];
    g_assert_cmpint (
        ahoy_envelope_seal (&world.message, &world.ada, &world.bob.key, &rng, &world.sealed), ==,
        RTMFP_OK);
    const AhoyEnvelopeFault fault = open_as (&world, &world.bob, &message, NULL);
    g_assert_cmpint (fault, ==, i < 2 ? AHOY_ENVELOPE_OK : AHOY_ENVELOPE_JUNK);
    g_assert_cmpint (message.time_ms, ==, i < 2 ? times_ms[i] : 5);
    clear (&world);
  }
}

static void
bounds (void) {
  g_autofree char *most = g_strnfill (AHOY_BODY_BYTES_MAX, 'm');
  World world;
  set_up (&world, most);
  AhoyMessage message;
  g_assert_cmpint (open_as (&world, &world.bob, &message, NULL), ==, AHOY_ENVELOPE_OK);
  g_assert_cmpuint (message.body.size, ==, AHOY_BODY_BYTES_MAX);
  g_assert_cmpuint (world.sealed.size, <=, AHOY_ENVELOPE_BYTES_MAX);
  g_autofree char *more = g_strnfill (AHOY_BODY_BYTES_MAX + 1, 'm');
  RtmfpRng rng = fixture_rng (&world.seed);
  message = world.message;
  message.body = rtmfp_bytes (more, AHOY_BODY_BYTES_MAX + 1);
  RtmfpBuffer out = {0};
  g_assert_cmpint (ahoy_envelope_seal (&message, &world.ada, &world.bob.key, &rng, &out), ==,
                   RTMFP_LIMIT);
  AhoyKey useless = {.bytes = {1}};
  g_assert_cmpint (ahoy_envelope_seal (&world.message, &world.ada, &useless, &rng, &out), ==,
                   RTMFP_AUTH);
  g_assert_cmpuint (out.size, ==, 0);
  while (world.sealed.size <= AHOY_ENVELOPE_BYTES_MAX) {
    rtmfp_buffer_append_u8 (&world.sealed, 0);
  }
  AhoyMessageId id;
  g_assert_cmpint (ahoy_envelope_peek (rtmfp_buffer_bytes (&world.sealed), &id), ==, RTMFP_LIMIT);
  g_assert_cmpint (open_as (&world, &world.bob, &message, NULL), ==, AHOY_ENVELOPE_JUNK);
  rtmfp_buffer_clear (&out);
  clear (&world);
}

static void
ids_as_text (void) {
  AhoyMessageId id = {.bytes = {0xab, 1}}, read;
  char text[AHOY_MESSAGE_ID_TEXT_SIZE];
  ahoy_message_id_format (&id, text);
  g_assert_cmpstr (text, ==, "ab010000000000000000000000000000");
  g_assert_cmpint (ahoy_message_id_parse (text, &read), ==, RTMFP_OK);
  g_assert_true (ahoy_message_id_equal (&id, &read));
  g_assert_cmpint (ahoy_message_id_parse ("ab01", &read), ==, RTMFP_MALFORMED);
  for (int fault = 0; fault <= AHOY_ENVELOPE_KEY_CHANGED; fault++) {
    g_assert_cmpuint (strlen (ahoy_envelope_fault_text ((AhoyEnvelopeFault)fault)), >, 10);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/envelope/opens-for-its-recipient", opens);
  g_test_add_func ("/account/envelope/lengths-are-padded", lengths_are_padded);
  g_test_add_func ("/account/envelope/refuses-others-and-other-names", refuses);
  g_test_add_func ("/account/envelope/no-bit-may-change", no_bit_may_change);
  g_test_add_func ("/account/envelope/cannot-be-passed-on", cannot_be_passed_on);
  g_test_add_func ("/account/envelope/cannot-be-signed-by-others", cannot_be_signed_by_others);
  g_test_add_func ("/account/envelope/keeps-its-bounds", bounds);
  g_test_add_func ("/account/envelope/times-are-bounded", times_are_bounded);
  g_test_add_func ("/account/envelope/ids-as-text", ids_as_text);
  return g_test_run ();
}
