/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access to a relay: the credential that coturn checks, and its text in an invite. */
#include "core/account/relay.h"
#include "tests/account/fixture.h"

static RtmfpBytes
text_bytes (const char *text) {
  return rtmfp_bytes (text, strlen (text));
}

static void
credential (void) {
  AhoyRelayAccess access = {.servers = "turn.example.org"}, other = {.servers = ""};
  ahoy_relay_access_make (text_bytes ("north"), text_bytes ("key"), "anna", 1234567890, &access);
  g_assert_cmpstr (access.servers, ==, "turn.example.org");
  /* The relay sees until when, and a pseudonym: 64 bits of HMAC-SHA-256. */
  g_auto (GStrv) parts = g_strsplit (access.username, ":", 2);
  g_assert_cmpstr (parts[0], ==, "1234567890");
  g_autofree char *pseudonym =
      g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *)"key", 3, "anna", -1);
  g_assert_cmpmem (parts[1], strlen (parts[1]), pseudonym, 16);
  /* The password is base64 of HMAC-SHA1 over the user name, as coturn makes it. */
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *)"north", 5);
  guint8 mac[20];
  gsize size = sizeof mac;
  g_hmac_update (hmac, (const guchar *)access.username, -1);
  g_hmac_get_digest (hmac, mac, &size);
  g_hmac_unref (hmac);
  g_autofree char *password = g_base64_encode (mac, size);
  g_assert_cmpstr (access.password, ==, password);
  ahoy_relay_access_make (text_bytes ("north"), text_bytes ("key"), "bert", 1234567890, &other);
  g_assert_cmpstr (access.username, !=, other.username);
  g_assert_cmpstr (access.password, !=, other.password);
}

static void
text (void) {
  AhoyRelayAccess access = {.servers = "turn.example.org:3479 [2001:db8::1]"}, read;
  char written[AHOY_RELAY_TEXT_SIZE];
  ahoy_relay_access_make (text_bytes ("s"), text_bytes ("k"), "anna", 1, &access);
  ahoy_relay_access_format (&access, written);
  const size_t chars = strlen (written);
  g_assert_cmpint (ahoy_relay_access_parse (written, chars, &read), ==, RTMFP_OK);
  g_assert_cmpstr (read.servers, ==, access.servers);
  g_assert_cmpstr (read.username, ==, access.username);
  g_assert_cmpstr (read.password, ==, access.password);
  /* Cut, it is no access or a shorter password, never anything of its own. */
  for (size_t size = 0; size < chars; size++) {
    if (ahoy_relay_access_parse (written, size, &read) == RTMFP_OK) {
      g_assert_cmpstr (read.username, ==, access.username);
      g_assert_true (g_str_has_prefix (access.password, read.password));
    }
  }
  for (size_t i = 0; i < chars; i++) {
    const char kept = written[i];
    written[i] = '!';
    g_assert_cmpint (ahoy_relay_access_parse (written, chars, &read), ==, RTMFP_MALFORMED);
    written[i] = kept;
  }
}

static void
check_tls (const AhoyRelayAccess *access) {
  char written[AHOY_RELAY_TEXT_SIZE];
  AhoyRelayAccess read;
  ahoy_relay_access_format (access, written);
  g_assert_cmpint (ahoy_relay_access_parse (written, strlen (written), &read), ==, RTMFP_OK);
  g_assert_cmpuint (read.tls_port, ==, access->tls_port);
  g_assert_cmpstr (read.tls_key, ==, access->tls_key);
  g_assert_cmpstr (read.password, ==, access->password);
}

static void
tls (void) {
  AhoyRelayAccess access = {.servers = "turn.example.org", .tls_port = 443};
  ahoy_relay_access_make (text_bytes ("s"), text_bytes ("k"), "anna", 1, &access);
  check_tls (&access);
  memset (access.tls_key, 'f', AHOY_RELAY_KEY_SIZE - 1);
  access.tls_port = 65535;
  check_tls (&access);
  /* The longest of all. */
  memset (access.servers, 'a', AHOY_RELAY_SERVERS_SIZE - 1);
  memset (access.username, 'u', AHOY_RELAY_USERNAME_SIZE - 1);
  memset (access.password, 'p', AHOY_RELAY_PASSWORD_SIZE - 1);
  check_tls (&access);
}

