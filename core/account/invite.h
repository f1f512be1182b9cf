/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite as one line of text that may be mailed or read from a screen (URI syntax of RFC 3986):
 *
 *   ahoy:user@host[:port]?t=TOKEN&s=SERVER-KEY&k=INVITER-KEY
 *
 * t: 16 random bytes that the server knows, single use; s: the server's Ed25519 key, to be pinned
 * at the first sign-in; k: the inviter's key, to be pinned as a contact; all in base64url without
 * padding (RFC 4648 s5); r: a relay with a first
 * credential (core/account/relay.h), for networks that block UDP. Every parameter may be missing
 * (then it is a plain contact link), unknown ones are ignored, a known one that stands twice or is
 * not well formed refuses the whole. An invite whose user part is missing ("ahoy:host?...") invites
 * to create an account at that host. */
#ifndef AHOY_ACCOUNT_INVITE_H
#define AHOY_ACCOUNT_INVITE_H

#include "core/account/contact.h"
#include "core/account/name.h"
#include "core/account/relay.h"

#define AHOY_INVITE_TOKEN_SIZE 16
#define AHOY_INVITE_TEXT_SIZE (AHOY_INVITE_CHARS_MAX + 1)

typedef struct {
  AhoyName name; /* the inviter; user "" = only the host */
  bool has_token;
  uint8_t token[AHOY_INVITE_TOKEN_SIZE];
  bool has_server_key;
  AhoyKey server_key;
  bool has_inviter_key;
  AhoyKey inviter_key;
  AhoyRelayAccess relay; /* servers "" = none */
} AhoyInvite;

/* text: out, AHOY_INVITE_TEXT_SIZE bytes. */
void ahoy_invite_format (const AhoyInvite *invite, char *text);
/* Blanks around it are dropped; "ahoy:" may be in capitals. Returns: OK; MALFORMED; LIMIT (too
 * long). */
RTMFP_MUST_USE RtmfpStatus ahoy_invite_parse (const char *text, AhoyInvite *invite);

/* The token alone as text (22 characters and the end), for commands and stores. */
#define AHOY_INVITE_TOKEN_TEXT_SIZE 23
void ahoy_invite_token_format (const uint8_t token[AHOY_INVITE_TOKEN_SIZE], char *text);
/* Returns: OK; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus ahoy_invite_token_parse (const char *text,
                                                    uint8_t token[AHOY_INVITE_TOKEN_SIZE]);

#endif
