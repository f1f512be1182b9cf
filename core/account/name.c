/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who somebody is to people: `user@host` or `user@host:port`. */
#include "core/account/name.h"

#include "core/account/text.h"
#include "core/base/address.h"

#include <stdio.h>
#include <string.h>

#define LABEL_CHARS_MAX 63 /* RFC 1035 s2.3.4 */
#define PORT_DIGITS_MAX 5

static bool
is_blank (char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_letter_or_digit (char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Copies text without the blanks around it and in lower case. Returns: OK; LIMIT. */
static RtmfpStatus
tidy (const char *text, char *out, size_t capacity) {
  while (is_blank (*text)) {
    text++;
  }
  size_t size = ahoy_text_size (text, capacity + 1);
  while (size > 0 && size <= capacity && is_blank (text[size - 1])) {
    size--;
  }
  if (size >= capacity) {
    return RTMFP_LIMIT;
  }
  for (size_t i = 0; i < size; i++) {
    out[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
  }
  out[size] = '\0';
  return RTMFP_OK;
}

bool
ahoy_name_is_user (const char *text) {
  size_t size = ahoy_text_size (text, AHOY_USER_CHARS_MAX + 1);
  if (size == 0 || size > AHOY_USER_CHARS_MAX || !is_letter_or_digit (text[0])) {
    return false;
  }
  for (size_t i = 0; i < size; i++) {
    if (!is_letter_or_digit (text[i]) && text[i] != '.' && text[i] != '_' && text[i] != '-') {
      return false;
    }
  }
  return true;
}

static RtmfpStatus
read_port (const char *text, uint16_t *port) {
  uint32_t value = 0;
  size_t digits = 0;
  for (; text[digits] >= '0' && text[digits] <= '9' && digits <= PORT_DIGITS_MAX; digits++) {
    value = value * 10 + (uint32_t)(text[digits] - '0');
  }
  if (digits == 0 || digits > PORT_DIGITS_MAX || text[digits] != '\0' || value == 0 ||
      value > UINT16_MAX) {
    return RTMFP_MALFORMED;
  }
  *port = (uint16_t)value;
  return RTMFP_OK;
}

/* Labels of letters, digits and hyphens inside; a dot at the end is dropped by the caller. */
static bool
is_dns_name (const char *host) {
  size_t label = 0;
  for (const char *at = host;; at++) {
    if (*at == '.' || *at == '\0') {
      if (label == 0 || label > LABEL_CHARS_MAX || at[-1] == '-') {
        return false;
      }
      if (*at == '\0') {
        return true;
      }
      label = 0;
    } else if (is_letter_or_digit (*at) || *at == '_' || (*at == '-' && label > 0)) {
      label++;
    } else {
      return false;
    }
  }
}

/* Digits and dots only: an address or nothing. */
static bool
looks_like_ipv4 (const char *host) {
  const char *last = strrchr (host, '.');
  last = last != NULL ? last + 1 : host;
  return *last != '\0' && strspn (last, "0123456789") == strlen (last);
}

/* Reads an IP literal and writes it in its one form, without brackets. */
static RtmfpStatus
unify_literal (const char *literal, bool v6, char *host) {
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  int size = snprintf (text, sizeof text, v6 ? "[%s]:1" : "%s:1", literal);
  RtmfpAddress address;
  if (size < 0 || (size_t)size >= sizeof text || rtmfp_address_parse (text, &address) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  rtmfp_address_format (&address, text);
  char *end = strrchr (text, ':');
  bool bracketed = text[0] == '[';
  *(bracketed ? end - 1 : end) = '\0';
  strcpy (host, bracketed ? text + 1 : text);
  return RTMFP_OK;
}

static RtmfpStatus
read_host_v6 (char *text, AhoyName *name) {
  char *close = strchr (text, ']');
  if (close == NULL || (close[1] != '\0' && close[1] != ':')) {
    return RTMFP_MALFORMED;
  }
  if (close[1] == ':') {
    RtmfpStatus status = read_port (close + 2, &name->port);
    if (status != RTMFP_OK) {
      return status;
    }
  }
  *close = '\0';
  return unify_literal (text + 1, true, name->host);
}

/* text: `host`, `host:port` or `[v6]:port`, tidy, changed here. */
static RtmfpStatus
read_host (char *text, AhoyName *name) {
  name->port = AHOY_PORT_DEFAULT;
  if (text[0] == '[') {
    return read_host_v6 (text, name);
  }
  char *colon = strchr (text, ':');
  if (colon != NULL) {
    RtmfpStatus status = read_port (colon + 1, &name->port);
    if (status != RTMFP_OK) {
      return status;
    }
    *colon = '\0';
  }
  size_t size = strlen (text);
  if (size > 1 && text[size - 1] == '.') {
    text[--size] = '\0';
  }
  if (size > AHOY_HOST_CHARS_MAX) {
    return RTMFP_LIMIT;
  }
  if (looks_like_ipv4 (text)) {
    return unify_literal (text, false, name->host);
  }
  if (!is_dns_name (text)) {
    return RTMFP_MALFORMED;
  }
  memcpy (name->host, text, size + 1);
  return RTMFP_OK;
}

RtmfpStatus
ahoy_name_parse (const char *text, AhoyName *name) {
  char tidied[AHOY_NAME_TEXT_SIZE];
  RtmfpStatus status = tidy (text, tidied, sizeof tidied);
  if (status != RTMFP_OK) {
    return status;
  }
  char *at = strchr (tidied, '@');
  if (at == NULL) {
    return RTMFP_MALFORMED;
  }
  *at = '\0';
  size_t user_size = (size_t)(at - tidied);
  if (user_size > AHOY_USER_CHARS_MAX) {
    return RTMFP_LIMIT;
  }
  if (!ahoy_name_is_user (tidied)) {
    return RTMFP_MALFORMED;
  }
  AhoyName read = {.port = 0};
  memcpy (read.user, tidied, user_size + 1);
  status = read_host (at + 1, &read);
  if (status == RTMFP_OK) {
    *name = read;
  }
  return status;
}

RtmfpStatus
ahoy_name_parse_host (const char *text, AhoyName *name) {
  char tidied[AHOY_NAME_TEXT_SIZE];
  RtmfpStatus status = tidy (text, tidied, sizeof tidied);
  if (status != RTMFP_OK) {
    return status;
  }
  AhoyName read = {.port = 0};
  status = read_host (tidied, &read);
  if (status == RTMFP_OK) {
    *name = read;
  }
  return status;
}

void
ahoy_name_format_host (const AhoyName *name, char *text) {
  bool v6 = strchr (name->host, ':') != NULL;
  size_t size = (size_t)snprintf (text, AHOY_NAME_TEXT_SIZE, v6 ? "[%s]" : "%s", name->host);
  if (name->port != AHOY_PORT_DEFAULT) {
    snprintf (text + size, AHOY_NAME_TEXT_SIZE - size, ":%u", name->port);
  }
}

void
ahoy_name_format (const AhoyName *name, char *text) {
  char host[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format_host (name, host);
  if (name->user[0] == '\0') {
    strcpy (text, host);
    return;
  }
  size_t user_size = strlen (name->user);
  size_t host_size = strlen (host);
  memcpy (text, name->user, user_size);
  text[user_size] = '@';
  memcpy (text + user_size + 1, host, host_size + 1);
}

bool
ahoy_name_equal (const AhoyName *a, const AhoyName *b) {
  return a->port == b->port && strcmp (a->user, b->user) == 0 && strcmp (a->host, b->host) == 0;
}

const char *
ahoy_name_rule (void) {
  return "A name has 1 to 64 small letters, digits, dots, underscores or hyphens and begins with a "
         "letter or digit.";
}
