/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.6: all ways to agree on keys. */
#include "core/base/registry.h"
#include "core/crypto/keying.h"
#include "core/crypto/params.h"
#include "core/crypto/primitives.h"
#include "core/crypto/protection.h"
#include "core/wire/option.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

typedef struct {
  TestRng seeded;
  RtmfpRng rng;
  RtmfpCredentials credentials;
  RtmfpKeyingPolicy policy;
  RtmfpKeying *keying;
  RtmfpSessionKeys keys;
} End;

static void
end_init_with (End *end, uint64_t seed, uint32_t groups, bool static_keys, uint32_t aeads) {
  *end = (End){.seeded = {seed}};
  end->rng = test_rng (&end->seeded);
  end->policy.aeads = aeads;
  const RtmfpCredentialsOptions options = {
      .groups = groups, .static_keys = static_keys, .aeads = aeads};
  g_assert_cmpint (rtmfp_credentials_init (&end->credentials, &options, &end->rng), ==, RTMFP_OK);
}

static void
end_init (End *end, uint64_t seed, uint32_t groups, bool static_keys) {
  end_init_with (end, seed, groups, static_keys, 0);
}

static void
end_clear (End *end) {
  rtmfp_keying_free (end->keying);
  rtmfp_credentials_clear (&end->credentials);
}

static RtmfpStatus
start (End *initiator, const End *responder) {
  RtmfpStatus status =
      rtmfp_keying_new_initiator (&initiator->credentials, responder->credentials.certificate.bytes,
                                  &initiator->policy, &initiator->rng, &initiator->keying);
  if (status == RTMFP_OK) {
    rtmfp_keying_run (initiator->keying);
  }
  return status;
}

static RtmfpStatus
answer (const End *initiator, End *responder) {
  RtmfpStatus status =
      rtmfp_keying_new_responder (&responder->credentials, initiator->credentials.certificate.bytes,
                                  rtmfp_keying_component (initiator->keying), &responder->policy,
                                  &responder->rng, &responder->keying);
  if (status == RTMFP_OK) {
    rtmfp_keying_run (responder->keying);
    status = rtmfp_keying_keys (responder->keying, &responder->keys);
  }
  return status;
}

static RtmfpStatus
finish (End *initiator, const End *responder) {
  RtmfpStatus status =
      rtmfp_keying_take_response (initiator->keying, rtmfp_keying_component (responder->keying));
  if (status == RTMFP_OK) {
    rtmfp_keying_run (initiator->keying);
    status = rtmfp_keying_keys (initiator->keying, &initiator->keys);
  }
  return status;
}

static void
assert_mirrored (const RtmfpSessionKeys *a, const RtmfpSessionKeys *b) {
  test_assert_bytes (rtmfp_bytes (a->encrypt_key, 32), rtmfp_bytes (b->decrypt_key, 32));
  test_assert_bytes (rtmfp_bytes (a->hmac_send_key, 32), rtmfp_bytes (b->hmac_receive_key, 32));
  test_assert_bytes (rtmfp_bytes (a->near_nonce, 32), rtmfp_bytes (b->far_nonce, 32));
  g_assert_false (rtmfp_secret_equal (a->encrypt_key, a->decrypt_key, 32));
  g_assert_cmpuint (a->hmac_send_bytes, ==, b->hmac_receive_bytes);
  g_assert_cmpint (a->sends_sequence, ==, b->receives_sequence);
  g_assert_cmpint (a->aead, ==, b->aead);
  test_assert_bytes (rtmfp_bytes (a->aead_send_key, 32), rtmfp_bytes (b->aead_receive_key, 32));
  test_assert_bytes (rtmfp_bytes (a->aead_send_iv, 12), rtmfp_bytes (b->aead_receive_iv, 12));
  g_assert_cmpuint (a->group, ==, b->group);
}

/* A packet each way. */
static void
assert_packets_pass (const RtmfpSessionKeys *a, const RtmfpSessionKeys *b) {
  RtmfpProtection sealer, opener;
  uint8_t buffer[256], scratch[256];
  RtmfpCipher *cipher = rtmfp_cipher_new ();
  rtmfp_protection_init (&sealer, a, cipher);
  rtmfp_protection_init (&opener, b, cipher);
  memcpy (buffer + rtmfp_protection_head_bytes (&sealer), "packet", 6);
  size_t size = 0;
  RtmfpBytes packet;
  g_assert_cmpint (rtmfp_protection_seal (&sealer, 7, buffer, sizeof buffer, 6, &size), ==,
                   RTMFP_OK);
  g_assert_cmpint (rtmfp_protection_open (&opener, rtmfp_bytes (buffer, size), scratch, &packet),
                   ==, RTMFP_OK);
  g_assert_cmpmem (packet.data, 6, "packet", 6);
  rtmfp_protection_clear (&sealer);
  rtmfp_protection_clear (&opener);
  rtmfp_cipher_free (cipher);
}

