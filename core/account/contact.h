/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two people are to each other: the relation as a table, pinned keys, the safety number. */
#ifndef AHOY_ACCOUNT_CONTACT_H
#define AHOY_ACCOUNT_CONTACT_H

#include "core/account/identity.h"

#include <stdbool.h>

/* One person's side of it; the other person has a side of its own. */
typedef enum {
  AHOY_RELATION_NONE,
  AHOY_RELATION_REQUESTED, /* I asked, they have not answered */
  AHOY_RELATION_ASKED,     /* they asked, I have not answered */
  AHOY_RELATION_BOTH,      /* contacts: may meet, call, write, see presence */
  AHOY_RELATION_BLOCKED,   /* I blocked them: nothing of theirs reaches me, and they are not told */
  AHOY_RELATION_COUNT,
} AhoyRelation;

typedef enum {
  AHOY_RELATION_ADD,     /* I ask them */
  AHOY_RELATION_ACCEPT,  /* I say yes to their request */
  AHOY_RELATION_DECLINE, /* I say no */
  AHOY_RELATION_REMOVE,  /* I remove them, or withdraw my request */
  AHOY_RELATION_BLOCK,
  AHOY_RELATION_UNBLOCK,
  AHOY_RELATION_FAR_ADD,    /* they ask me */
  AHOY_RELATION_FAR_ACCEPT, /* they said yes, or used my invite */
  AHOY_RELATION_FAR_DECLINE,
  AHOY_RELATION_FAR_REMOVE, /* they removed me, withdrew, or blocked me */
  AHOY_RELATION_REDEEM,     /* I used their invite: consent of both is there */
  AHOY_RELATION_INPUT_COUNT,
} AhoyRelationInput;

/* What follows, as bits. TELL_*: give the other side that input. */
enum {
  AHOY_RELATION_TELL_ADD = 1 << 0,     /* FAR_ADD to them */
  AHOY_RELATION_TELL_ACCEPT = 1 << 1,  /* FAR_ACCEPT to them */
  AHOY_RELATION_TELL_DECLINE = 1 << 2, /* FAR_DECLINE to them */
  AHOY_RELATION_TELL_REMOVE = 1 << 3,  /* FAR_REMOVE to them */
  AHOY_RELATION_NOTIFY = 1 << 4,       /* show me: something of theirs happened */
};

/* The table. next and actions: out, untouched on failure.
 * Returns: OK (also when nothing changes); STATE (my own act makes no sense here: refuse it).
 * Inputs of the far side never fail. */
RTMFP_MUST_USE RtmfpStatus ahoy_relation_next (AhoyRelation relation, AhoyRelationInput input,
                                               AhoyRelation *next, uint32_t *actions);
/* May they reach me: be introduced, call, write, see my presence? */
bool ahoy_relation_may_meet (AhoyRelation mine, AhoyRelation theirs);
/* "none", "requested", "asked", "both", "blocked": in commands and stores. */
const char *ahoy_relation_text (AhoyRelation relation);
/* Returns: OK; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus ahoy_relation_parse (const char *text, AhoyRelation *relation);

typedef enum {
  AHOY_PRESENCE_OFFLINE,
  AHOY_PRESENCE_ONLINE,
  AHOY_PRESENCE_AWAY,
  AHOY_PRESENCE_BUSY, /* in a call */
  AHOY_PRESENCE_COUNT,
} AhoyPresence;
/* "offline", "online", "away", "busy". */
const char *ahoy_presence_text (AhoyPresence presence);
/* Returns: OK; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus ahoy_presence_parse (const char *text, AhoyPresence *presence);

/* ---- Pins ---- */

/* The key that somebody had when we first met. Zeroed = none yet. */
typedef struct {
  bool is_set;
  bool is_verified; /* two people compared their safety numbers */
  AhoyKey key;
} AhoyPin;

typedef enum { AHOY_PIN_FIRST, AHOY_PIN_SAME, AHOY_PIN_CHANGED } AhoyPinVerdict;

/* Compares key with the pin; changes nothing. */
AhoyPinVerdict ahoy_pin_check (const AhoyPin *pin, const AhoyKey *key);
/* As check, and keeps the key when it is the first. A changed key is never kept by this. */
AhoyPinVerdict ahoy_pin_learn (AhoyPin *pin, const AhoyKey *key);
/* A person has read the warning and takes the new key; it is not verified. */
void ahoy_pin_replace (AhoyPin *pin, const AhoyKey *key);

/* ---- The safety number ---- */

/* Twelve groups of five digits with blanks between, and the end. */
#define AHOY_SAFETY_NUMBER_TEXT_SIZE 72
/* The same text for both people, whoever asks: groups from SHA-512 over "ahoy safety number 1" NUL,
 * the smaller key, the larger key, five bytes each modulo 100000. */
void ahoy_safety_number (const AhoyKey *mine, const AhoyKey *theirs, char *text);

#endif
