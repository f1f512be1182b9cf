/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small texts that come from people and servers: names, keys, ids, tokens, words, and a password's
 * parameters. What is taken can be written, and what was written is taken as the same. */
#include "core/account/contact.h"
#include "core/account/envelope.h"
#include "core/account/identity.h"
#include "core/account/invite.h"
#include "core/account/name.h"
#include "core/account/password.h"
#include "tests/fuzz/target.h"

#include <string.h>

/* Input: one byte which, then the text. */
enum { NAME, HOST, KEY, MESSAGE_ID, TOKEN, RELATION, PRESENCE, PASSWORD, KINDS };

static void
try_name (const char *text, bool host_only) {
  AhoyName name, again;
  char written[AHOY_NAME_TEXT_SIZE];
  memset (&name, 0, sizeof name);
  memset (&again, 0, sizeof again);
  if ((host_only ? ahoy_name_parse_host (text, &name) : ahoy_name_parse (text, &name)) !=
      RTMFP_OK) {
    return;
  }
  (host_only ? ahoy_name_format_host : ahoy_name_format) (&name, written);
  FUZZ_ASSERT (strlen (written) < sizeof written);
  FUZZ_ASSERT ((host_only ? ahoy_name_parse_host (written, &again)
                          : ahoy_name_parse (written, &again)) == RTMFP_OK);
  FUZZ_ASSERT (strcmp (name.user, again.user) == 0 && strcmp (name.host, again.host) == 0 &&
               name.port == again.port);
}

/* No two texts mean the same key, id or token. */
static void
try_bytes (const char *text, int kind) {
  char written[128] = "";
  AhoyKey key;
  AhoyMessageId id;
  uint8_t token[AHOY_INVITE_TOKEN_SIZE];
  bool taken = false;
  if (kind == KEY && (taken = ahoy_key_parse (text, &key) == RTMFP_OK)) {
    ahoy_key_format (&key, written);
  } else if (kind == MESSAGE_ID && (taken = ahoy_message_id_parse (text, &id) == RTMFP_OK)) {
    ahoy_message_id_format (&id, written);
  } else if (kind == TOKEN && (taken = ahoy_invite_token_parse (text, token) == RTMFP_OK)) {
    ahoy_invite_token_format (token, written);
  }
  FUZZ_ASSERT (!taken || kind == MESSAGE_ID || strcmp (written, text) == 0);
  FUZZ_ASSERT (!taken || strlen (written) == strlen (text));
}

static void
try_word (const char *text, int kind) {
  AhoyRelation relation;
  AhoyPresence presence;
  if (kind == RELATION && ahoy_relation_parse (text, &relation) == RTMFP_OK) {
    FUZZ_ASSERT (strcmp (ahoy_relation_text (relation), text) == 0);
  } else if (kind == PRESENCE && ahoy_presence_parse (text, &presence) == RTMFP_OK) {
    FUZZ_ASSERT (strcmp (ahoy_presence_text (presence), text) == 0);
  }
}

static void
try_password (RtmfpBytes bytes) {
  AhoyPasswordParams params;
  uint8_t written[AHOY_PASSWORD_PARAMS_SIZE];
  if (ahoy_password_params_read (bytes, &params) == RTMFP_OK) {
    ahoy_password_params_write (&params, written);
    FUZZ_ASSERT (bytes.size == sizeof written && memcmp (written, bytes.data, bytes.size) == 0);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  char text[1024];
  if (size == 0 || size > sizeof text) {
    return 0;
  }
  const int kind = data[0] % KINDS;
  memcpy (text, data + 1, size - 1);
  text[size - 1] = '\0';
  if (kind <= HOST) {
    try_name (text, kind == HOST);
  } else if (kind <= TOKEN) {
    try_bytes (text, kind);
  } else if (kind <= PRESENCE) {
    try_word (text, kind);
  } else {
    try_password (rtmfp_bytes (data + 1, size - 1));
  }
  return 0;
}