static void
first (void) {
  AhoyRelayAccess access;
  ahoy_relay_access_first ("example.org", &access);
  g_assert_true (access.is_first);
  g_assert_cmpstr (access.servers, ==, "example.org");
  g_assert_cmpstr (access.username, ==, "2147483647:first");
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *)"ahoy first contact", 18);
  guint8 mac[20];
  gsize size = sizeof mac;
  g_hmac_update (hmac, (const guchar *)access.username, -1);
  g_hmac_get_digest (hmac, mac, &size);
  g_hmac_unref (hmac);
  g_autofree char *password = g_base64_encode (mac, size);
  g_assert_cmpstr (access.password, ==, password); /* as coturn makes it of that secret */
  ahoy_relay_access_first ("2001:db8::1", &access);
  g_assert_cmpstr (access.servers, ==, "[2001:db8::1]");
  g_autofree char *longest = g_strnfill (253, 'a');
  ahoy_relay_access_first (longest, &access);
  g_assert_true (ahoy_relay_servers_are_good (access.servers));
}

static void
malformed (void) {
  static const char *const plain[] = {
      "",
      "turn.example.org",
      "turn.example.org|user",
      "turn.example.org|user|",
      "|user|word",
      "turn.example.org||word",
      "turn example|us\ner|word",
      "turn.example.org;x|user|word",
      "turn.example.org|user|word||",
      "turn.example.org|user|word|0",
      "turn.example.org|user|word|65536",
      "turn.example.org|user|word|4x",
      "turn.example.org|user|word|443|abc",
      "turn.example.org|user|word|443|"
      "ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789",
      "turn.example.org|user|word|443|"
      "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789|more",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (plain); i++) {
    g_autofree char *encoded = g_base64_encode ((const guchar *)plain[i], strlen (plain[i]));
    encoded[strcspn (encoded, "=")] = '\0';
    AhoyRelayAccess read = {.servers = "kept"};
    g_assert_cmpint (ahoy_relay_access_parse (encoded, strlen (encoded), &read), ==,
                     RTMFP_MALFORMED);
    g_assert_cmpstr (read.servers, ==, "kept");
  }
  AhoyRelayAccess read;
  g_autofree char *endless = g_strnfill (4 * AHOY_RELAY_TEXT_SIZE, 'A');
  g_assert_cmpint (ahoy_relay_access_parse (endless, strlen (endless), &read), ==, RTMFP_MALFORMED);
}

static void
servers (void) {
  g_assert_true (ahoy_relay_servers_are_good ("turn.example.org"));
  g_assert_true (ahoy_relay_servers_are_good ("a:1 b c:3 [2001:db8::1]:4"));
  g_assert_false (ahoy_relay_servers_are_good (""));
  g_assert_false (ahoy_relay_servers_are_good (" a"));
  g_assert_false (ahoy_relay_servers_are_good ("a  b"));
  g_assert_false (ahoy_relay_servers_are_good ("a "));
  g_assert_false (ahoy_relay_servers_are_good ("a b c d e"));
  g_assert_false (ahoy_relay_servers_are_good ("a|b"));
  g_assert_false (ahoy_relay_servers_are_good ("a\tb"));
  g_autofree char *longest = g_strnfill (AHOY_RELAY_SERVERS_SIZE - 1, 'a');
  g_assert_true (ahoy_relay_servers_are_good (longest));
  g_autofree char *longer = g_strnfill (AHOY_RELAY_SERVERS_SIZE, 'a');
  g_assert_false (ahoy_relay_servers_are_good (longer));
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/relay/credential", credential);
  g_test_add_func ("/account/relay/text", text);
  g_test_add_func ("/account/relay/tls", tls);
  g_test_add_func ("/account/relay/first", first);
  g_test_add_func ("/account/relay/malformed", malformed);
  g_test_add_func ("/account/relay/servers", servers);
  return g_test_run ();
}
