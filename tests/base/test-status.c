/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each status has words of its own. */
#include "core/base/status.h"

#include <glib.h>
#include <string.h>

static void
test_text (void) {
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (int status = RTMFP_OK; status <= RTMFP_LIMIT + 1; status++) {
    const char *text = rtmfp_status_text ((RtmfpStatus)status);
    g_assert_cmpuint (strlen (text), >, 5);
    g_assert_true (g_hash_table_add (seen, (gpointer)text));
  }
  g_assert_cmpstr (rtmfp_status_text ((RtmfpStatus)99), ==, "an unknown status");
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/status/text", test_text);
  return g_test_run ();
}
