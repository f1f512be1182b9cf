/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rendezvous's store in memory, for worlds on a virtual clock: the same answers as the one on
 * disk, nothing kept. */
#ifndef TEST_SUPPORT_MEMORY_STORE_H
#define TEST_SUPPORT_MEMORY_STORE_H

#include "core/rendezvous/store-job.h"

typedef struct TestMemoryStore TestMemoryStore;

TestMemoryStore *test_memory_store_new (void);
void test_memory_store_free (TestMemoryStore *store);
/* Answers job in place. While failing, every job that would write is AHOY_STORE_FAILED. */
void test_memory_store_run (TestMemoryStore *store, AhoyStoreJob *job);
void test_memory_store_set_failing (TestMemoryStore *store, bool failing);
/* Whether text stands in any envelope that was ever queued: the server must not be able to read. */
bool test_memory_store_has_seen (const TestMemoryStore *store, const char *text);

#endif
