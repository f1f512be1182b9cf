/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/keying.h"

#include "core/base/memory.h"
#include "core/crypto/params.h"
#include "core/crypto/primitives.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
  STATE_NEW,      /* the first run is missing */
  STATE_OFFERED,  /* initiator: our component is ready, theirs is missing */
  STATE_ANSWERED, /* initiator: their component was taken, the second run is missing */
  STATE_AGREED,   /* keys are ready */
  STATE_REFUSED,  /* the last run gave no usable secret */
} State;

/* What is secret stands in front, for rtmfp_keying_free. */
struct RtmfpKeying {
  RtmfpPrivateKey private_key; /* of this session, until pair is made of it */
  RtmfpSessionKeys keys;
  State state;
  bool initiator;
  bool near_static;
  bool far_static;
  bool requires_hmac;
  bool requires_sequence;
  uint32_t group;
  uint32_t far_aeads; /* of its certificate */
  RtmfpAead aead;     /* chosen */
  RtmfpKeyPair *pair; /* (owned) of this session, or of the static key */
  RtmfpPublicKey far_key;
  RtmfpKeyingComponent near_says; /* its slices are set only while it is written */
  RtmfpKeyingComponent far_says;  /* its slices are never used */
  uint8_t randomness[RTMFP_COMPONENT_RANDOMNESS_BYTES]; /* beside a static key */
  size_t near_size;
  size_t far_size;
  uint8_t near_component[RTMFP_COMPONENT_BYTES_MAX];
  uint8_t far_component[RTMFP_COMPONENT_BYTES_MAX];
};

static RtmfpNegotiation
negotiation_of (bool requires, bool offers) {
  return (RtmfpNegotiation){
      .sends_always = requires, .sends_on_request = requires || offers, .requests = requires};
}

/* Everything but the group and the keys. */
static RtmfpKeying *
new_keying (const RtmfpCredentials *credentials, const RtmfpKeyingPolicy *policy) {
  RtmfpKeying *keying = RTMFP_NEW (RtmfpKeying);
  keying->near_static = credentials->certificate.uses_static_keys;
  keying->requires_hmac = policy->requires_hmac;
  keying->requires_sequence = policy->requires_sequence;
  keying->near_says.hmac = negotiation_of (policy->requires_hmac, policy->offers_hmac);
  keying->near_says.features = policy->features;
  keying->near_says.aeads = policy->aeads & RTMFP_AEAD_ALL;
  keying->near_says.preferred_aead = policy->preferred_aead & policy->aeads & RTMFP_AEAD_ALL;
  keying->near_says.sequence = negotiation_of (policy->requires_sequence, policy->offers_sequence);
  if (keying->near_says.hmac.sends_on_request) {
    uint8_t bytes = policy->hmac_bytes != 0 ? policy->hmac_bytes : RTMFP_HMAC_BYTES_DEFAULT;
    assert (bytes >= 4 && bytes <= RTMFP_HMAC_SIZE);
    keying->near_says.hmac.hmac_bytes = bytes;
  }
  return keying;
}

static uint32_t
groups_of (const RtmfpCertificate *certificate) {
  return certificate->uses_static_keys ? certificate->static_groups : certificate->ephemeral_groups;
}

static RtmfpStatus
take_far_key (RtmfpKeying *keying, RtmfpBytes key) {
  RtmfpStatus status = rtmfp_group_check_public_key (keying->group, key);
  if (status != RTMFP_OK) {
    return status;
  }
  while (key.size > RTMFP_PUBLIC_KEY_SIZE_MAX) {
    assert (key.data[0] == 0); /* the check lets longer ones pass only for their leading zeros */
    key.data++;
    key.size--;
  }
  keying->far_key.size = (uint16_t)key.size;
  memcpy (keying->far_key.bytes, key.data, key.size);
  return RTMFP_OK;
}

