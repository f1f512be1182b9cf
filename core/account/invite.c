/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite as one line of text (URI syntax of RFC 3986). */
#include "core/account/invite.h"

#include "core/account/text.h"

#include <stdio.h>
#include <string.h>

#define SCHEME "ahoy:"

static void
append_parameter (char **at, char *mark, char letter, const uint8_t *bytes, size_t size) {
  *(*at)++ = *mark;
  *(*at)++ = letter;
  *(*at)++ = '=';
  ahoy_base64url_write (rtmfp_bytes (bytes, size), *at);
  *at += AHOY_BASE64URL_CHARS (size);
  *mark = '&';
}

void
ahoy_invite_format (const AhoyInvite *invite, char *text) {
  char *at = text;
  char mark = '?';
  memcpy (at, SCHEME, sizeof SCHEME);
  at += sizeof SCHEME - 1;
  ahoy_name_format (&invite->name, at);
  at += strlen (at);
  if (invite->has_token) {
    append_parameter (&at, &mark, 't', invite->token, AHOY_INVITE_TOKEN_SIZE);
  }
  if (invite->has_server_key) {
    append_parameter (&at, &mark, 's', invite->server_key.bytes, AHOY_KEY_SIZE);
  }
  if (invite->has_inviter_key) {
    append_parameter (&at, &mark, 'k', invite->inviter_key.bytes, AHOY_KEY_SIZE);
  }
  if (invite->relay.servers[0] != '\0') {
    *at++ = mark;
    *at++ = 'r';
    *at++ = '=';
    ahoy_relay_access_format (&invite->relay, at);
  }
}

/* One known parameter, which may stand once. */
static RtmfpStatus
take_parameter (bool *has, uint8_t *out, size_t size, const char *value, size_t chars) {
  if (*has) {
    return RTMFP_MALFORMED;
  }
  *has = true;
  return ahoy_base64url_read (value, chars, out, size);
}

/* `x=value`; an unknown x is ignored. */
static RtmfpStatus
read_parameter (AhoyInvite *invite, const char *text, size_t chars) {
  if (chars < 2 || text[1] != '=') {
    return RTMFP_OK;
  }
  const char *value = text + 2;
  switch (text[0]) {
  case 't':
    return take_parameter (&invite->has_token, invite->token, AHOY_INVITE_TOKEN_SIZE, value,
                           chars - 2);
  case 's':
    return take_parameter (&invite->has_server_key, invite->server_key.bytes, AHOY_KEY_SIZE, value,
                           chars - 2);
  case 'k':
    return take_parameter (&invite->has_inviter_key, invite->inviter_key.bytes, AHOY_KEY_SIZE,
                           value, chars - 2);
  case 'r':
    return invite->relay.servers[0] != '\0'
               ? RTMFP_MALFORMED
               : ahoy_relay_access_parse (value, chars - 2, &invite->relay);
  default:
    return RTMFP_OK;
  }
}

static RtmfpStatus
read_query (AhoyInvite *invite, const char *query) {
  for (;;) {
    size_t chars = strcspn (query, "&");
    RtmfpStatus status = read_parameter (invite, query, chars);
    if (status != RTMFP_OK) {
      return status;
    }
    if (query[chars] == '\0') {
      return RTMFP_OK;
    }
    query += chars + 1;
  }
}

/* Only what may stand in a URI's query (RFC 3986 s3.4). */
static bool
is_query (const char *query) {
  static const char marks[] = "-._~!$&'()*+,;=:@/?%";
  for (; *query != '\0'; query++) {
    bool plain = (*query >= 'a' && *query <= 'z') || (*query >= 'A' && *query <= 'Z') ||
                 (*query >= '0' && *query <= '9');
    if (!plain && strchr (marks, *query) == NULL) {
      return false;
    }
  }
  return true;
}

static bool
has_scheme (const char *text) {
  for (size_t i = 0; i < sizeof SCHEME - 1; i++) {
    char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    if (c != SCHEME[i]) {
      return false;
    }
  }
  return true;
}

/* Copies text without the blanks around it. Returns: OK; LIMIT. */
static RtmfpStatus
tidy (const char *text, char copy[AHOY_INVITE_TEXT_SIZE]) {
  static const char blanks[] = " \t\r\n";
  text += strspn (text, blanks);
  size_t size = ahoy_text_size (text, AHOY_INVITE_TEXT_SIZE);
  while (size > 0 && strchr (blanks, text[size - 1]) != NULL) {
    size--;
  }
  if (size > AHOY_INVITE_CHARS_MAX) {
    return RTMFP_LIMIT;
  }
  memcpy (copy, text, size);
  copy[size] = '\0';
  return RTMFP_OK;
}

RtmfpStatus
ahoy_invite_parse (const char *text, AhoyInvite *invite) {
  char copy[AHOY_INVITE_TEXT_SIZE];
  RtmfpStatus status = tidy (text, copy);
  if (status != RTMFP_OK) {
    return status;
  }
  if (!has_scheme (copy)) {
    return RTMFP_MALFORMED;
  }
  AhoyInvite read = {.has_token = false};
  char *name = copy + sizeof SCHEME - 1;
  char *query = strchr (name, '?');
  if (query != NULL) {
    *query++ = '\0';
    if (!is_query (query)) {
      return RTMFP_MALFORMED;
    }
  }
  status = strchr (name, '@') != NULL ? ahoy_name_parse (name, &read.name)
                                      : ahoy_name_parse_host (name, &read.name);
  if (status == RTMFP_OK && query != NULL) {
    status = read_query (&read, query);
  }
  if (status == RTMFP_OK) {
    *invite = read;
  }
  return status;
}

void
ahoy_invite_token_format (const uint8_t token[AHOY_INVITE_TOKEN_SIZE], char *text) {
  ahoy_base64url_write (rtmfp_bytes (token, AHOY_INVITE_TOKEN_SIZE), text);
}

RtmfpStatus
ahoy_invite_token_parse (const char *text, uint8_t token[AHOY_INVITE_TOKEN_SIZE]) {
  return ahoy_base64url_read (text, strlen (text), token, AHOY_INVITE_TOKEN_SIZE);
}
