/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two people are to each other: the relation as a table, pinned keys, the safety number. */
#include "core/account/contact.h"

#include "core/account/primitives.h"

#include <stdio.h>
#include <string.h>

#define NONE AHOY_RELATION_NONE
#define REQUESTED AHOY_RELATION_REQUESTED
#define ASKED AHOY_RELATION_ASKED
#define BOTH AHOY_RELATION_BOTH
#define BLOCKED AHOY_RELATION_BLOCKED

#define TELL_ADD AHOY_RELATION_TELL_ADD
#define TELL_ACCEPT AHOY_RELATION_TELL_ACCEPT
#define TELL_DECLINE AHOY_RELATION_TELL_DECLINE
#define TELL_REMOVE AHOY_RELATION_TELL_REMOVE
#define NOTIFY AHOY_RELATION_NOTIFY

typedef struct {
  bool possible;
  AhoyRelation next;
  uint32_t actions;
} Step;

#define GO(next, actions)                                                                          \
  { true, next, actions }
#define REFUSE                                                                                     \
  { false, NONE, 0 }

/* A blocked person's acts change nothing here, and that person is told nothing: to them it looks
 * like no answer. Blocking a contact tells them "removed", as removing does, and no more. */
static const Step steps[AHOY_RELATION_COUNT][AHOY_RELATION_INPUT_COUNT] =
    {
        [NONE] =
            {
                [AHOY_RELATION_ADD] = GO (REQUESTED, TELL_ADD),
                [AHOY_RELATION_ACCEPT] = REFUSE,
                [AHOY_RELATION_DECLINE] = REFUSE,
                [AHOY_RELATION_REMOVE] = GO (NONE, 0),
                [AHOY_RELATION_BLOCK] = GO (BLOCKED, 0),
                [AHOY_RELATION_UNBLOCK] = GO (NONE, 0),
                [AHOY_RELATION_FAR_ADD] = GO (ASKED, NOTIFY),
                /* An invite of mine was used, or an answer came after I withdrew: the server
                   settles which. */
                [AHOY_RELATION_FAR_ACCEPT] = GO (BOTH, NOTIFY),
                [AHOY_RELATION_FAR_DECLINE] = GO (NONE, 0),
                [AHOY_RELATION_FAR_REMOVE] = GO (NONE, 0),
                [AHOY_RELATION_REDEEM] = GO (BOTH, TELL_ACCEPT),
            },
        [REQUESTED] =
            {
                [AHOY_RELATION_ADD] = GO (REQUESTED, TELL_ADD),
                [AHOY_RELATION_ACCEPT] = REFUSE,
                [AHOY_RELATION_DECLINE] = REFUSE,
                [AHOY_RELATION_REMOVE] = GO (NONE, TELL_REMOVE),
                [AHOY_RELATION_BLOCK] = GO (BLOCKED, TELL_REMOVE),
                [AHOY_RELATION_UNBLOCK] = GO (REQUESTED, 0),
                /* Both asked: both want it. */
                [AHOY_RELATION_FAR_ADD] = GO (BOTH, TELL_ACCEPT | NOTIFY),
                [AHOY_RELATION_FAR_ACCEPT] = GO (BOTH, NOTIFY),
                [AHOY_RELATION_FAR_DECLINE] = GO (NONE, NOTIFY),
                [AHOY_RELATION_FAR_REMOVE] = GO (NONE, NOTIFY),
                [AHOY_RELATION_REDEEM] = GO (BOTH, TELL_ACCEPT),
            },
        [ASKED] =
            {
                [AHOY_RELATION_ADD] = GO (BOTH, TELL_ACCEPT),
                [AHOY_RELATION_ACCEPT] = GO (BOTH, TELL_ACCEPT),
                [AHOY_RELATION_DECLINE] = GO (NONE, TELL_DECLINE),
                [AHOY_RELATION_REMOVE] = GO (NONE, TELL_DECLINE),
                [AHOY_RELATION_BLOCK] = GO (BLOCKED, 0),
                [AHOY_RELATION_UNBLOCK] = GO (ASKED, 0),
                [AHOY_RELATION_FAR_ADD] = GO (ASKED, 0),
                [AHOY_RELATION_FAR_ACCEPT] = GO (BOTH, NOTIFY),
                [AHOY_RELATION_FAR_DECLINE] = GO (NONE, NOTIFY),
                [AHOY_RELATION_FAR_REMOVE] = GO (NONE, NOTIFY),
                [AHOY_RELATION_REDEEM] = GO (BOTH, TELL_ACCEPT),
            },
        [BOTH] =
            {
                [AHOY_RELATION_ADD] = GO (BOTH, 0),
                [AHOY_RELATION_ACCEPT] = GO (BOTH, 0),
                [AHOY_RELATION_DECLINE] = REFUSE,
                [AHOY_RELATION_REMOVE] = GO (NONE, TELL_REMOVE),
                [AHOY_RELATION_BLOCK] = GO (BLOCKED, TELL_REMOVE),
                [AHOY_RELATION_UNBLOCK] = GO (BOTH, 0),
                /* They lost their side of it (a restored server): mend it. */
                [AHOY_RELATION_FAR_ADD] = GO (BOTH, TELL_ACCEPT),
                [AHOY_RELATION_FAR_ACCEPT] = GO (BOTH, 0),
                [AHOY_RELATION_FAR_DECLINE] = GO (BOTH, 0),
                [AHOY_RELATION_FAR_REMOVE] = GO (NONE, NOTIFY),
                [AHOY_RELATION_REDEEM] = GO (BOTH, TELL_ACCEPT),
            },
        [BLOCKED] =
            {
                [AHOY_RELATION_ADD] = REFUSE,
                [AHOY_RELATION_ACCEPT] = REFUSE,
                [AHOY_RELATION_DECLINE] = REFUSE,
                [AHOY_RELATION_REMOVE] = REFUSE,
                [AHOY_RELATION_BLOCK] = GO (BLOCKED, 0),
                [AHOY_RELATION_UNBLOCK] = GO (NONE, 0),
                [AHOY_RELATION_FAR_ADD] = GO (BLOCKED, 0),
                [AHOY_RELATION_FAR_ACCEPT] = GO (BLOCKED, 0),
                [AHOY_RELATION_FAR_DECLINE] = GO (BLOCKED, 0),
                [AHOY_RELATION_FAR_REMOVE] = GO (BLOCKED, 0),
                [AHOY_RELATION_REDEEM] = REFUSE,
            },
};