static void
prepare_near_key (RtmfpKeying *keying, const RtmfpCredentials *credentials, const RtmfpRng *rng) {
  if (keying->near_static) {
    const unsigned index = rtmfp_group_index (keying->group);
    keying->pair = rtmfp_key_pair_new_known (&credentials->static_private_keys[index],
                                             credentials->certificate.static_keys[index]);
    rtmfp_rng_fill (rng, keying->randomness, sizeof keying->randomness);
  } else {
    rtmfp_group_draw_private_key (keying->group, rng, &keying->private_key);
  }
}

static RtmfpStatus
finish_new (RtmfpKeying *keying, RtmfpStatus status, RtmfpKeying **out) {
  if (status == RTMFP_OK) {
    *out = keying;
  } else {
    rtmfp_keying_free (keying);
  }
  return status;
}

RtmfpStatus
rtmfp_keying_new_initiator (const RtmfpCredentials *credentials, RtmfpBytes far_certificate,
                            const RtmfpKeyingPolicy *policy, const RtmfpRng *rng,
                            RtmfpKeying **keying) {
  RtmfpCertificate far_end;
  RtmfpStatus status = rtmfp_certificate_read (far_certificate, &far_end);
  if (status != RTMFP_OK) {
    return status;
  }
  uint32_t group =
      rtmfp_group_strongest (groups_of (&credentials->certificate) & groups_of (&far_end));
  if (group == 0) {
    return RTMFP_UNSUPPORTED;
  }
  RtmfpKeying *result = new_keying (credentials, policy);
  result->initiator = true;
  result->group = group;
  result->far_static = far_end.uses_static_keys;
  result->far_aeads = far_end.aeads;
  if (result->far_static) {
    status = take_far_key (result, far_end.static_keys[rtmfp_group_index (group)]);
  }
  if (status == RTMFP_OK) {
    prepare_near_key (result, credentials, rng);
  }
  return finish_new (result, status, keying);
}

/* Responder: of those that both have, the one that either prefers (the initiator first), else the
 * lowest bit. Source: docs/protocol.md, "AEAD". */
static void
choose_aead (RtmfpKeying *keying, const RtmfpCertificate *far_end,
             const RtmfpKeyingComponent *far_says) {
  const uint32_t both = keying->near_says.aeads & far_end->aeads & far_says->aeads;
  uint32_t among = both & far_says->preferred_aead;
  among = among != 0 ? among : both & keying->near_says.preferred_aead;
  among = among != 0 ? among : both;
  keying->aead = (RtmfpAead)(among & (~among + 1));
  keying->near_says.aeads = keying->aead;
  keying->near_says.preferred_aead = 0;
}

/* Initiator: a responder whose certificate has a cipher of ours must have chosen one of them. */
static RtmfpStatus
take_chosen_aead (RtmfpKeying *keying, const RtmfpKeyingComponent *far_says) {
  const uint32_t both = keying->near_says.aeads & keying->far_aeads, chosen = far_says->aeads;
  if (chosen == 0) {
    keying->aead = RTMFP_AEAD_NONE;
    return both == 0 ? RTMFP_OK : RTMFP_UNSUPPORTED;
  }
  if ((chosen & both) != chosen || (chosen & (chosen - 1)) != 0) {
    return RTMFP_MALFORMED;
  }
  keying->aead = (RtmfpAead)chosen;
  return RTMFP_OK;
}

/* Whether the far end will send what we require. Source: RFC 7425 s4.6.4, s4.6.6. */
static RtmfpStatus
check_required (const RtmfpKeying *keying, const RtmfpKeyingComponent *far_says) {
  if (keying->aead != RTMFP_AEAD_NONE) {
    return RTMFP_OK; /* it is both */
  }
  bool hmac = rtmfp_negotiation_sends (&far_says->hmac, &keying->near_says.hmac);
  bool sequence = rtmfp_negotiation_sends (&far_says->sequence, &keying->near_says.sequence);
  bool missing = (keying->requires_hmac && !hmac) || (keying->requires_sequence && !sequence);
  return missing ? RTMFP_UNSUPPORTED : RTMFP_OK;
}

