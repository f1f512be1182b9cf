/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/address.h"

#include <stdio.h>
#include <string.h>

RtmfpAddress
rtmfp_address_ipv4 (uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
  return (RtmfpAddress){.family = RTMFP_ADDRESS_IPV4, .port = port, .ip = {a, b, c, d}};
}

RtmfpAddress
rtmfp_address_ipv6 (const uint8_t ip[16], uint16_t port) {
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (memcmp (ip, mapped, sizeof mapped) == 0) {
    return rtmfp_address_ipv4 (ip[12], ip[13], ip[14], ip[15], port);
  }
  RtmfpAddress address = {.family = RTMFP_ADDRESS_IPV6, .port = port};
  memcpy (address.ip, ip, 16);
  return address;
}

bool
rtmfp_address_same_ip (const RtmfpAddress *a, const RtmfpAddress *b) {
  return a->family == b->family && memcmp (a->ip, b->ip, sizeof a->ip) == 0;
}

bool
rtmfp_address_is_private (const RtmfpAddress *address) {
  const uint8_t *ip = address->ip;
  if (address->family == RTMFP_ADDRESS_IPV4) {
    return ip[0] == 10 || ip[0] == 127 || (ip[0] == 172 && ip[1] / 16 == 1) ||
           (ip[0] == 192 && ip[1] == 168) || (ip[0] == 169 && ip[1] == 254) ||
           (ip[0] == 100 && ip[1] / 64 == 1);
  }
  static const uint8_t loopback[16] = {[15] = 1};
  return (ip[0] & 0xfe) == 0xfc || (ip[0] == 0xfe && ip[1] / 64 == 2) ||
         memcmp (ip, loopback, sizeof loopback) == 0;
}

bool
rtmfp_address_equal (const RtmfpAddress *a, const RtmfpAddress *b) {
  return a->port == b->port && rtmfp_address_same_ip (a, b);
}

/* RFC 5952: the longest run of at least two zero groups is shortened. */
static void
find_zero_run (const uint8_t *ip, int *start, int *length) {
  *start = -1;
  *length = 1;
  for (int i = 0; i < 8; i++) {
    int run = 0;
    while (i + run < 8 && ip[2 * (i + run)] == 0 && ip[2 * (i + run) + 1] == 0) {
      run++;
    }
    if (run > *length) {
      *start = i;
      *length = run;
    }
  }
}

static void
format_ipv6 (const uint8_t *ip, char *text) {
  int start, length;
  find_zero_run (ip, &start, &length);
  for (int i = 0; i < 8; i++) {
    if (i == start) {
      text += sprintf (text, "::");
      i += length - 1;
      continue;
    }
    bool colon = i > 0 && i != start + length;
    text += sprintf (text, "%s%x", colon ? ":" : "", (unsigned)(ip[2 * i] << 8 | ip[2 * i + 1]));
  }
}

void
rtmfp_address_format (const RtmfpAddress *address, char *text) {
  const uint8_t *ip = address->ip;
  if (address->family == RTMFP_ADDRESS_IPV4) {
    snprintf (text, RTMFP_ADDRESS_TEXT_SIZE, "%u.%u.%u.%u:%u", ip[0], ip[1], ip[2], ip[3],
              address->port);
  } else if (address->family == RTMFP_ADDRESS_IPV6) {
    char inner[48] = "";
    format_ipv6 (ip, inner);
    snprintf (text, RTMFP_ADDRESS_TEXT_SIZE, "[%s]:%u", inner, address->port);
  } else {
    snprintf (text, RTMFP_ADDRESS_TEXT_SIZE, "none");
  }
}

static int
digit_of (char c, int base) {
  int value = c >= '0' && c <= '9'   ? c - '0'
              : c >= 'a' && c <= 'f' ? c - 'a' + 10
              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                     : base;
  return value < base ? value : -1;
}

/* 1 to digits digits. */
static RtmfpStatus
parse_number (const char **text, int base, int digits, unsigned most, unsigned *value) {
  const char *at = *text;
  unsigned number = 0;
  for (int digit; (digit = digit_of (*at, base)) >= 0; at++) {
    if (at - *text == digits) {
      return RTMFP_MALFORMED;
    }
    number = number * (unsigned)base + (unsigned)digit;
  }
  if (at == *text || number > most) {
    return RTMFP_MALFORMED;
  }
  *value = number;
  *text = at;
  return RTMFP_OK;
}

static RtmfpStatus
parse_port (const char *text, uint16_t *port) {
  unsigned value;
  if (*text != ':') {
    return RTMFP_MALFORMED;
  }
  text++;
  if (parse_number (&text, 10, 5, 65535, &value) != RTMFP_OK || *text != '\0') {
    return RTMFP_MALFORMED;
  }
  *port = (uint16_t)value;
  return RTMFP_OK;
}

static RtmfpStatus
parse_ipv6 (const char **text, uint8_t ip[16]) {
  uint16_t groups[8] = {0};
  int count = 0, gap = -1;
  const char *at = *text;
  while (*at != ']') {
    if (at[0] == ':' && at[1] == ':' && gap < 0) {
      gap = count;
      at += 2;
      continue;
    }
    if (*at == ':' && count > 0 && count != gap) {
      at++;
    }
    unsigned value;
    if (count == 8 || parse_number (&at, 16, 4, 0xffff, &value) != RTMFP_OK) {
      return RTMFP_MALFORMED;
    }
    groups[count++] = (uint16_t)value;
  }
  if ((gap < 0) != (count == 8)) {
    return RTMFP_MALFORMED;
  }
  for (int i = 0; i < count; i++) {
    int to = gap >= 0 && i >= gap ? 8 - count + i : i;
    ip[2 * to] = (uint8_t)(groups[i] >> 8);
    ip[2 * to + 1] = (uint8_t)groups[i];
  }
  *text = at + 1;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_address_parse (const char *text, RtmfpAddress *address) {
  uint8_t ip[16] = {0};
  bool six = *text == '[';
  if (six) {
    text++;
    if (parse_ipv6 (&text, ip) != RTMFP_OK) {
      return RTMFP_MALFORMED;
    }
  }
  for (int i = 0; i < 4 && !six; i++) {
    unsigned value;
    if ((i > 0 && *text++ != '.') || parse_number (&text, 10, 3, 255, &value) != RTMFP_OK) {
      return RTMFP_MALFORMED;
    }
    ip[i] = (uint8_t)value;
  }
  uint16_t port;
  if (parse_port (text, &port) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  *address =
      six ? rtmfp_address_ipv6 (ip, port) : rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], port);
  return RTMFP_OK;
}
