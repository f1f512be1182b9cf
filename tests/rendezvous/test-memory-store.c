/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store of the simulations does what the true one has to do. */
#include "tests/rendezvous/memory-store.h"
#include "tests/rendezvous/store-contract.h"

#include <glib.h>

static void *
open_store (void) {
  return memory_store_new ();
}

static void
run (void *store, AhoyStoreJob *job) {
  memory_store_run (store, job);
}

static void
close_store (void *store) {
  memory_store_free (store);
}

int
main (int argc, char **argv) {
  static const StoreUnderTest memory = {open_store, run, close_store};
  g_test_init (&argc, &argv, NULL);
  store_contract_add ("/rendezvous/memory-store", &memory);
  return g_test_run ();
}