static void
agree_and_check (End *initiator, End *responder) {
  g_assert_cmpint (start (initiator, responder), ==, RTMFP_OK);
  g_assert_cmpint (answer (initiator, responder), ==, RTMFP_OK);
  g_assert_cmpint (finish (initiator, responder), ==, RTMFP_OK);
  assert_mirrored (&initiator->keys, &responder->keys);
  assert_mirrored (&responder->keys, &initiator->keys);
  assert_packets_pass (&initiator->keys, &responder->keys);
  assert_packets_pass (&responder->keys, &initiator->keys);
}

/* Four ways of keys x five groups x HMAC and sequence numbers on and off. */
static void
test_all_ways (void) {
  for (unsigned i = 0; i < 4 * RTMFP_GROUP_COUNT; i++) {
    const uint32_t group = 1u << i / 4;
    End initiator, responder;
    end_init (&initiator, 10 + i, group, (i & 1) != 0);
    end_init (&responder, 50 + i, group, (i & 2) != 0);
    for (unsigned wants = 0; wants < 4; wants++) {
      initiator.policy = responder.policy =
          (RtmfpKeyingPolicy){.requires_hmac = (wants & 1) != 0,
                              .requires_sequence = (wants & 2) != 0,
                              .hmac_bytes = (uint8_t)(wants == 3 ? 32 : 0)};
      agree_and_check (&initiator, &responder);
      g_assert_cmpuint (initiator.keys.group, ==, group);
      g_assert_cmpuint (initiator.keys.hmac_send_bytes, ==,
                        (wants & 1) == 0 ? 0
                        : wants == 3     ? 32
                                         : RTMFP_HMAC_BYTES_DEFAULT);
      g_assert_cmpint (initiator.keys.sends_sequence, ==, (wants & 2) != 0);
      rtmfp_keying_free (initiator.keying);
      rtmfp_keying_free (responder.keying);
      initiator.keying = responder.keying = NULL;
    }
    end_clear (&initiator);
    end_clear (&responder);
  }
}

/* What each way sends: s4.6.1.1 to s4.6.1.4. */
static void
test_what_is_sent (void) {
  for (unsigned i = 0; i < 4; i++) {
    End initiator, responder;
    end_init (&initiator, 1, RTMFP_GROUP_X25519, (i & 1) != 0);
    end_init (&responder, 2, RTMFP_GROUP_X25519, (i & 2) != 0);
    agree_and_check (&initiator, &responder);
    RtmfpKeyingComponent says;
    g_assert_cmpint (rtmfp_keying_component_read (rtmfp_keying_component (initiator.keying), &says),
                     ==, RTMFP_OK);
    g_assert_cmpint (says.has_group_select, ==, (i & 1) != 0);
    g_assert_cmpint (says.has_ephemeral_key, ==, (i & 1) == 0);
    g_assert_cmpint (says.extra_randomness.size >= 16, ==, (i & 1) != 0);
    g_assert_cmpint (rtmfp_keying_component_read (rtmfp_keying_component (responder.keying), &says),
                     ==, RTMFP_OK);
    g_assert_false (says.has_group_select);
    g_assert_cmpint (says.has_ephemeral_key, ==, (i & 2) == 0);
    g_assert_cmpint (says.extra_randomness.size >= 16, ==, (i & 2) != 0);
    end_clear (&initiator);
    end_clear (&responder);
  }
}

static void
test_takes_the_strongest_common_group (void) {
  static const struct {
    uint32_t a, b, expected;
  } cases[] = {
      {0, 0, RTMFP_GROUP_X25519},
      {RTMFP_GROUP_2 | RTMFP_GROUP_14, 0, RTMFP_GROUP_14},
      {RTMFP_GROUP_2 | RTMFP_GROUP_14, RTMFP_GROUP_5 | RTMFP_GROUP_2, RTMFP_GROUP_2},
      {RTMFP_GROUP_2, RTMFP_GROUP_5, 0},
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    End initiator, responder;
    end_init (&initiator, 1, cases[i].a, false);
    end_init (&responder, 2, cases[i].b, false);
    if (cases[i].expected != 0) {
      agree_and_check (&initiator, &responder);
      g_assert_cmpuint (initiator.keys.group, ==, cases[i].expected);
    } else {
      g_assert_cmpint (start (&initiator, &responder), ==, RTMFP_UNSUPPORTED);
      g_assert_null (initiator.keying);
    }
    end_clear (&initiator);
    end_clear (&responder);
  }
}

