/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every store of the rendezvous has to do, told by one set of tests for all of them. */
#ifndef TESTS_RENDEZVOUS_STORE_CONTRACT_H
#define TESTS_RENDEZVOUS_STORE_CONTRACT_H

#include "core/rendezvous/store-job.h"

typedef struct {
  void *(*open) (void);                         /* an empty store */
  void (*run) (void *store, AhoyStoreJob *job); /* answers at once */
  void (*close) (void *store);
} StoreUnderTest;

/* Adds the tests below the path. store: (borrowed until the end) */
void store_contract_add (const char *path, const StoreUnderTest *store);

/* ---- For other tests of stores ---- */

/* Each runs one request and answers its status. */
AhoyStoreStatus contract_create (const StoreUnderTest *under, void *store, const char *user);
AhoyStoreStatus contract_enter (const StoreUnderTest *under, void *store, const char *user,
                                uint8_t device);
AhoyStoreStatus contract_act (const StoreUnderTest *under, void *store, const char *user,
                              AhoyRelationInput input, const char *other);
/* user's device sends message number to other; size of the envelope in octets. */
AhoyStoreStatus contract_send (const StoreUnderTest *under, void *store, const char *user,
                               uint8_t device, const char *other, uint64_t number, size_t size);
/* A job with the fields that such requests share. device: all its octets. */
AhoyStoreJob *contract_job (AhoyStoreKind kind, const char *user, uint8_t device);

#endif