RtmfpStatus
ahoy_relation_next (AhoyRelation relation, AhoyRelationInput input, AhoyRelation *next,
                    uint32_t *actions) {
  if ((unsigned)relation >= AHOY_RELATION_COUNT || (unsigned)input >= AHOY_RELATION_INPUT_COUNT) {
    return RTMFP_STATE;
  }
  const Step *step = &steps[relation][input];
  if (!step->possible) {
    return RTMFP_STATE;
  }
  *next = step->next;
  *actions = step->actions;
  return RTMFP_OK;
}

bool
ahoy_relation_may_meet (AhoyRelation mine, AhoyRelation theirs) {
  return mine == BOTH && theirs == BOTH;
}

static RtmfpStatus
find_text (const char *const *texts, size_t count, const char *text, unsigned *index) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp (texts[i], text) == 0) {
      *index = (unsigned)i;
      return RTMFP_OK;
    }
  }
  return RTMFP_MALFORMED;
}

static const char *const relation_texts[AHOY_RELATION_COUNT] = {"none", "requested", "asked",
                                                                "both", "blocked"};

const char *
ahoy_relation_text (AhoyRelation relation) {
  return (unsigned)relation < AHOY_RELATION_COUNT ? relation_texts[relation] : "none";
}

RtmfpStatus
ahoy_relation_parse (const char *text, AhoyRelation *relation) {
  unsigned index = 0;
  RtmfpStatus status = find_text (relation_texts, AHOY_RELATION_COUNT, text, &index);
  if (status == RTMFP_OK) {
    *relation = (AhoyRelation)index;
  }
  return status;
}

static const char *const presence_texts[AHOY_PRESENCE_COUNT] = {"offline", "online", "away",
                                                                "busy"};

const char *
ahoy_presence_text (AhoyPresence presence) {
  return (unsigned)presence < AHOY_PRESENCE_COUNT ? presence_texts[presence] : "offline";
}

RtmfpStatus
ahoy_presence_parse (const char *text, AhoyPresence *presence) {
  unsigned index = 0;
  RtmfpStatus status = find_text (presence_texts, AHOY_PRESENCE_COUNT, text, &index);
  if (status == RTMFP_OK) {
    *presence = (AhoyPresence)index;
  }
  return status;
}

AhoyPinVerdict
ahoy_pin_check (const AhoyPin *pin, const AhoyKey *key) {
  if (!pin->is_set) {
    return AHOY_PIN_FIRST;
  }
  return ahoy_key_equal (&pin->key, key) ? AHOY_PIN_SAME : AHOY_PIN_CHANGED;
}

AhoyPinVerdict
ahoy_pin_learn (AhoyPin *pin, const AhoyKey *key) {
  AhoyPinVerdict verdict = ahoy_pin_check (pin, key);
  if (verdict == AHOY_PIN_FIRST) {
    ahoy_pin_replace (pin, key);
  }
  return verdict;
}

void
ahoy_pin_replace (AhoyPin *pin, const AhoyKey *key) {
  *pin = (AhoyPin){.is_set = true, .key = *key};
}

#define SAFETY_GROUPS 12
#define SAFETY_GROUP_BYTES 5

void
ahoy_safety_number (const AhoyKey *mine, const AhoyKey *theirs, char *text) {
  static const char label[] = "ahoy safety number 1";
  bool mine_first = memcmp (mine->bytes, theirs->bytes, AHOY_KEY_SIZE) <= 0;
  uint8_t input[sizeof label + 2 * AHOY_KEY_SIZE];
  memcpy (input, label, sizeof label);
  memcpy (input + sizeof label, (mine_first ? mine : theirs)->bytes, AHOY_KEY_SIZE);
  memcpy (input + sizeof label + AHOY_KEY_SIZE, (mine_first ? theirs : mine)->bytes, AHOY_KEY_SIZE);
  uint8_t hash[64];
  ahoy_sha512 (rtmfp_bytes (input, sizeof input), hash);
  for (size_t group = 0; group < SAFETY_GROUPS; group++) {
    uint64_t value = 0;
    for (size_t i = 0; i < SAFETY_GROUP_BYTES; i++) {
      value = value << 8 | hash[group * SAFETY_GROUP_BYTES + i];
    }
    snprintf (text + group * 6, 6, "%05u", (unsigned)(value % 100000));
    text[group * 6 + 5] = group + 1 < SAFETY_GROUPS ? ' ' : '\0';
  }
}