/* requires: always sent, asked for, demanded. offers: sent when asked for. s4.6.4 and s4.6.6. */
static void
test_policies (void) {
  enum { NOTHING, OFFERS, REQUIRES };
  for (unsigned i = 0; i < 9; i++) {
    const unsigned a = i % 3, b = i / 3;
    End initiator, responder;
    end_init (&initiator, 1, RTMFP_GROUP_X25519, false);
    end_init (&responder, 2, RTMFP_GROUP_X25519, false);
    initiator.policy = (RtmfpKeyingPolicy){.offers_hmac = a == OFFERS,
                                           .requires_hmac = a == REQUIRES,
                                           .offers_sequence = b == OFFERS,
                                           .requires_sequence = b == REQUIRES,
                                           .hmac_bytes = 8};
    responder.policy = (RtmfpKeyingPolicy){.offers_hmac = b == OFFERS,
                                           .requires_hmac = b == REQUIRES,
                                           .offers_sequence = a == OFFERS,
                                           .requires_sequence = a == REQUIRES,
                                           .hmac_bytes = 4};
    bool impossible = (a == REQUIRES && b == NOTHING) || (b == REQUIRES && a == NOTHING);
    g_assert_cmpint (start (&initiator, &responder), ==, RTMFP_OK);
    RtmfpStatus status = answer (&initiator, &responder);
    if (status == RTMFP_OK) {
      status = finish (&initiator, &responder);
    }
    g_assert_cmpint (status, ==, impossible ? RTMFP_UNSUPPORTED : RTMFP_OK);
    if (!impossible) {
      bool sent = a == REQUIRES || b == REQUIRES;
      g_assert_cmpuint (initiator.keys.hmac_send_bytes, ==, sent ? 8 : 0);
      g_assert_cmpuint (initiator.keys.hmac_receive_bytes, ==, sent ? 4 : 0);
      g_assert_cmpint (initiator.keys.sends_sequence, ==, sent);
      assert_mirrored (&initiator.keys, &responder.keys);
    }
    end_clear (&initiator);
    end_clear (&responder);
  }
}

/* Whatever each end has and prefers, both come to the same: an AEAD that both have, that which one
 * of them prefers (the initiator first), else AES; without one, HMAC as before. */
static void
test_aeads (void) {
  enum { AES = RTMFP_AEAD_AES_128_GCM, CHACHA = RTMFP_AEAD_CHACHA20_POLY1305 };
  for (unsigned i = 0; i < 4 * 4 * 3 * 3 * 2; i++) {
    const uint32_t a = i % 4, b = i / 4 % 4, prefers_a = i / 16 % 3, prefers_b = i / 48 % 3;
    End initiator, responder;
    end_init_with (&initiator, 1, RTMFP_GROUP_X25519, i % 2 == 0, a);
    end_init_with (&responder, 2, RTMFP_GROUP_X25519, i % 3 == 0, b);
    initiator.policy.preferred_aead = prefers_a;
    responder.policy.preferred_aead = prefers_b;
    initiator.policy.requires_hmac = responder.policy.requires_hmac = i >= 144;
    agree_and_check (&initiator, &responder);
    uint32_t expected = a & b;
    if (expected == RTMFP_AEAD_ALL) {
      const uint32_t wish = (prefers_a & a) != 0 ? prefers_a : prefers_b;
      expected = wish != 0 ? wish : AES;
    }
    g_assert_cmpuint (initiator.keys.aead, ==, expected);
    g_assert_cmpint (initiator.keys.hmac_send_bytes != 0, ==, i >= 144);
    end_clear (&initiator);
    end_clear (&responder);
  }
  /* It is HMAC and sequence number in one: an end that never heard of either may be required. */
  End initiator, responder;
  end_init_with (&initiator, 1, RTMFP_GROUP_X25519, false, CHACHA);
  end_init_with (&responder, 2, RTMFP_GROUP_X25519, false, CHACHA | AES);
  initiator.policy.requires_hmac = initiator.policy.requires_sequence = true;
  agree_and_check (&initiator, &responder);
  g_assert_cmpuint (responder.keys.aead, ==, CHACHA);
  end_clear (&initiator);
  end_clear (&responder);
}

