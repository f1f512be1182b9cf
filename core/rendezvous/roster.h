/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an act of one person makes of both sides of a relation; pure, so that every store decides
 * alike. */
#ifndef AHOY_RENDEZVOUS_ROSTER_H
#define AHOY_RENDEZVOUS_ROSTER_H

#include "core/account/contact.h"

/* Both sides of what two people are to each other. */
typedef struct {
  AhoyRelation mine;
  AhoyRelation theirs;
} AhoyRosterPair;

/* Gives input to my side, and what follows from it to theirs and back, by core/account/contact.h.
 * Somebody who is blocked may ask, and finds no answer. pair: in and out, untouched on failure.
 * Returns: OK (also when nothing changes); STATE (makes no sense here, or an invite of somebody who
 * blocked me). */
RTMFP_MUST_USE RtmfpStatus ahoy_roster_act (AhoyRosterPair *pair, AhoyRelationInput input);

#endif
