/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of people and of their servers. */
#include "core/account/name.h"

#include <glib.h>
#include <string.h>

static void
reads_and_writes (void) {
  static const struct {
    const char *text, *user, *host, *shown;
    uint16_t port;
  } good[] = {
      {"ada@example.org", "ada", "example.org", "ada@example.org", 1935},
      {"  Ada.L_1-x@EXAMPLE.org.\n", "ada.l_1-x", "example.org", "ada.l_1-x@example.org", 1935},
      {"a@h:1935", "a", "h", "a@h", 1935},
      {"a@h:65535", "a", "h", "a@h:65535", 65535},
      {"9@10.0.0.1:2000", "9", "10.0.0.1", "9@10.0.0.1:2000", 2000},
      {"a@[2001:DB8:0:0:0:0:0:1]", "a", "2001:db8::1", "a@[2001:db8::1]", 1935},
      {"a@[::1]:7", "a", "::1", "a@[::1]:7", 7},
      {"a@[::ffff:102:304]", "a", "1.2.3.4", "a@1.2.3.4", 1935},
      {"a@under_score.lan", "a", "under_score.lan", "a@under_score.lan", 1935},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    AhoyName name;
    char text[AHOY_NAME_TEXT_SIZE];
    g_test_message ("%s", good[i].text);
    g_assert_cmpint (ahoy_name_parse (good[i].text, &name), ==, RTMFP_OK);
    g_assert_cmpstr (name.user, ==, good[i].user);
    g_assert_cmpstr (name.host, ==, good[i].host);
    g_assert_cmpint (name.port, ==, good[i].port);
    ahoy_name_format (&name, text);
    g_assert_cmpstr (text, ==, good[i].shown);
    AhoyName again;
    g_assert_cmpint (ahoy_name_parse (text, &again), ==, RTMFP_OK);
    g_assert_true (ahoy_name_equal (&name, &again));
  }
}

static void
refuses_junk (void) {
  static const char *const bad[] = {
      "",       "@",       "a@",         "@h",    "a",       "a@b@c",       "a b@h",
      ".a@h",   "-a@h",    "\xc3\xa4@h", "a@h:",  "a@h:0",   "a@h:65536",   "a@h:123456",
      "a@h:1x", "a@h:-1",  "a@-h",       "a@h-",  "a@h..x",  "a@.h",        "a@h x",
      "a@[::1", "a@::1",   "a@[::1]x",   "a@[h]", "a@1.2.3", "a@1.2.3.256", "a@1.2.3.4.5",
      "a@h/x",  "a@h?x",   "a@h\\x",     "a@.",   "a@[]",    "a@[::1]:",    "a+b@h",
      "a@h#",   "a@h:1:2",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    AhoyName name = {.port = 77};
    g_test_message ("%s", bad[i]);
    g_assert_cmpint (ahoy_name_parse (bad[i], &name), ==, RTMFP_MALFORMED);
    g_assert_cmpint (name.port, ==, 77);
  }
}

static void
keeps_its_bounds (void) {
  AhoyName name;
  g_autofree char *user64 = g_strnfill (AHOY_USER_CHARS_MAX, 'u');
  g_autofree char *longest = g_strconcat (user64, "@h", NULL);
  g_autofree char *too_long = g_strconcat (user64, "u@h", NULL);
  g_assert_cmpint (ahoy_name_parse (longest, &name), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_name_parse (too_long, &name), ==, RTMFP_LIMIT);

  g_autofree char *label63 = g_strnfill (63, 'l');
  g_autofree char *label61 = g_strnfill (61, 'l');
  g_autofree char *host253 = g_strconcat (label63, ".", label63, ".", label63, ".", label61, NULL);
  g_assert_cmpuint (strlen (host253), ==, AHOY_HOST_CHARS_MAX);
  g_autofree char *most = g_strconcat (user64, "@", host253, ":65535", NULL);
  g_assert_cmpint (ahoy_name_parse (most, &name), ==, RTMFP_OK);
  char text[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (&name, text);
  g_assert_cmpstr (text, ==, most);
  g_autofree char *host254 = g_strconcat ("a@", host253, "l", NULL);
  g_assert_cmpint (ahoy_name_parse (host254, &name), ==, RTMFP_LIMIT);
  g_autofree char *label64 = g_strconcat ("a@", label63, "l", NULL);
  g_assert_cmpint (ahoy_name_parse (label64, &name), ==, RTMFP_MALFORMED);
  g_autofree char *endless = g_strnfill (100000, 'a');
  g_assert_cmpint (ahoy_name_parse (endless, &name), ==, RTMFP_LIMIT);
}

static void
reads_a_host_alone (void) {
  AhoyName name;
  char text[AHOY_NAME_TEXT_SIZE];
  g_assert_cmpint (ahoy_name_parse_host (" [::1]:99 ", &name), ==, RTMFP_OK);
  g_assert_cmpstr (name.user, ==, "");
  ahoy_name_format (&name, text);
  g_assert_cmpstr (text, ==, "[::1]:99");
  g_assert_cmpint (ahoy_name_parse_host ("a@h", &name), ==, RTMFP_MALFORMED);
  g_assert_cmpint (ahoy_name_parse_host ("", &name), ==, RTMFP_MALFORMED);
}

static void
knows_users (void) {
  g_assert_true (ahoy_name_is_user ("a.b"));
  g_assert_false (ahoy_name_is_user ("A"));
  g_assert_false (ahoy_name_is_user ("a "));
  g_assert_false (ahoy_name_is_user (""));
  g_assert_nonnull (strstr (ahoy_name_rule (), "64"));
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/name/reads-and-writes", reads_and_writes);
  g_test_add_func ("/account/name/refuses-junk", refuses_junk);
  g_test_add_func ("/account/name/keeps-its-bounds", keeps_its_bounds);
  g_test_add_func ("/account/name/reads-a-host-alone", reads_a_host_alone);
  g_test_add_func ("/account/name/knows-users", knows_users);
  return g_test_run ();
}