/* Answers that a responder of ours would never give. */
static void
test_bad_aead_choice (void) {
  static const struct {
    uint32_t has, says;
    RtmfpStatus status;
  } answers[] = {
      {3, 0, RTMFP_UNSUPPORTED}, /* none, though its certificate has one: somebody took it out */
      {3, 3, RTMFP_MALFORMED},   /* two */
      {2, 1, RTMFP_MALFORMED},   /* one that its certificate has not */
      {0, 1, RTMFP_MALFORMED},   {3, 1, RTMFP_OK}, {3, 2, RTMFP_OK}, {0, 0, RTMFP_OK},
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (answers); i++) {
    End initiator, responder;
    RtmfpPrivateKey key;
    RtmfpPublicKey public_key;
    uint8_t space[128];
    RtmfpWriter writer = rtmfp_writer (space, sizeof space);
    end_init_with (&initiator, 1, RTMFP_GROUP_X25519, false, RTMFP_AEAD_ALL);
    end_init_with (&responder, 2, RTMFP_GROUP_X25519, false, answers[i].has);
    g_assert_cmpint (start (&initiator, &responder), ==, RTMFP_OK);
    rtmfp_group_draw_private_key (RTMFP_GROUP_X25519, &responder.rng, &key);
    rtmfp_group_public_key (&key, &public_key);
    const RtmfpKeyingComponent says = {.has_ephemeral_key = true,
                                       .group_id = 31,
                                       .ephemeral_key = rtmfp_bytes (public_key.bytes, 32),
                                       .aeads = answers[i].says};
    g_assert_cmpint (rtmfp_keying_component_write (&writer, &says), ==, RTMFP_OK);
    g_assert_cmpint (rtmfp_keying_take_response (initiator.keying,
                                                 rtmfp_bytes (space, rtmfp_writer_size (&writer))),
                     ==, answers[i].status);
    end_clear (&initiator);
    end_clear (&responder);
  }
}

/* An offer that somebody took out on its way: the two ends do not come together under CBC. */
static void
test_stripped_aead (void) {
  End initiator, responder;
  end_init_with (&initiator, 1, RTMFP_GROUP_X25519, false, RTMFP_AEAD_ALL);
  end_init_with (&responder, 2, RTMFP_GROUP_X25519, false, RTMFP_AEAD_ALL);
  g_assert_cmpint (start (&initiator, &responder), ==, RTMFP_OK);
  RtmfpBytes sent = rtmfp_keying_component (initiator.keying);
  sent.size -= rtmfp_option_size (RTMFP_REGISTRY_KEYING_AEAD, 1); /* it is the last one */
  g_assert_cmpint (
      rtmfp_keying_new_responder (&responder.credentials, initiator.credentials.certificate.bytes,
                                  sent, &responder.policy, &responder.rng, &responder.keying),
      ==, RTMFP_OK);
  rtmfp_keying_run (responder.keying);
  g_assert_cmpint (rtmfp_keying_keys (responder.keying, &responder.keys), ==, RTMFP_OK);
  g_assert_cmpuint (responder.keys.aead, ==, RTMFP_AEAD_NONE);
  g_assert_cmpint (finish (&initiator, &responder), ==, RTMFP_UNSUPPORTED);
  end_clear (&initiator);
  end_clear (&responder);
}

/* Each end learns what the other reads; unknown bits come through as they are. */
static void
test_features (void) {
  static const uint64_t said[][2] = {{0, 0}, {3, 0}, {0, 1}, {RTMFP_FEATURES_OURS, UINT64_MAX}};
  for (unsigned i = 0; i < G_N_ELEMENTS (said); i++) {
    End initiator, responder;
    end_init (&initiator, 1, RTMFP_GROUP_X25519, i % 2 == 0);
    end_init (&responder, 2, RTMFP_GROUP_X25519, false);
    initiator.policy.features = said[i][0];
    responder.policy.features = said[i][1];
    agree_and_check (&initiator, &responder);
    g_assert_cmphex (initiator.keys.far_features, ==, said[i][1]);
    g_assert_cmphex (responder.keys.far_features, ==, said[i][0]);
    end_clear (&initiator);
    end_clear (&responder);
  }
}

