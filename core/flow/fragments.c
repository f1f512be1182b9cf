/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flow/fragments.h"

#include "core/base/memory.h"

#include <stdlib.h>

#define FIRST_CAPACITY 4

void
fragments_init (Fragments *fragments) {
  *fragments = (Fragments){.base = 1, .end = 1};
}

void
fragments_clear (Fragments *fragments) {
  free (fragments->items);
  fragments->items = NULL;
  fragments->capacity = 0;
}

void
fragments_become_quiet (Fragments *fragments) {
  if (fragments->base == fragments->end) {
    fragments_clear (fragments);
  }
}

static void
grow (Fragments *fragments) {
  Fragments larger = *fragments;
  larger.capacity = fragments->capacity == 0 ? FIRST_CAPACITY : fragments->capacity * 2;
  larger.items = (Fragment *)rtmfp_memory_new (larger.capacity, sizeof (Fragment));
  for (uint64_t number = fragments->base; number < fragments->end; number++) {
    *fragments_at (&larger, number) = *fragments_at (fragments, number);
  }
  free (fragments->items);
  *fragments = larger;
}

Fragment *
fragments_append (Fragments *fragments, uint64_t *number) {
  if (fragments->end - fragments->base >= fragments->capacity) {
    grow (fragments);
  }
  *number = fragments->end++;
  fragments->live++;
  Fragment *fragment = fragments_at (fragments, *number);
  *fragment = (Fragment){.state = FRAGMENT_IDLE};
  return fragment;
}

/* Links number behind the list's member after; 0 = at its head. */
static void
link_after (Fragments *fragments, FragmentList *list, uint64_t number, uint64_t after) {
  Fragment *fragment = fragments_at (fragments, number);
  const uint64_t next = after == 0 ? list->first : fragments_at (fragments, after)->next;
  fragment->previous = after;
  fragment->next = next;
  if (after == 0) {
    list->first = number;
  } else {
    fragments_at (fragments, after)->next = number;
  }
  if (next == 0) {
    list->last = number;
  } else {
    fragments_at (fragments, next)->previous = number;
  }
}

void
fragments_append_in_flight (Fragments *fragments, uint64_t number) {
  link_after (fragments, &fragments->in_flight, number, fragments->in_flight.last);
  fragments_at (fragments, number)->state = FRAGMENT_IN_FLIGHT;
}

void
fragments_insert_lost (Fragments *fragments, uint64_t number) {
  uint64_t after = fragments->lost.last;
  while (after > number) {
    after = fragments_at (fragments, after)->previous;
  }
  link_after (fragments, &fragments->lost, number, after);
  fragments_at (fragments, number)->state = FRAGMENT_LOST;
}

void
fragments_unlink (Fragments *fragments, uint64_t number) {
  Fragment *fragment = fragments_at (fragments, number);
  if (fragment->state != FRAGMENT_IN_FLIGHT && fragment->state != FRAGMENT_LOST) {
    return;
  }
  FragmentList *list =
      fragment->state == FRAGMENT_IN_FLIGHT ? &fragments->in_flight : &fragments->lost;
  if (fragment->previous == 0) {
    list->first = fragment->next;
  } else {
    fragments_at (fragments, fragment->previous)->next = fragment->next;
  }
  if (fragment->next == 0) {
    list->last = fragment->previous;
  } else {
    fragments_at (fragments, fragment->next)->previous = fragment->previous;
  }
  fragment->next = fragment->previous = 0;
  fragment->state = FRAGMENT_IDLE;
}

void
fragments_finish (Fragments *fragments, uint64_t number) {
  fragments_unlink (fragments, number);
  Fragment *fragment = fragments_at (fragments, number);
  fragment->state = FRAGMENT_DONE;
  fragment->message = NULL;
  fragment->next = number + 1;
  fragments->live--;
  while (fragments->base < fragments->end &&
         fragments_at (fragments, fragments->base)->state == FRAGMENT_DONE) {
    fragments->base++;
  }
}

void
fragments_reopen_last (Fragments *fragments) {
  if (fragments->capacity == 0) {
    grow (fragments);
  }
  fragments->base = fragments->end - 1;
  fragments->live = 1;
  *fragments_at (fragments, fragments->base) =
      (Fragment){.state = FRAGMENT_IDLE, .abandoned = true, .ever_sent = true};
}
