/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access to a relay: made by the server, carried as text. */
#include "core/account/relay.h"

#include "core/account/primitives.h"
#include "core/account/text.h"

#include <stdio.h>
#include <string.h>

#define SERVERS_MAX 4
#define PLAIN_MAX 480

static bool
is_server_char (char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == ':' || c == '[' || c == ']';
}

bool
ahoy_relay_servers_are_good (const char *servers) {
  size_t count = 1, chars = 0;
  for (const char *at = servers; *at != '\0'; at++) {
    if (*at == ' ') {
      if (chars == 0 || ++count > SERVERS_MAX) {
        return false;
      }
      chars = 0;
    } else if (!is_server_char (*at)) {
      return false;
    } else {
      chars++;
    }
  }
  return chars > 0 && strlen (servers) < AHOY_RELAY_SERVERS_SIZE;
}

bool
ahoy_relay_tls_key_is_good (const char *key) {
  const size_t chars = strspn (key, "0123456789abcdef");
  return key[chars] == '\0' && (chars == 0 || chars == AHOY_RELAY_KEY_SIZE - 1);
}

static void
base64_write (const uint8_t *bytes, size_t size, char *text) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < size; i += 3) {
    const size_t rest = size - i < 3 ? size - i : 3;
    uint32_t group = (uint32_t)bytes[i] << 16;
    group |= rest > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
    group |= rest > 2 ? bytes[i + 2] : 0;
    for (size_t k = 0; k < 4; k++) {
      *text++ = k <= rest ? letters[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  *text = '\0';
}

void
ahoy_relay_access_make (RtmfpBytes secret, RtmfpBytes pseudonym_key, const char *whom,
                        int64_t until_s, AhoyRelayAccess *access) {
  uint8_t pseudonym[32], mac[20];
  char text[17];
  ahoy_hmac_sha256 (pseudonym_key, rtmfp_bytes (whom, strlen (whom)), pseudonym);
  ahoy_hex_write (rtmfp_bytes (pseudonym, 8), text);
  snprintf (access->username, sizeof access->username, "%lld:%s", (long long)until_s, text);
  ahoy_hmac_sha1 (secret, rtmfp_bytes (access->username, strlen (access->username)), mac);
  base64_write (mac, sizeof mac, access->password);
}

void
ahoy_relay_access_first (const char *host, AhoyRelayAccess *access) {
  static const char secret[] = "ahoy first contact", name[] = "2147483647:first";
  uint8_t mac[20];
  memset (access, 0, sizeof *access);
  snprintf (access->servers, sizeof access->servers,
            strchr (host, ':') != NULL ? "[%.250s]" : "%.253s", host);
  strcpy (access->username, name);
  ahoy_hmac_sha1 (rtmfp_bytes (secret, sizeof secret - 1), rtmfp_bytes (name, sizeof name - 1),
                  mac);
  base64_write (mac, sizeof mac, access->password);
  access->tls_port = AHOY_RELAY_TLS_PORT_USUAL;
  access->is_first = true;
}

/* ---- As text ---- */

void
ahoy_relay_access_format (const AhoyRelayAccess *access, char text[AHOY_RELAY_TEXT_SIZE]) {
  char plain[PLAIN_MAX];
  int size = snprintf (plain, sizeof plain, "%s|%s|%s", access->servers, access->username,
                       access->password);
  if (access->tls_port != 0) {
    size += snprintf (plain + size, sizeof plain - (size_t)size, "|%u%s%s", access->tls_port,
                      access->tls_key[0] != '\0' ? "|" : "", access->tls_key);
  }
  ahoy_base64url_write (rtmfp_bytes (plain, size < PLAIN_MAX ? (size_t)size : PLAIN_MAX - 1), text);
}

/* Up to the next mark, printable ASCII. */
static bool
take_word (const char **at, char *word, size_t capacity) {
  size_t size = 0;
  while (**at != '\0' && **at != '|') {
    if (**at < ' ' || **at > '~' || size + 1 >= capacity) {
      return false;
    }
    word[size++] = *(*at)++;
  }
  word[size] = '\0';
  if (**at == '|') {
    (*at)++;
  }
  return size > 0;
}

/* What may follow the password: the port of TLS, then its key. */
static bool
take_tls (const char *at, AhoyRelayAccess *access) {
  char port[6];
  access->tls_port = 0;
  access->tls_key[0] = '\0';
  if (*at == '\0') {
    return true;
  }
  unsigned long number = 0;
  if (!take_word (&at, port, sizeof port)) {
    return false;
  }
  for (const char *digit = port; *digit != '\0'; digit++) {
    number = *digit >= '0' && *digit <= '9' ? 10 * number + (unsigned long)(*digit - '0') : 65536;
    if (number > 65535) {
      return false;
    }
  }
  access->tls_port = (uint16_t)number;
  return number > 0 &&
         (*at == '\0' ||
          (take_word (&at, access->tls_key, sizeof access->tls_key) && *at == '\0')) &&
         ahoy_relay_tls_key_is_good (access->tls_key);
}

static int
value_of (char c) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const char *found = c != '\0' ? strchr (letters, c) : NULL;
  return found != NULL ? (int)(found - letters) : -1;
}

/* The bytes of text and a NUL. Returns: whether it is base64url. */
static bool
decode (const char *text, size_t chars, char plain[PLAIN_MAX]) {
  uint32_t group = 0;
  size_t size = 0, bits = 0;
  if (chars % 4 == 1 || chars / 4 * 3 + 3 >= PLAIN_MAX) {
    return false;
  }
  for (size_t i = 0; i < chars; i++) {
    const int value = value_of (text[i]);
    if (value < 0) {
      return false;
    }
    group = (group << 6 | (uint32_t)value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      plain[size++] = (char)(group >> bits & 0xff);
    }
  }
  plain[size] = '\0';
  return strlen (plain) == size;
}

RtmfpStatus
ahoy_relay_access_parse (const char *text, size_t chars, AhoyRelayAccess *access) {
  char plain[PLAIN_MAX];
  AhoyRelayAccess read = {.servers = ""};
  const char *at = plain;
  if (!decode (text, chars, plain) || !take_word (&at, read.servers, sizeof read.servers) ||
      !take_word (&at, read.username, sizeof read.username) ||
      !take_word (&at, read.password, sizeof read.password) || !take_tls (at, &read) ||
      !ahoy_relay_servers_are_good (read.servers)) {
    return RTMFP_MALFORMED;
  }
  *access = read;
  return RTMFP_OK;
}