/* Whoever takes an option out of a component on its way leaves two ends with different keys: all
 * bytes of both components go into them (s4.6.3). */
static void
test_stripped_option (void) {
  End initiator, responder;
  end_init (&initiator, 1, RTMFP_GROUP_X25519, false);
  end_init (&responder, 2, RTMFP_GROUP_X25519, false);
  initiator.policy.features = 3;
  g_assert_cmpint (start (&initiator, &responder), ==, RTMFP_OK);
  RtmfpBytes sent = rtmfp_keying_component (initiator.keying);
  const size_t option_bytes = rtmfp_option_size (RTMFP_REGISTRY_KEYING_FEATURES, 1);
  g_assert_cmpint (rtmfp_keying_new_responder (
                       &responder.credentials, initiator.credentials.certificate.bytes,
                       rtmfp_bytes (sent.data, sent.size - option_bytes), /* it is the last one */
                       &responder.policy, &responder.rng, &responder.keying),
                   ==, RTMFP_OK);
  rtmfp_keying_run (responder.keying);
  g_assert_cmpint (rtmfp_keying_keys (responder.keying, &responder.keys), ==, RTMFP_OK);
  g_assert_cmphex (responder.keys.far_features, ==, 0);
  g_assert_cmpint (finish (&initiator, &responder), ==, RTMFP_OK);
  g_assert_false (rtmfp_secret_equal (initiator.keys.encrypt_key, responder.keys.decrypt_key, 32));
  g_assert_false (rtmfp_secret_equal (initiator.keys.decrypt_key, responder.keys.encrypt_key, 32));
  end_clear (&initiator);
  end_clear (&responder);
}

/* An end that refuses HMAC where the initiator requires it is found out by its answer too. */
static void
test_initiator_refuses_a_weak_answer (void) {
  End initiator, responder;
  end_init (&initiator, 1, RTMFP_GROUP_X25519, false);
  end_init (&responder, 2, RTMFP_GROUP_X25519, false);
  initiator.policy.requires_hmac = true;
  g_assert_cmpint (start (&initiator, &responder), ==, RTMFP_OK);
  RtmfpBuffer weak = test_hex ("210d1f");
  RtmfpPrivateKey key;
  RtmfpPublicKey public_key;
  rtmfp_group_draw_private_key (RTMFP_GROUP_X25519, &responder.rng, &key);
  rtmfp_group_public_key (&key, &public_key);
  weak.data[0] = 0x22;
  rtmfp_buffer_append (&weak, rtmfp_bytes (public_key.bytes, public_key.size));
  g_assert_cmpint (rtmfp_keying_take_response (initiator.keying, rtmfp_buffer_bytes (&weak)), ==,
                   RTMFP_UNSUPPORTED);
  test_hex_append (&weak, "031a0410");
  g_assert_cmpint (rtmfp_keying_take_response (initiator.keying, rtmfp_buffer_bytes (&weak)), ==,
                   RTMFP_OK);
  rtmfp_buffer_clear (&weak);
  end_clear (&initiator);
  end_clear (&responder);
}

/* A secret that begins with a zero byte: both ends and an own computation give the same keys. */
static void
test_leading_zero (void) {
  End initiator, responder;
  RtmfpSharedSecret secret = {.size = 128};
  for (uint64_t seed = 0; seed < 10000 && secret.size == 128; seed++) {
    TestRng one = {1000}, two = {seed};
    RtmfpRng first = test_rng (&one), second = test_rng (&two);
    RtmfpPrivateKey a, b;
    RtmfpPublicKey public_b;
    rtmfp_group_draw_private_key (RTMFP_GROUP_2, &first, &a);
    rtmfp_group_draw_private_key (RTMFP_GROUP_2, &second, &b);
    rtmfp_group_public_key (&b, &public_b);
    g_assert_cmpint (
        rtmfp_group_shared_secret (&a, rtmfp_bytes (public_b.bytes, public_b.size), &secret), ==,
        RTMFP_OK);
    if (secret.size < 128) {
      end_init (&initiator, 1, RTMFP_GROUP_2, false);
      end_init (&responder, 2, RTMFP_GROUP_2, false);
      initiator.seeded.state = 1000; /* the next they draw are these private keys */
      responder.seeded.state = seed;
    }
  }
  g_assert_cmpuint (secret.size, <, 128);
  agree_and_check (&initiator, &responder);
  uint8_t nonce[32];
  rtmfp_hmac_sha256 (rtmfp_bytes (secret.bytes, secret.size),
                     rtmfp_keying_component (initiator.keying), nonce);
  test_assert_bytes (rtmfp_bytes (nonce, 32), rtmfp_bytes (initiator.keys.near_nonce, 32));
  end_clear (&initiator);
  end_clear (&responder);
}

