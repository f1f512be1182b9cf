/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both sides of one relation, moved together by the table of core/account/contact.h. */
#include "core/rendezvous/roster.h"

/* What one side's action bits are to the other side. */
static const struct {
  uint32_t tell;
  AhoyRelationInput input;
} told[] = {
    {AHOY_RELATION_TELL_ADD, AHOY_RELATION_FAR_ADD},
    {AHOY_RELATION_TELL_ACCEPT, AHOY_RELATION_FAR_ACCEPT},
    {AHOY_RELATION_TELL_DECLINE, AHOY_RELATION_FAR_DECLINE},
    {AHOY_RELATION_TELL_REMOVE, AHOY_RELATION_FAR_REMOVE},
};

/* Gives one side what the other side's actions tell it; own actions out. */
static void
tell (AhoyRelation *side, uint32_t actions, uint32_t *own) {
  *own = 0;
  for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
    AhoyRelation next;
    uint32_t more;
    if ((actions & told[i].tell) != 0 &&
        ahoy_relation_next (*side, told[i].input, &next, &more) == RTMFP_OK) {
      *side = next;
      *own |= more;
    }
  }
}

RtmfpStatus
ahoy_roster_act (AhoyRosterPair *pair, AhoyRelationInput input) {
  AhoyRosterPair next = *pair;
  uint32_t actions;
  if (pair->theirs == AHOY_RELATION_BLOCKED && input == AHOY_RELATION_REDEEM) {
    return RTMFP_STATE; /* they cannot consent; a request to them just finds no answer */
  }
  const RtmfpStatus status = ahoy_relation_next (pair->mine, input, &next.mine, &actions);
  if (status != RTMFP_OK) {
    return status;
  }
  /* They are told, may answer (a request that crosses ours is a consent), and so may we: once each
   * settles every case of the table. */
  uint32_t theirs, ours;
  tell (&next.theirs, actions, &theirs);
  tell (&next.mine, theirs, &ours);
  uint32_t last;
  tell (&next.theirs, ours, &last);
  *pair = next;
  return RTMFP_OK;
}
