/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proofs, signatures bound to a session, and the greeting that exchanges them. */
#include "core/account/proof.h"
#include "tests/account/fixture.h"

static AhoyBinding a, b, other;

static void
bind (void) {
  AhoyBinding unused;
  fixture_bindings (1, &a, &b);
  fixture_bindings (2, &other, &unused);
}

static void
proves (void) {
  AhoyIdentity ada = fixture_identity (1);
  RtmfpBuffer out = {0};
  ahoy_proof_write (&ada, AHOY_SIDE_PEER, 0x01020304, &a, &out);
  AhoyProof proof;
  g_assert_cmpint (ahoy_proof_read (rtmfp_buffer_bytes (&out), &proof), ==, RTMFP_OK);
  g_assert_cmpint (proof.version, ==, 1);
  g_assert_cmpint (proof.features, ==, 0x01020304);
  g_assert_true (ahoy_key_equal (&proof.key, &ada.key));
  g_assert_cmpint (ahoy_proof_verify (&proof, AHOY_SIDE_PEER, &b), ==, RTMFP_OK);

  /* Another side, our own view (a proof sent back), another session: no. */
  g_assert_cmpint (ahoy_proof_verify (&proof, AHOY_SIDE_SERVER, &b), ==, RTMFP_AUTH);
  g_assert_cmpint (ahoy_proof_verify (&proof, AHOY_SIDE_PEER, &a), ==, RTMFP_AUTH);
  g_assert_cmpint (ahoy_proof_verify (&proof, AHOY_SIDE_PEER, &other), ==, RTMFP_AUTH);
  AhoyBinding changed = b;
  changed.far_nonce[5] ^= 1;
  g_assert_cmpint (ahoy_proof_verify (&proof, AHOY_SIDE_PEER, &changed), ==, RTMFP_AUTH);
  changed = b;
  changed.near_nonce[31] ^= 1;
  g_assert_cmpint (ahoy_proof_verify (&proof, AHOY_SIDE_PEER, &changed), ==, RTMFP_AUTH);
  changed = b;
  changed.initiator = true;
  g_assert_cmpint (ahoy_proof_verify (&proof, AHOY_SIDE_PEER, &changed), ==, RTMFP_AUTH);
  AhoyProof forged = proof;
  forged.features++;
  g_assert_cmpint (ahoy_proof_verify (&forged, AHOY_SIDE_PEER, &b), ==, RTMFP_AUTH);
  forged = proof;
  forged.key = fixture_identity (2).key;
  g_assert_cmpint (ahoy_proof_verify (&forged, AHOY_SIDE_PEER, &b), ==, RTMFP_AUTH);
  rtmfp_buffer_clear (&out);
}

/* Every part of the transcript counts, and where one ends and the next begins. */
static void
digests_all_parts (void) {
  const uint8_t nonce[AHOY_NONCE_SIZE] = {0};
  const AhoyBindingInput plain = {.initiator = true,
                                  .initiator_certificate = rtmfp_bytes ("ab", 2),
                                  .responder_certificate = rtmfp_bytes ("cd", 2),
                                  .initiator_component = rtmfp_bytes ("ef", 2),
                                  .responder_component = rtmfp_bytes ("gh", 2),
                                  .near_nonce = nonce,
                                  .far_nonce = nonce};
  AhoyBindingInput inputs[6] = {plain, plain, plain, plain, plain, plain};
  inputs[1].initiator_certificate = rtmfp_bytes ("aX", 2);
  inputs[2].responder_certificate = rtmfp_bytes ("cX", 2);
  inputs[3].initiator_component = rtmfp_bytes ("eX", 2);
  inputs[4].responder_component = rtmfp_bytes ("gX", 2);
  inputs[5].initiator_certificate = rtmfp_bytes ("abc", 3);
  inputs[5].responder_certificate = rtmfp_bytes ("d", 1);
  AhoyBinding bindings[6];
  for (size_t i = 0; i < 6; i++) {
    ahoy_binding_make (&inputs[i], &bindings[i]);
    for (size_t j = 0; j < i; j++) {
      g_assert_cmpint (memcmp (bindings[i].transcript, bindings[j].transcript, AHOY_HASH_SIZE), !=,
                       0);
    }
  }
}