static void
test_order_of_steps (void) {
  End initiator, responder;
  end_init (&initiator, 1, RTMFP_GROUP_X25519, false);
  end_init (&responder, 2, RTMFP_GROUP_X25519, false);
  RtmfpBytes certificate = responder.credentials.certificate.bytes;
  g_assert_cmpint (rtmfp_keying_new_initiator (&initiator.credentials, certificate,
                                               &initiator.policy, &initiator.rng,
                                               &initiator.keying),
                   ==, RTMFP_OK);
  g_assert_cmpuint (rtmfp_keying_component (initiator.keying).size, ==, 0);
  g_assert_cmpint (rtmfp_keying_keys (initiator.keying, &initiator.keys), ==, RTMFP_STATE);
  g_assert_cmpint (rtmfp_keying_take_response (initiator.keying, certificate), ==, RTMFP_STATE);
  rtmfp_keying_run (initiator.keying);
  g_assert_cmpint (rtmfp_keying_keys (initiator.keying, &initiator.keys), ==, RTMFP_STATE);
  RtmfpBuffer sent = {0};
  rtmfp_buffer_append (&sent, rtmfp_keying_component (initiator.keying));
  rtmfp_keying_run (initiator.keying); /* nothing to do */
  test_assert_bytes (rtmfp_buffer_bytes (&sent), rtmfp_keying_component (initiator.keying));
  rtmfp_buffer_clear (&sent);
  g_assert_cmpint (answer (&initiator, &responder), ==, RTMFP_OK);
  g_assert_cmpint (
      rtmfp_keying_take_response (responder.keying, rtmfp_keying_component (initiator.keying)), ==,
      RTMFP_STATE);

  /* A broken answer, then one that gives the zero secret, then the true one. */
  RtmfpBuffer zero = test_hex ("220d1f");
  memset (rtmfp_buffer_reserve (&zero, 32), 0, 32);
  zero.size += 32;
  g_assert_cmpint (rtmfp_keying_take_response (initiator.keying, rtmfp_bytes ("\x01", 1)), ==,
                   RTMFP_TRUNCATED);
  g_assert_cmpint (rtmfp_keying_take_response (initiator.keying, rtmfp_buffer_bytes (&zero)), ==,
                   RTMFP_OK);
  g_assert_cmpint (rtmfp_keying_take_response (initiator.keying, rtmfp_buffer_bytes (&zero)), ==,
                   RTMFP_STATE);
  rtmfp_keying_run (initiator.keying);
  g_assert_cmpint (rtmfp_keying_keys (initiator.keying, &initiator.keys), ==, RTMFP_MALFORMED);
  rtmfp_buffer_clear (&zero);
  g_assert_cmpint (finish (&initiator, &responder), ==, RTMFP_OK);
  assert_mirrored (&initiator.keys, &responder.keys);
  end_clear (&initiator);
  end_clear (&responder);
}

static RtmfpStatus
answer_to (End *responder, const char *certificate_hex, const char *component_hex) {
  RtmfpBuffer certificate = test_hex (certificate_hex), component = test_hex (component_hex);
  RtmfpKeying *keying = NULL;
  RtmfpStatus status = rtmfp_keying_new_responder (
      &responder->credentials, rtmfp_buffer_bytes (&certificate), rtmfp_buffer_bytes (&component),
      &responder->policy, &responder->rng, &keying);
  if (status == RTMFP_OK) {
    RtmfpSessionKeys keys;
    rtmfp_keying_run (keying);
    status = rtmfp_keying_keys (keying, &keys);
  }
  rtmfp_keying_free (keying);
  rtmfp_buffer_clear (&certificate);
  rtmfp_buffer_clear (&component);
  return status;
}

#define ZERO32 "0000000000000000000000000000000000000000000000000000000000000000"
#define NINE32 "0900000000000000000000000000000000000000000000000000000000000000"