static RtmfpStatus
copy_far_component (RtmfpKeying *keying, RtmfpBytes bytes, const RtmfpKeyingComponent *says) {
  if (bytes.size > sizeof keying->far_component) {
    return RTMFP_LIMIT;
  }
  if (bytes.size > 0) {
    memcpy (keying->far_component, bytes.data, bytes.size);
  }
  keying->far_size = bytes.size;
  keying->far_says = *says;
  return RTMFP_OK;
}

/* Which key the initiator means, by its certificate and its component. Source: RFC 7425 s4.6.1. */
static RtmfpStatus
take_initiator_key (RtmfpKeying *keying, const RtmfpCredentials *credentials,
                    const RtmfpCertificate *far_end, const RtmfpKeyingComponent *says) {
  bool fits = far_end->uses_static_keys ? says->has_group_select : says->has_ephemeral_key;
  if (!fits) {
    return RTMFP_MALFORMED;
  }
  keying->group = rtmfp_group_from_id (says->group_id);
  if ((groups_of (&credentials->certificate) & keying->group) == 0) {
    return RTMFP_UNSUPPORTED;
  }
  if ((groups_of (far_end) & keying->group) == 0) {
    return RTMFP_MALFORMED;
  }
  return take_far_key (keying, far_end->uses_static_keys
                                   ? far_end->static_keys[rtmfp_group_index (keying->group)]
                                   : says->ephemeral_key);
}

