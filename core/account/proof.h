/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first message each way in a session: which key speaks, proven for this session and no other.
 *
 * A proof is bytes: u8 version (1), then fields of u8 tag, u16 length, value; tags ascend, unknown
 * tags are skipped, a tag that is missing or of a wrong length is MALFORMED. 1 features   u32
 * AHOY_FEATURE_*; unknown bits are ignored 2 side       u8    AhoySide of the sender 3 key 32
 * Ed25519 public key 4 signature  64    by that key over: "ahoy proof 1" NUL, u8 side, u8 role (1
 * initiator, 2 responder), u32 features, key, 32 transcript hash, 32 nonce near the signer, 32
 * nonce far from it The transcript hash is SHA-256 over initiator certificate, responder
 * certificate, initiator's and responder's session key component, each behind its length as u32. */
#ifndef AHOY_ACCOUNT_PROOF_H
#define AHOY_ACCOUNT_PROOF_H

#include "core/account/identity.h"
#include "core/account/params.h"
#include "core/base/buffer.h"

#define AHOY_PROOF_VERSION 1
#define AHOY_NONCE_SIZE 32 /* RFC 7425 s4.6.3 */

/* What a program can do; sent in its proof. None is defined yet: version 1 is the ground that all
 * share. */
enum { AHOY_FEATURES_NONE = 0 };

typedef enum {
  AHOY_SIDE_SERVER = 1, /* ahoyd, to clients */
  AHOY_SIDE_CLIENT = 2, /* a person's program, to ahoyd */
  AHOY_SIDE_PEER = 3,   /* a person's program, to another's */
} AhoySide;

/* What both ends know of one session and nobody else's session shares. The five byte strings and
 * the two nonces are the fields of that name in RtmfpSessionInfo. */
typedef struct {
  bool initiator;
  RtmfpBytes initiator_certificate;
  RtmfpBytes responder_certificate;
  RtmfpBytes initiator_component;
  RtmfpBytes responder_component;
  const uint8_t *near_nonce; /* AHOY_NONCE_SIZE bytes */
  const uint8_t *far_nonce;
} AhoyBindingInput;

/* The same, digested: may be kept as long as one likes. */
typedef struct {
  bool initiator; /* our role in the handshake */
  uint8_t transcript[AHOY_HASH_SIZE];
  uint8_t near_nonce[AHOY_NONCE_SIZE];
  uint8_t far_nonce[AHOY_NONCE_SIZE];
} AhoyBinding;

void ahoy_binding_make (const AhoyBindingInput *input, AhoyBinding *binding);

/* A proof as read; not yet believed. */
typedef struct {
  uint8_t version;
  uint32_t features;
  AhoySide side;
  AhoyKey key;
  AhoySignature signature;
} AhoyProof;

/* Appends our proof to out. */
void ahoy_proof_write (const AhoyIdentity *identity, AhoySide side, uint32_t features,
                       const AhoyBinding *binding, RtmfpBuffer *out);
/* Returns: OK; TRUNCATED; MALFORMED; UNSUPPORTED (a version we do not know); LIMIT (too long). */
RTMFP_MUST_USE RtmfpStatus ahoy_proof_read (RtmfpBytes bytes, AhoyProof *proof);
/* Is it the far side's, of that side, and for this session? Returns: OK; AUTH. */
RTMFP_MUST_USE RtmfpStatus ahoy_proof_verify (const AhoyProof *proof, AhoySide side,
                                              const AhoyBinding *binding);

/* A signature for one purpose in one session, so that it means nothing elsewhere: over "ahoy bound
 * 1" NUL, purpose NUL, subject NUL, role of the signer, transcript hash and both nonces. purpose is
 * a constant such as AHOY_PURPOSE_SIGN_IN; subject the user's name it is about. */
#define AHOY_PURPOSE_SIGN_IN "sign in"
#define AHOY_PURPOSE_CREATE "create account"
void ahoy_binding_sign (const AhoyBinding *binding, const AhoyIdentity *identity,
                        const char *purpose, const char *subject, AhoySignature *signature);
/* What the far side signed. Returns: OK; AUTH. */
RTMFP_MUST_USE RtmfpStatus ahoy_binding_verify (const AhoyBinding *binding, const AhoyKey *key,
                                                const char *purpose, const char *subject,
                                                const AhoySignature *signature);

/* ---- The greeting: who may speak when, and what is taken. ---- */

typedef enum {
  AHOY_GREETING_OK = 0,
  AHOY_GREETING_JUNK,    /* not a proof */
  AHOY_GREETING_VERSION, /* a version we do not know */
  AHOY_GREETING_FORGED,  /* the signature does not hold for this session: somebody sits between */
  AHOY_GREETING_KEY_CHANGED, /* a true proof, of another key than the pinned one */
  AHOY_GREETING_TOO_MANY,    /* more proofs than a client may send, or a second one of others */
} AhoyGreetingFault;

typedef struct {
  AhoySide near_side;
  AhoySide far_side;
  AhoyBinding binding;
  bool has_expected;
  AhoyKey expected;  /* the pinned key of the far side */
  unsigned sent;     /* proofs of ours that went out */
  unsigned received; /* proofs taken from the far side */
  AhoyKey far_key;   /* meaningful while received > 0: the newest proven key */
  uint32_t far_features;
  AhoyGreetingFault fault; /* once set it stays: close the session */
} AhoyGreeting;

/* near_side PEER talks to PEER, CLIENT to SERVER, SERVER to CLIENT.
 * expected: the far side's pinned key (copied), or NULL when there is none yet. */
void ahoy_greeting_init (AhoyGreeting *greeting, AhoySide near_side, const AhoyBinding *binding,
                         const AhoyKey *expected);
/* A server and a peer speak at once; a client after the server's proof was taken. */
bool ahoy_greeting_may_send (const AhoyGreeting *greeting);
/* Appends a proof of identity to out. A client may do so again with another key (first a fresh
 * anonymous one on a new device, then its own). Returns: OK; STATE (not yet, or after a fault);
 * LIMIT. */
RTMFP_MUST_USE RtmfpStatus ahoy_greeting_send (AhoyGreeting *greeting, const AhoyIdentity *identity,
                                               uint32_t features, RtmfpBuffer *out);
/* Takes the far side's proof. Returns: OK; AUTH, MALFORMED, UNSUPPORTED or LIMIT with
 * greeting->fault set; STATE after an earlier fault. With KEY_CHANGED far_key is the new key, so
 * that it can be shown. */
RTMFP_MUST_USE RtmfpStatus ahoy_greeting_receive (AhoyGreeting *greeting, RtmfpBytes bytes);
/* Both ways done: other messages may be sent and taken now. */
bool ahoy_greeting_is_done (const AhoyGreeting *greeting);
/* One sentence for a person (or for the far side as an error's description). */
const char *ahoy_greeting_fault_text (AhoyGreetingFault fault);

#endif
