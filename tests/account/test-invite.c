/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites as text. */
#include "core/account/invite.h"
#include "tests/account/fixture.h"

static void
round_trip (void) {
  AhoyInvite invite = {.has_token = true,
                       .token = {1, 2, 3},
                       .has_server_key = true,
                       .server_key = fixture_identity (1).key,
                       .has_inviter_key = true,
                       .inviter_key = fixture_identity (2).key};
  g_assert_cmpint (ahoy_name_parse ("ada@[::1]:99", &invite.name), ==, RTMFP_OK);
  char text[AHOY_INVITE_TEXT_SIZE];
  ahoy_invite_format (&invite, text);
  g_assert_true (g_str_has_prefix (text, "ahoy:ada@[::1]:99?t=AQIDAAAAAAAAAAAAAAAAAA&s="));
  AhoyInvite read;
  g_assert_cmpint (ahoy_invite_parse (text, &read), ==, RTMFP_OK);
  g_assert_true (ahoy_name_equal (&read.name, &invite.name));
  g_assert_cmpmem (read.token, 16, invite.token, 16);
  g_assert_true (read.has_server_key && ahoy_key_equal (&read.server_key, &invite.server_key));
  g_assert_true (read.has_inviter_key && ahoy_key_equal (&read.inviter_key, &invite.inviter_key));
}

static void
plain_links (void) {
  AhoyInvite read;
  char text[AHOY_INVITE_TEXT_SIZE];
  g_assert_cmpint (ahoy_invite_parse ("  AHOY:Ada@h \n", &read), ==, RTMFP_OK);
  g_assert_false (read.has_token || read.has_server_key || read.has_inviter_key);
  ahoy_invite_format (&read, text);
  g_assert_cmpstr (text, ==, "ahoy:ada@h");
  g_assert_cmpint (ahoy_invite_parse ("ahoy:h:7?o=other&zz=1&q&x=&t=AQIDAAAAAAAAAAAAAAAAAA", &read),
                   ==, RTMFP_OK);
  g_assert_cmpstr (read.name.user, ==, "");
  g_assert_cmpint (read.name.port, ==, 7);
  g_assert_true (read.has_token);
  g_assert_cmpint (ahoy_invite_parse ("ahoy:a@h?", &read), ==, RTMFP_OK);
}

static void
refuses_junk (void) {
  static const char *const bad[] = {
      "",
      "ahoy",
      "ahoy:",
      "ahoy:@",
      "http://a@h",
      "ahoy:a@h?t=",
      "ahoy:a@h?t=AQID",
      "ahoy:a@h?t=AQIDAAAAAAAAAAAAAAAAAB",
      "ahoy:a@h?t=AQIDAAAAAAAAAAAAAAAAAA==",
      "ahoy:a@h?t=AQIDAAAAAAAAAAAAAAAAAA&t=AQIDAAAAAAAAAAAAAAAAAA",
      "ahoy:a@h?k=AQIDAAAAAAAAAAAAAAAAAA",
      "ahoy:a@h?s=!",
      "ahoy:a@h?x=a b",
      "ahoy:a@h?x=<b>",
      "ahoy:a@h?x=\x01",
      "ahoy:a@h#x",
      "ahoy://a@h",
      "ahoy:a b@h",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    AhoyInvite read = {.has_token = true};
    g_test_message ("%s", bad[i]);
    g_assert_cmpint (ahoy_invite_parse (bad[i], &read), ==, RTMFP_MALFORMED);
    g_assert_true (read.has_token);
  }
}

static void
bounds (void) {
  AhoyInvite read;
  g_autofree char *fill = g_strnfill (AHOY_INVITE_CHARS_MAX - strlen ("ahoy:a@h?x="), 'x');
  g_autofree char *most = g_strconcat ("ahoy:a@h?x=", fill, NULL);
  g_autofree char *more = g_strconcat (most, "x", NULL);
  g_assert_cmpint (ahoy_invite_parse (most, &read), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_invite_parse (more, &read), ==, RTMFP_LIMIT);

  /* The longest that we write fits. */
  AhoyInvite invite = {.has_token = true, .has_server_key = true, .has_inviter_key = true};
  memset (invite.name.user, 'u', AHOY_USER_CHARS_MAX);
  memset (invite.name.host, 'h', AHOY_HOST_CHARS_MAX);
  invite.name.port = 65535;
  char text[AHOY_INVITE_TEXT_SIZE];
  ahoy_invite_format (&invite, text);
  g_assert_cmpuint (strlen (text), <=, AHOY_INVITE_CHARS_MAX);
}

static void
tokens (void) {
  uint8_t token[AHOY_INVITE_TOKEN_SIZE] = {255, 1}, read[AHOY_INVITE_TOKEN_SIZE];
  char text[AHOY_INVITE_TOKEN_TEXT_SIZE];
  ahoy_invite_token_format (token, text);
  g_assert_cmpuint (strlen (text), ==, AHOY_INVITE_TOKEN_TEXT_SIZE - 1);
  g_assert_cmpint (ahoy_invite_token_parse (text, read), ==, RTMFP_OK);
  g_assert_cmpmem (token, sizeof token, read, sizeof read);
  g_assert_cmpint (ahoy_invite_token_parse ("x", read), ==, RTMFP_MALFORMED);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/invite/round-trip", round_trip);
  g_test_add_func ("/account/invite/plain-links-and-unknown-parameters", plain_links);
  g_test_add_func ("/account/invite/refuses-junk", refuses_junk);
  g_test_add_func ("/account/invite/keeps-its-bounds", bounds);
  g_test_add_func ("/account/invite/tokens", tokens);
  return g_test_run ();
}
