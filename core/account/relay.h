/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access to a relay (TURN): where it is, and a short-lived credential for it by the shared-secret
 * scheme that coturn knows (draft-uberti-behave-turn-rest-00 s2.2). */
#ifndef AHOY_ACCOUNT_RELAY_H
#define AHOY_ACCOUNT_RELAY_H

#include "core/base/bytes.h"

/* Relays, "host[:port]" each, one blank between them; with the end. */
#define AHOY_RELAY_SERVERS_SIZE 256
#define AHOY_RELAY_USERNAME_SIZE 64
#define AHOY_RELAY_PASSWORD_SIZE 64
#define AHOY_RELAY_KEY_SIZE 65
/* The ports of TURN, RFC 8656 s18.6: over UDP and TCP, over TLS. */
#define AHOY_RELAY_PORT_DEFAULT 3478
#define AHOY_RELAY_TLS_PORT_DEFAULT 5349
/* What most networks let out that let only TLS out. */
#define AHOY_RELAY_TLS_PORT_USUAL 443
/* How the relay tells whom it has before it: the realm of strangers
 * (draft-ietf-tram-stun-origin-06 s6.1). */
#define AHOY_RELAY_FIRST_ORIGIN "ahoy://first"

typedef struct {
  char servers[AHOY_RELAY_SERVERS_SIZE]; /* "" = there is none */
  char username[AHOY_RELAY_USERNAME_SIZE];
  char password[AHOY_RELAY_PASSWORD_SIZE];
  uint16_t tls_port; /* of each relay; 0 = none speaks TLS */
  /* SHA-256 of the SubjectPublicKeyInfo of their certificate, lower hexadecimal (as a pin of
   * RFC 7469 s2.4); "" = the certificate is for the relay's name, by an authority. */
  char tls_key[AHOY_RELAY_KEY_SIZE];
  bool is_first; /* the access that anybody has: no part of its text */
} AhoyRelayAccess;

/* "host[:port]" one to four times, printable, without what has a meaning in texts of access. */
bool ahoy_relay_servers_are_good (const char *servers);

/* A credential until until_s (Unix time, seconds) for whom: a text that the relay shall not know;
 * it sees a pseudonym under pseudonym_key, the same for each of their credentials. access: its
 * servers stay. */
void ahoy_relay_access_make (RtmfpBytes secret, RtmfpBytes pseudonym_key, const char *whom,
                             int64_t until_s, AhoyRelayAccess *access);

/* What anybody may try who has no access yet: a relay on the server's own host, at the usual ports,
 * that lets strangers reach that server and nobody else (docs/decisions/0014). host: as in
 * AhoyName. */
void ahoy_relay_access_first (const char *host, AhoyRelayAccess *access);

/* "" or 64 digits of lower hexadecimal. */
bool ahoy_relay_tls_key_is_good (const char *key);

/* One line, as in an invite: servers, user name, password, and where there is TLS its port and key;
 * base64url (RFC 4648 s5). */
#define AHOY_RELAY_TEXT_SIZE 608
void ahoy_relay_access_format (const AhoyRelayAccess *access, char text[AHOY_RELAY_TEXT_SIZE]);
/* chars of text. Returns: OK; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus ahoy_relay_access_parse (const char *text, size_t chars,
                                                    AhoyRelayAccess *access);

#endif
