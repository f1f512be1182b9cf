/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites and names as people paste them: what is taken is written again and reads the same. */
#include "core/account/invite.h"
#include "tests/fuzz/target.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  char *text = (char *)malloc (size + 1);
  FUZZ_ASSERT (text != NULL);
  memcpy (text, data, size);
  text[size] = '\0';
  AhoyInvite invite, again;
  if (ahoy_invite_parse (text, &invite) == RTMFP_OK) {
    char written[AHOY_INVITE_TEXT_SIZE], twice[AHOY_INVITE_TEXT_SIZE];
    ahoy_invite_format (&invite, written);
    FUZZ_ASSERT (ahoy_invite_parse (written, &again) == RTMFP_OK);
    ahoy_invite_format (&again, twice);
    FUZZ_ASSERT (strcmp (written, twice) == 0);
    FUZZ_ASSERT (ahoy_name_equal (&invite.name, &again.name));
  }
  AhoyName name, same;
  if (ahoy_name_parse (text, &name) == RTMFP_OK) {
    char written[AHOY_NAME_TEXT_SIZE];
    ahoy_name_format (&name, written);
    FUZZ_ASSERT (ahoy_name_is_user (name.user) && name.port != 0 && name.host[0] != '\0');
    FUZZ_ASSERT (ahoy_name_parse (written, &same) == RTMFP_OK && ahoy_name_equal (&name, &same));
  }
  free (text);
  return 0;
}