static void
reads_strictly (void) {
  AhoyIdentity ada = fixture_identity (1);
  RtmfpBuffer out = {0};
  AhoyProof proof;
  ahoy_proof_write (&ada, AHOY_SIDE_CLIENT, 0, &a, &out);
  for (size_t size = 0; size < out.size; size++) {
    g_autofree uint8_t *cut = g_memdup2 (out.data, size);
    RtmfpStatus status = ahoy_proof_read (rtmfp_bytes (cut, size), &proof);
    g_assert_true (status == RTMFP_TRUNCATED || status == RTMFP_MALFORMED);
  }
  out.data[0] = 2;
  g_assert_cmpint (ahoy_proof_read (rtmfp_buffer_bytes (&out), &proof), ==, RTMFP_UNSUPPORTED);
  out.data[0] = 1;
  out.data[11] = 4; /* side: version, features field (7), tag and length (3) */
  g_assert_cmpint (ahoy_proof_read (rtmfp_buffer_bytes (&out), &proof), ==, RTMFP_MALFORMED);
  out.data[11] = 0;
  g_assert_cmpint (ahoy_proof_read (rtmfp_buffer_bytes (&out), &proof), ==, RTMFP_MALFORMED);
  out.data[11] = 2;

  /* A field of a later version is skipped; the same tag twice is not. */
  size_t size = out.size;
  rtmfp_buffer_append (&out, rtmfp_bytes ("\x09\x00\x02hi", 5));
  g_assert_cmpint (ahoy_proof_read (rtmfp_buffer_bytes (&out), &proof), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_proof_verify (&proof, AHOY_SIDE_CLIENT, &b), ==, RTMFP_OK);
  rtmfp_buffer_append (&out, rtmfp_bytes ("\x09\x00\x02hi", 5));
  g_assert_cmpint (ahoy_proof_read (rtmfp_buffer_bytes (&out), &proof), ==, RTMFP_MALFORMED);
  out.size = size;
  rtmfp_buffer_append_u8 (&out, 200);
  rtmfp_buffer_append_u16 (&out, (uint16_t)(AHOY_PROOF_BYTES_MAX - out.size - 2));
  while (out.size < AHOY_PROOF_BYTES_MAX) {
    rtmfp_buffer_append_u8 (&out, 0);
  }
  g_assert_cmpint (ahoy_proof_read (rtmfp_buffer_bytes (&out), &proof), ==, RTMFP_OK);
  rtmfp_buffer_append_u8 (&out, 0);
  g_assert_cmpint (ahoy_proof_read (rtmfp_buffer_bytes (&out), &proof), ==, RTMFP_LIMIT);
  rtmfp_buffer_clear (&out);
}

static void
bound_signatures (void) {
  AhoyIdentity key = fixture_identity (3);
  AhoySignature signature;
  ahoy_binding_sign (&a, &key, AHOY_PURPOSE_SIGN_IN, "ada", &signature);
  g_assert_cmpint (ahoy_binding_verify (&b, &key.key, AHOY_PURPOSE_SIGN_IN, "ada", &signature), ==,
                   RTMFP_OK);
  g_assert_cmpint (ahoy_binding_verify (&b, &key.key, AHOY_PURPOSE_SIGN_IN, "bob", &signature), ==,
                   RTMFP_AUTH);
  g_assert_cmpint (ahoy_binding_verify (&b, &key.key, AHOY_PURPOSE_CREATE, "ada", &signature), ==,
                   RTMFP_AUTH);
  /* Replayed in another session, or back to its signer. */
  g_assert_cmpint (ahoy_binding_verify (&other, &key.key, AHOY_PURPOSE_SIGN_IN, "ada", &signature),
                   ==, RTMFP_AUTH);
  g_assert_cmpint (ahoy_binding_verify (&a, &key.key, AHOY_PURPOSE_SIGN_IN, "ada", &signature), ==,
                   RTMFP_AUTH);
}

static RtmfpStatus
pass (AhoyGreeting *from, const AhoyIdentity *identity, AhoyGreeting *to) {
  RtmfpBuffer out = {0};
  RtmfpStatus status = ahoy_greeting_send (from, identity, AHOY_FEATURES_NONE, &out);
  if (status == RTMFP_OK) {
    status = ahoy_greeting_receive (to, rtmfp_buffer_bytes (&out));
  }
  rtmfp_buffer_clear (&out);
  return status;
}