static void
test_responder_refuses (void) {
  End responder;
  end_init (&responder, 2, RTMFP_GROUP_X25519 | RTMFP_GROUP_2, false);
  g_assert_cmpint (answer_to (&responder, "02151f", "220d1f" NINE32), ==, RTMFP_OK);
  g_assert_cmpint (answer_to (&responder, "02151f", "220d1f" ZERO32), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "02151f", "230d1f" NINE32), ==, RTMFP_TRUNCATED);
  g_assert_cmpint (answer_to (&responder, "02151f", "050d02000001"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "021502", "050d02000001"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "021502", "220d1f" NINE32), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "02150e", "050d0e000001"), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (answer_to (&responder, "02150f", "050d0f000001"), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (answer_to (&responder, "02151f", "021d1f"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "02151f", ""), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "", "220d1f" NINE32), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "221d1f" NINE32, "021d1f"), ==, RTMFP_OK);
  g_assert_cmpint (answer_to (&responder, "221d1f" NINE32, "220d1f" NINE32), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "221d1f" NINE32, "021d02"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (answer_to (&responder, "221d1f" NINE32 "021502", "021d1f"), ==, RTMFP_MALFORMED);
  responder.policy.requires_sequence = true;
  g_assert_cmpint (answer_to (&responder, "02151f", "220d1f" NINE32), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (answer_to (&responder, "02151f", "220d1f" NINE32 "021e02"), ==, RTMFP_OK);
  end_clear (&responder);
}

#define WRONG_GROUP "220d05" NINE32

/* The responder's answer must be of the same kind and group. */
static void
test_initiator_refuses (void) {
  static const char *wrong[] = {"", "021d1f", "050d02000001", WRONG_GROUP, "210d1f"};
  End initiator, responder;
  end_init (&initiator, 1, 0, false);
  end_init (&responder, 2, 0, false);
  g_assert_cmpint (start (&initiator, &responder), ==, RTMFP_OK);
  for (unsigned i = 0; i < G_N_ELEMENTS (wrong); i++) {
    RtmfpBuffer component = test_hex (wrong[i]);
    g_assert_cmpint (rtmfp_keying_take_response (initiator.keying, rtmfp_buffer_bytes (&component)),
                     !=, RTMFP_OK);
    rtmfp_buffer_clear (&component);
  }
  end_clear (&responder);
  rtmfp_keying_free (initiator.keying);
  initiator.keying = NULL;
  end_init (&responder, 2, RTMFP_GROUP_X25519, true);
  g_assert_cmpint (start (&initiator, &responder), ==, RTMFP_OK);
  RtmfpBuffer component = test_hex ("220d1f" NINE32);
  g_assert_cmpint (rtmfp_keying_take_response (initiator.keying, rtmfp_buffer_bytes (&component)),
                   ==, RTMFP_MALFORMED);
  rtmfp_buffer_clear (&component);
  end_clear (&initiator);
  end_clear (&responder);
}

/* A public key may come with leading zeros, more than a key of any group is long. */
static void
test_padded_public_key (void) {
  enum { PADDED = 700 };
  End responder;
  end_init (&responder, 2, RTMFP_GROUP_2, false);
  RtmfpPrivateKey key;
  RtmfpPublicKey public_key;
  rtmfp_group_draw_private_key (RTMFP_GROUP_2, &responder.rng, &key);
  rtmfp_group_public_key (&key, &public_key);
  uint8_t padded[PADDED] = {0}, space[RTMFP_COMPONENT_BYTES_MAX];
  memcpy (padded + PADDED - public_key.size, public_key.bytes, public_key.size);
  const RtmfpKeyingComponent says = {
      .has_ephemeral_key = true, .group_id = 2, .ephemeral_key = rtmfp_bytes (padded, PADDED)};
  /* The writer takes keys of our own size at most, so the option is put together here. */
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  g_assert_cmpint (rtmfp_keying_component_write (&writer, &says), ==, RTMFP_TRUNCATED);
  uint8_t value[PADDED + 1] = {2};
  memcpy (value + 1, padded, PADDED);
  g_assert_cmpint (
      rtmfp_write_option (&writer, RTMFP_KEYING_EPHEMERAL_KEY, rtmfp_bytes (value, sizeof value)),
      ==, RTMFP_OK);
  RtmfpBytes component = rtmfp_bytes (space, rtmfp_writer_size (&writer));
  RtmfpKeying *keying = NULL;
  g_assert_cmpint (rtmfp_keying_new_responder (&responder.credentials,
                                               responder.credentials.certificate.bytes, component,
                                               &responder.policy, &responder.rng, &keying),
                   ==, RTMFP_OK);
  rtmfp_keying_run (keying);
  RtmfpSessionKeys keys, expected = {0};
  g_assert_cmpint (rtmfp_keying_keys (keying, &keys), ==, RTMFP_OK);

  RtmfpKeyingComponent answer_says;
  RtmfpSharedSecret secret;
  g_assert_cmpint (rtmfp_keying_component_read (rtmfp_keying_component (keying), &answer_says), ==,
                   RTMFP_OK);
  g_assert_cmpint (rtmfp_group_shared_secret (&key, answer_says.ephemeral_key, &secret), ==,
                   RTMFP_OK);
  rtmfp_session_keys_derive (&expected, rtmfp_bytes (secret.bytes, secret.size), component,
                             rtmfp_keying_component (keying));
  expected.group = RTMFP_GROUP_2;
  assert_mirrored (&keys, &expected);
  rtmfp_session_keys_wipe (&keys);
  g_assert_cmpuint (keys.encrypt_key[0] | keys.far_nonce[31] | keys.group, ==, 0);
  rtmfp_keying_free (keying);
  end_clear (&responder);
}

static void
test_repeats (void) {
  RtmfpSessionKeys keys[2];
  for (int round = 0; round < 2; round++) {
    End initiator, responder;
    end_init (&initiator, 1, 0, false);
    end_init (&responder, 2, 0, false);
    agree_and_check (&initiator, &responder);
    keys[round] = initiator.keys;
    end_clear (&initiator);
    end_clear (&responder);
  }
  test_assert_bytes (rtmfp_bytes (keys[0].encrypt_key, 32), rtmfp_bytes (keys[1].encrypt_key, 32));
}

static gpointer
run_on_thread (gpointer keying) {
  rtmfp_keying_run (keying);
  return NULL;
}

static void
test_runs_on_threads (void) {
  enum { PAIRS = 8 };
  static End initiators[PAIRS], responders[PAIRS];
  GThread *threads[PAIRS];
  for (unsigned i = 0; i < PAIRS; i++) {
    end_init (&initiators[i], i + 1, 1u << i % RTMFP_GROUP_COUNT, false);
    end_init (&responders[i], i + 100, 0, false);
    g_assert_cmpint (rtmfp_keying_new_initiator (
                         &initiators[i].credentials, responders[i].credentials.certificate.bytes,
                         &initiators[i].policy, &initiators[i].rng, &initiators[i].keying),
                     ==, RTMFP_OK);
    threads[i] = g_thread_new ("keying", run_on_thread, initiators[i].keying);
  }
  for (unsigned i = 0; i < PAIRS; i++) {
    g_thread_join (threads[i]);
    g_assert_cmpint (answer (&initiators[i], &responders[i]), ==, RTMFP_OK);
    g_assert_cmpint (finish (&initiators[i], &responders[i]), ==, RTMFP_OK);
    assert_mirrored (&initiators[i].keys, &responders[i].keys);
    end_clear (&initiators[i]);
    end_clear (&responders[i]);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/keying/all-ways-groups-and-protections", test_all_ways);
  g_test_add_func ("/crypto/keying/what-is-sent", test_what_is_sent);
  g_test_add_func ("/crypto/keying/takes-the-strongest-common-group",
                   test_takes_the_strongest_common_group);
  g_test_add_func ("/crypto/keying/policies", test_policies);
  g_test_add_func ("/crypto/keying/aeads", test_aeads);
  g_test_add_func ("/crypto/keying/bad-aead-choice", test_bad_aead_choice);
  g_test_add_func ("/crypto/keying/stripped-aead-opens-nothing", test_stripped_aead);
  g_test_add_func ("/crypto/keying/features", test_features);
  g_test_add_func ("/crypto/keying/stripped-option-leaves-different-keys", test_stripped_option);
  g_test_add_func ("/crypto/keying/initiator-refuses-a-weak-answer",
                   test_initiator_refuses_a_weak_answer);
  g_test_add_func ("/crypto/keying/secret-with-a-leading-zero", test_leading_zero);
  g_test_add_func ("/crypto/keying/order-of-steps", test_order_of_steps);
  g_test_add_func ("/crypto/keying/responder-refuses", test_responder_refuses);
  g_test_add_func ("/crypto/keying/initiator-refuses", test_initiator_refuses);
  g_test_add_func ("/crypto/keying/padded-public-key", test_padded_public_key);
  g_test_add_func ("/crypto/keying/repeats-with-the-same-seed", test_repeats);
  g_test_add_func ("/crypto/keying/runs-on-threads", test_runs_on_threads);
  return g_test_run ();
}
