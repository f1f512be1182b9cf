/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waking is told, going to sleep is not; on a bus of our own with a logind of our own. */
#include "app/client/sleep-watch.h"

static guint woken;

static void
on_woke (gpointer data) {
  g_assert_true (data == &woken);
  woken++;
}

static GDBusConnection *
connect_to (GTestDBus *bus) {
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection =
      g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (bus),
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                  G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
announce (GDBusConnection *logind, GVariant *parameters) {
  g_assert_true (g_dbus_connection_emit_signal (logind, NULL, "/org/freedesktop/login1",
                                                "org.freedesktop.login1.Manager", "PrepareForSleep",
                                                parameters, NULL));
  g_assert_true (g_dbus_connection_flush_sync (logind, NULL, NULL));
}

static gboolean
on_late (gpointer data) {
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
spin_until (guint count) {
  gboolean late = FALSE;
  const guint source = g_timeout_add_seconds (20, on_late, &late);
  while (woken < count && !late) {
    g_main_context_iteration (NULL, TRUE);
  }
  g_assert_cmpuint (woken, ==, count);
  g_source_remove (source);
}

static void
test_waking (void) {
  g_autoptr (GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  g_autoptr (GDBusConnection) ours = connect_to (bus), logind = connect_to (bus);
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
      logind, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", "org.freedesktop.login1", 0), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (answer);
  AppSleepWatch *watch = app_sleep_watch_new (ours, on_woke, &woken);
  /* The bus has our wish before logind speaks. */
  g_autoptr (GVariant) pong = g_dbus_connection_call_sync (
      ours, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Peer", "Ping",
      NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (pong);
  announce (logind, g_variant_new ("(b)", TRUE));
  announce (logind, g_variant_new ("(s)", "nonsense"));
  announce (logind, g_variant_new ("(b)", FALSE));
  spin_until (1);
  announce (logind, g_variant_new ("(b)", TRUE));
  announce (logind, g_variant_new ("(b)", FALSE));
  spin_until (2);
  app_sleep_watch_free (watch);
  g_clear_object (&ours);
  g_clear_object (&logind);
  g_test_dbus_down (bus);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client/sleep-watch/tells-of-waking", test_waking);
  return g_test_run ();
}