static void
server_speaks_first (void) {
  AhoyIdentity server_key = fixture_identity (10), fresh = fixture_identity (11),
               ada = fixture_identity (12);
  AhoyGreeting client, server;
  ahoy_greeting_init (&client, AHOY_SIDE_CLIENT, &a, &server_key.key);
  ahoy_greeting_init (&server, AHOY_SIDE_SERVER, &b, NULL);
  g_assert_false (ahoy_greeting_may_send (&client));
  g_assert_cmpint (pass (&client, &fresh, &server), ==, RTMFP_STATE);
  g_assert_cmpint (pass (&server, &server_key, &client), ==, RTMFP_OK);
  g_assert_false (ahoy_greeting_is_done (&client));
  g_assert_cmpint (pass (&client, &fresh, &server), ==, RTMFP_OK);
  g_assert_true (ahoy_greeting_is_done (&client));
  g_assert_true (ahoy_greeting_is_done (&server));
  g_assert_true (ahoy_key_equal (&server.far_key, &fresh.key));
  /* A new device learns its identity key and proves that too. */
  g_assert_cmpint (pass (&client, &ada, &server), ==, RTMFP_OK);
  g_assert_true (ahoy_key_equal (&server.far_key, &ada.key));
  g_assert_cmpint (pass (&server, &server_key, &client), ==, RTMFP_LIMIT);
  for (unsigned i = 2; i < AHOY_GREETING_PROOFS_MAX; i++) {
    g_assert_cmpint (pass (&client, &ada, &server), ==, RTMFP_OK);
  }
  g_assert_cmpint (pass (&client, &ada, &server), ==, RTMFP_LIMIT);
  RtmfpBuffer extra = {0};
  ahoy_proof_write (&ada, AHOY_SIDE_CLIENT, 0, &a, &extra);
  g_assert_cmpint (ahoy_greeting_receive (&server, rtmfp_buffer_bytes (&extra)), ==, RTMFP_LIMIT);
  g_assert_cmpint (server.fault, ==, AHOY_GREETING_TOO_MANY);
  g_assert_false (ahoy_greeting_is_done (&server));
  rtmfp_buffer_clear (&extra);
}

static void
peers_pin (void) {
  AhoyIdentity ada = fixture_identity (1), bob = fixture_identity (2), eve = fixture_identity (3);
  AhoyGreeting near, far;
  ahoy_greeting_init (&near, AHOY_SIDE_PEER, &a, &bob.key);
  ahoy_greeting_init (&far, AHOY_SIDE_PEER, &b, &ada.key);
  g_assert_cmpint (pass (&near, &ada, &far), ==, RTMFP_OK);
  g_assert_cmpint (pass (&far, &bob, &near), ==, RTMFP_OK);
  g_assert_true (ahoy_greeting_is_done (&near) && ahoy_greeting_is_done (&far));

  ahoy_greeting_init (&near, AHOY_SIDE_PEER, &a, &bob.key);
  ahoy_greeting_init (&far, AHOY_SIDE_PEER, &b, &ada.key);
  g_assert_cmpint (pass (&far, &eve, &near), ==, RTMFP_AUTH);
  g_assert_cmpint (near.fault, ==, AHOY_GREETING_KEY_CHANGED);
  g_assert_true (ahoy_key_equal (&near.far_key, &eve.key));
  g_assert_false (ahoy_greeting_is_done (&near));
  g_assert_cmpint (pass (&near, &ada, &far), ==, RTMFP_STATE); /* after a fault nothing goes out */
  g_assert_cmpint (pass (&far, &bob, &near), ==, RTMFP_LIMIT);
}

/* Somebody between with a session to each side passes the proofs on unchanged: they hold in
 * neither. */
static void
relay_fails (void) {
  AhoyIdentity ada = fixture_identity (1), bob = fixture_identity (2);
  AhoyBinding ada_side, relay_to_ada, relay_to_bob, bob_side;
  fixture_bindings (1, &ada_side, &relay_to_ada);
  fixture_bindings (2, &relay_to_bob, &bob_side);
  AhoyGreeting near, far;
  ahoy_greeting_init (&near, AHOY_SIDE_PEER, &ada_side, &bob.key);
  ahoy_greeting_init (&far, AHOY_SIDE_PEER, &bob_side, &ada.key);
  g_assert_cmpint (pass (&near, &ada, &far), ==, RTMFP_AUTH);
  g_assert_cmpint (far.fault, ==, AHOY_GREETING_FORGED);
  g_assert_cmpint (ahoy_greeting_receive (&near, rtmfp_bytes ("junk", 4)), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (near.fault, ==, AHOY_GREETING_VERSION);
  ahoy_greeting_init (&near, AHOY_SIDE_PEER, &ada_side, &bob.key);
  g_assert_cmpint (ahoy_greeting_receive (&near, rtmfp_bytes ("\x01", 1)), ==, RTMFP_MALFORMED);
  g_assert_cmpint (near.fault, ==, AHOY_GREETING_JUNK);
  for (int fault = 0; fault <= AHOY_GREETING_TOO_MANY; fault++) {
    g_assert_cmpuint (strlen (ahoy_greeting_fault_text ((AhoyGreetingFault)fault)), >, 10);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  bind ();
  g_test_add_func ("/account/proof/holds-for-one-session-side-and-key", proves);
  g_test_add_func ("/account/proof/digests-all-parts", digests_all_parts);
  g_test_add_func ("/account/proof/reads-strictly", reads_strictly);
  g_test_add_func ("/account/proof/bound-signatures-do-not-replay", bound_signatures);
  g_test_add_func ("/account/greeting/server-speaks-first", server_speaks_first);
  g_test_add_func ("/account/greeting/peers-are-pinned", peers_pin);
  g_test_add_func ("/account/greeting/a-relay-between-fails", relay_fails);
  return g_test_run ();
}
