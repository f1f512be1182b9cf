/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who somebody is to people: `user@host` or `user@host:port`. */
#ifndef AHOY_ACCOUNT_NAME_H
#define AHOY_ACCOUNT_NAME_H

#include "core/account/params.h"
#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a name as text with its end: user, '@', '[', host, ']', ':', port, NUL. */
#define AHOY_NAME_TEXT_SIZE (AHOY_USER_CHARS_MAX + AHOY_HOST_CHARS_MAX + 10)

/* Always normalised: lower case, IPv6 in its shortest form and without brackets. */
typedef struct {
  char user[AHOY_USER_CHARS_MAX + 1];
  char host[AHOY_HOST_CHARS_MAX + 1]; /* DNS name, IPv4 or IPv6 literal */
  uint16_t port;                      /* never 0; AHOY_PORT_DEFAULT when none was written */
} AhoyName;

/* Reads `user@host`, `user@host:port` or `user@[v6]:port`; blanks around it are dropped, capitals
 * lowered. text: (borrowed) NUL-ended. name: out, untouched on failure. Returns: OK; MALFORMED (a
 * rule is broken); LIMIT (a part is too long). */
RTMFP_MUST_USE RtmfpStatus ahoy_name_parse (const char *text, AhoyName *name);

/* Reads `host`, `host:port` or `[v6]:port` alone: name->user becomes "". Returns: as
 * ahoy_name_parse(). */
RTMFP_MUST_USE RtmfpStatus ahoy_name_parse_host (const char *text, AhoyName *name);

/* Is text, as it stands, a user's name: 1..64 of a-z 0-9 . _ -, the first a letter or digit? */
bool ahoy_name_is_user (const char *text);

/* The name as people write it; a default port is left out. text: out, AHOY_NAME_TEXT_SIZE bytes.
 * Without a user: the host part alone. */
void ahoy_name_format (const AhoyName *name, char *text);

/* Only the host part (with brackets and port where needed). text: out, AHOY_NAME_TEXT_SIZE bytes.
 */
void ahoy_name_format_host (const AhoyName *name, char *text);

bool ahoy_name_equal (const AhoyName *a, const AhoyName *b);

/* One sentence that says what a user's name may be, for a form that shows why it was refused. */
const char *ahoy_name_rule (void);

#endif
