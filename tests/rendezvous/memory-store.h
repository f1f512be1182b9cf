/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rendezvous' store in memory, at once and without a disk: for tests and simulations. */
#ifndef TESTS_RENDEZVOUS_MEMORY_STORE_H
#define TESTS_RENDEZVOUS_MEMORY_STORE_H

#include "core/rendezvous/store-job.h"

typedef struct MemoryStore MemoryStore;

MemoryStore *memory_store_new (void);
void memory_store_free (MemoryStore *store);

/* Answers job; it stays the caller's. */
void memory_store_run (MemoryStore *store, AhoyStoreJob *job);
/* From now on every request is FAILED, as on a full disk; or no longer. */
void memory_store_break (MemoryStore *store, bool broken);
/* Only the next so many. */
void memory_store_fail_next (MemoryStore *store, unsigned count);

#endif