RtmfpStatus
rtmfp_keying_new_responder (const RtmfpCredentials *credentials, RtmfpBytes far_certificate,
                            RtmfpBytes far_component, const RtmfpKeyingPolicy *policy,
                            const RtmfpRng *rng, RtmfpKeying **keying) {
  RtmfpCertificate far_end;
  RtmfpKeyingComponent says;
  RtmfpStatus status = rtmfp_certificate_read (far_certificate, &far_end);
  if (status == RTMFP_OK) {
    status = rtmfp_keying_component_read (far_component, &says);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpKeying *result = new_keying (credentials, policy);
  result->far_static = far_end.uses_static_keys;
  status = take_initiator_key (result, credentials, &far_end, &says);
  if (status == RTMFP_OK) {
    choose_aead (result, &far_end, &says);
    status = check_required (result, &says);
  }
  if (status == RTMFP_OK) {
    status = copy_far_component (result, far_component, &says);
  }
  if (status == RTMFP_OK) {
    prepare_near_key (result, credentials, rng);
  }
  return finish_new (result, status, keying);
}

/* Source: RFC 7425 s4.6.1. */
static void
make_component (RtmfpKeying *keying) {
  RtmfpKeyingComponent says = keying->near_says;
  says.group_id = rtmfp_group_id (keying->group);
  if (keying->near_static) {
    says.has_group_select = keying->initiator;
    says.extra_randomness = rtmfp_bytes (keying->randomness, sizeof keying->randomness);
  } else {
    if (keying->pair == NULL) {
      keying->pair = rtmfp_key_pair_new (&keying->private_key);
    }
    rtmfp_secret_wipe (&keying->private_key, sizeof keying->private_key);
    const RtmfpPublicKey *public_key = rtmfp_key_pair_public_key (keying->pair);
    says.has_ephemeral_key = true;
    says.ephemeral_key = rtmfp_bytes (public_key->bytes, public_key->size);
  }
  RtmfpWriter writer = rtmfp_writer (keying->near_component, sizeof keying->near_component);
  RtmfpStatus status = rtmfp_keying_component_write (&writer, &says);
  rtmfp_crypto_must (status == RTMFP_OK, "own keying component");
  keying->near_size = rtmfp_writer_size (&writer);
}

static void
agree (RtmfpKeying *keying) {
  RtmfpSharedSecret secret;
  RtmfpStatus status = rtmfp_key_pair_shared_secret (
      keying->pair, rtmfp_bytes (keying->far_key.bytes, keying->far_key.size), &secret);
  if (status != RTMFP_OK) {
    keying->state = STATE_REFUSED;
    return;
  }
  rtmfp_session_keys_derive (&keying->keys, rtmfp_bytes (secret.bytes, secret.size),
                             rtmfp_bytes (keying->near_component, keying->near_size),
                             rtmfp_bytes (keying->far_component, keying->far_size));
  rtmfp_secret_wipe (secret.bytes, secret.size);
  rtmfp_session_keys_derive_aead (&keying->keys, keying->aead);
  rtmfp_session_keys_negotiate (&keying->keys, &keying->near_says, &keying->far_says);
  keying->keys.group = keying->group;
  keying->state = STATE_AGREED;
}

uint32_t
rtmfp_keying_group (const RtmfpKeying *keying) {
  return keying->group;
}

bool
rtmfp_keying_wants_pair (const RtmfpKeying *keying) {
  return keying->state == STATE_NEW && keying->pair == NULL;
}

void
rtmfp_keying_give_pair (RtmfpKeying *keying, RtmfpKeyPair *pair) {
  assert (rtmfp_keying_wants_pair (keying) && rtmfp_key_pair_group (pair) == keying->group);
  keying->pair = pair;
}

void
rtmfp_keying_run (RtmfpKeying *keying) {
  if (keying->state == STATE_NEW) {
    make_component (keying);
    if (keying->initiator) {
      keying->state = STATE_OFFERED;
    } else {
      agree (keying);
    }
  } else if (keying->state == STATE_ANSWERED) {
    agree (keying);
  }
}

RtmfpBytes
rtmfp_keying_component (const RtmfpKeying *keying) {
  return rtmfp_bytes (keying->near_component, keying->near_size);
}

/* Source: RFC 7425 s4.6.1. */
static RtmfpStatus
take_responder_key (RtmfpKeying *keying, const RtmfpKeyingComponent *says) {
  if (keying->far_static) {
    return says->has_ephemeral_key ? RTMFP_MALFORMED : RTMFP_OK;
  }
  if (!says->has_ephemeral_key || rtmfp_group_from_id (says->group_id) != keying->group) {
    return RTMFP_MALFORMED;
  }
  return take_far_key (keying, says->ephemeral_key);
}

RtmfpStatus
rtmfp_keying_take_response (RtmfpKeying *keying, RtmfpBytes far_component) {
  if (!keying->initiator || keying->state != STATE_OFFERED) {
    return RTMFP_STATE;
  }
  RtmfpKeyingComponent says;
  RtmfpStatus status = rtmfp_keying_component_read (far_component, &says);
  if (status == RTMFP_OK) {
    status = take_chosen_aead (keying, &says);
  }
  if (status == RTMFP_OK) {
    status = check_required (keying, &says);
  }
  if (status == RTMFP_OK) {
    status = take_responder_key (keying, &says);
  }
  if (status == RTMFP_OK) {
    status = copy_far_component (keying, far_component, &says);
  }
  if (status == RTMFP_OK) {
    keying->state = STATE_ANSWERED;
  }
  return status;
}

RtmfpStatus
rtmfp_keying_keys (RtmfpKeying *keying, RtmfpSessionKeys *keys) {
  if (keying->state != STATE_AGREED && keying->state != STATE_REFUSED) {
    return RTMFP_STATE;
  }
  RtmfpStatus status = keying->state == STATE_AGREED ? RTMFP_OK : RTMFP_MALFORMED;
  if (status == RTMFP_OK) {
    *keys = keying->keys;
  }
  if (keying->initiator) {
    keying->state = STATE_OFFERED;
  }
  return status;
}

void
rtmfp_keying_free (RtmfpKeying *keying) {
  if (keying != NULL) {
    rtmfp_key_pair_free (keying->pair);
    rtmfp_secret_wipe (keying, offsetof (RtmfpKeying, state)); /* the rest was sent in clear */
    free (keying);
  }
}
