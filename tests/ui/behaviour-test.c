/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what pages and windows do, with real widgets: who is asked for what, what hides and
 * closes, what a notification offers. Needs a display and the schema. */
#include "tests/ui/gallery/made-up.h"
#include "ui/pages/call-page.h"
#include "ui/pages/contacts-page.h"
#include "ui/pages/conversation-page.h"
#include "ui/shell/autostart.h"
#include "ui/shell/init.h"
#include "ui/shell/main-window.h"
#include "ui/shell/notifier.h"
#include "ui/shell/shell.h"
#include "ui/video/video-paintable.h"
#include "ui/widgets/composer.h"
#include "ui/widgets/contact-row.h"
#include "ui/widgets/message-row.h"

static AdwApplication *application;

typedef struct {
  UiSession *session;
  UiIntents *intents;
  GSettings *settings;
  UiShell *shell;
} World;

static void
world_open (World *world) {
  world->session = ui_session_new ();
  world->intents = UI_INTENTS (made_up_new (G_APPLICATION (application), world->session));
  world->settings = g_settings_new (UI_APPLICATION_ID);
  g_settings_reset (world->settings, "background-told");
  g_settings_reset (world->settings, "stay-reachable");
  world->shell =
      ui_shell_new (application, world->session, world->intents, world->settings, "0.1.0");
  made_up_sign_in (world->session);
  made_up_add_people (world->session);
  made_up_add_devices (world->session);
}

static gboolean
on_time (gpointer data) {
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
run_ms (guint time_ms) {
  gboolean over = FALSE;
  g_timeout_add (time_ms, on_time, &over);
  while (!over) {
    g_main_context_iteration (NULL, TRUE);
  }
}

static void
world_close (World *world) {
  GtkWindow *windows[] = {ui_shell_get_main_window (world->shell),
                          ui_shell_get_call_window (world->shell)};
  g_clear_object (&world->shell);
  for (gsize i = 0; i < G_N_ELEMENTS (windows); i++) {
    if (windows[i] != NULL) {
      gtk_window_destroy (windows[i]);
    }
  }
  run_ms (20);
  g_object_unref (world->settings);
  g_object_unref (world->intents);
  g_object_unref (world->session);
}

static GtkWidget *
find (GtkWidget *widget, GType type) {
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type)) {
    return widget;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find (child, type);
    if (found != NULL) {
      return found;
    }
  }
  return NULL;
}

static UiContact *
person (World *world, const char *address) {
  return ui_session_find_contact (world->session, address);
}

static void
test_close_keeps_reachable (void) {
  World world;
  world_open (&world);
  ui_shell_present (world.shell);
  GtkWindow *window = ui_shell_get_main_window (world.shell);
  gtk_window_close (window);
  run_ms (50);
  g_assert_true (ui_shell_get_main_window (world.shell) == window);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window)));
  g_assert_true (g_settings_get_boolean (world.settings, "background-told"));
  ui_shell_present (world.shell);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
  world_close (&world);
}

static void
test_welcome_gives_way (void) {
  World world;
  world_open (&world);
  ui_shell_present (world.shell);
  GtkWidget *window = GTK_WIDGET (ui_shell_get_main_window (world.shell));
  GtkWidget *contacts = find (window, UI_TYPE_CONTACTS_PAGE);
  run_ms (50);
  g_assert_true (gtk_widget_get_mapped (contacts));
  ui_intents_sign_out (world.intents);
  run_ms (400);
  g_assert_false (gtk_widget_get_mapped (contacts));
  world_close (&world);
}

static void
test_people_in_order (void) {
  static const char *const expected[] = {"Emil",  "Ada Lindqvist", "Bruno", "Chen Wei",
                                         "Deniz", "Fatou Diop",    "greta", "spam"};
  World world;
  world_open (&world);
  ui_shell_present (world.shell);
  run_ms (50);
  GtkWidget *page =
      find (GTK_WIDGET (ui_shell_get_main_window (world.shell)), UI_TYPE_CONTACTS_PAGE);
  GtkWidget *row = find (page, UI_TYPE_CONTACT_ROW);
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_assert_cmpstr (ui_contact_get_name (ui_contact_row_get_contact (UI_CONTACT_ROW (row))), ==,
                     expected[i]);
    row = gtk_widget_get_next_sibling (row);
  }
  /* A new message brings its person up. */
  ui_intents_send_message (world.intents, person (&world, "deniz@example.org"), "Hello");
  run_ms (50);
  row = gtk_widget_get_next_sibling (find (page, UI_TYPE_CONTACT_ROW));
  g_assert_cmpstr (ui_contact_get_name (ui_contact_row_get_contact (UI_CONTACT_ROW (row))), ==,
                   "Deniz");
  world_close (&world);
}

/* A thousand people come one by one, as from a store, and go at once. */
static void
test_many_people (void) {
  World world;
  world_open (&world);
  ui_shell_present (world.shell);
  GtkWidget *page =
      find (GTK_WIDGET (ui_shell_get_main_window (world.shell)), UI_TYPE_CONTACTS_PAGE);
  const gint64 start_us = g_get_monotonic_time ();
  for (guint i = 0; i < 1000; i++) {
    g_autofree char *address = g_strdup_printf ("person%03u@many.example", i);
    g_autoptr (UiContact) contact = ui_contact_new (address, NULL);
    ui_session_add_contact (world.session, contact);
  }
  run_ms (50);
  g_test_message ("1000 people took %.2f s",
                  (double)(g_get_monotonic_time () - start_us) / G_USEC_PER_SEC);
  GtkWidget *list = gtk_widget_get_parent (find (page, UI_TYPE_CONTACT_ROW));
  guint rows = 0;
  for (GtkWidget *row = gtk_widget_get_first_child (list); row != NULL;
       row = gtk_widget_get_next_sibling (row)) {
    rows++;
  }
  g_assert_cmpuint (rows, ==, 1008);
  ui_session_remove_all_contacts (world.session);
  run_ms (50);
  g_assert_null (find (page, UI_TYPE_CONTACT_ROW));
  world_close (&world);
}

static void
test_removed_contact_closes (void) {
  World world;
  world_open (&world);
  ui_shell_present (world.shell);
  UiMainWindow *window = UI_MAIN_WINDOW (ui_shell_get_main_window (world.shell));
  UiContact *ada = person (&world, "ada@example.org");
  ui_main_window_open_contact (window, ada);
  g_assert_true (ui_main_window_get_contact (window) == ada);
  ui_intents_remove_contact (world.intents, ada);
  g_assert_null (ui_main_window_get_contact (window));
  world_close (&world);
}

static void
test_drafts_stay (void) {
  World world;
  world_open (&world);
  ui_shell_present (world.shell);
  UiMainWindow *window = UI_MAIN_WINDOW (ui_shell_get_main_window (world.shell));
  ui_main_window_open_contact (window, person (&world, "ada@example.org"));
  UiComposer *composer = UI_COMPOSER (find (GTK_WIDGET (window), UI_TYPE_COMPOSER));
  ui_composer_set_text (composer, "half a thought");
  ui_main_window_open_contact (window, person (&world, "bruno@example.org"));
  g_autofree char *other = ui_composer_dup_text (composer);
  g_assert_cmpstr (other, ==, "");
  ui_main_window_open_contact (window, person (&world, "ada@example.org"));
  g_autofree char *draft = ui_composer_dup_text (composer);
  g_assert_cmpstr (draft, ==, "half a thought");
  world_close (&world);
}

/* Returns: how far the newest line stands below the lower edge of its window, in pixels. */
static float
newest_below_edge (GtkWidget *window) {
  GtkWidget *page = find (window, UI_TYPE_CONVERSATION_PAGE);
  GtkWidget *last = gtk_widget_get_parent (find (page, UI_TYPE_MESSAGE_ROW));
  last = gtk_widget_get_last_child (last);
  GtkWidget *scroller = gtk_widget_get_ancestor (last, GTK_TYPE_SCROLLED_WINDOW);
  graphene_rect_t bounds;
  g_assert_true (gtk_widget_compute_bounds (last, scroller, &bounds));
  return bounds.origin.y + bounds.size.height - (float)gtk_widget_get_height (scroller);
}

static void
test_newest_is_seen (void) {
  World world;
  world_open (&world);
  ui_shell_present (world.shell);
  GtkWidget *window = GTK_WIDGET (ui_shell_get_main_window (world.shell));
  ui_main_window_open_contact (UI_MAIN_WINDOW (window), person (&world, "ada@example.org"));
  run_ms (300);
  g_assert_cmpfloat (newest_below_edge (window), <=, 1);
  for (guint i = 0; i < 30; i++) {
    ui_intents_send_message (world.intents, person (&world, "ada@example.org"), "and one more");
  }
  run_ms (300);
  g_assert_cmpfloat (newest_below_edge (window), <=, 1);
  world_close (&world);
}

static void
test_call_window_comes_and_goes (void) {
  World world;
  world_open (&world);
  UiCall *call = made_up_call (world.session, "ada@example.org", UI_CALL_INCOMING, TRUE);
  GtkWindow *window = ui_shell_get_call_window (world.shell);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
  /* Closing the window of a ringing call declines nothing. */
  gtk_window_close (window);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window)));
  g_assert_cmpint ((int)ui_call_get_state (call), ==, UI_CALL_RINGING);
  g_action_group_activate_action (G_ACTION_GROUP (application), "show-call", NULL);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
  /* Closing that of a running one hangs up, and it goes away by itself. */
  ui_call_set_state (call, UI_CALL_SECURED);
  gtk_window_close (window);
  g_assert_cmpint ((int)ui_call_get_state (call), ==, UI_CALL_ENDED);
  run_ms (1000);
  g_assert_null (ui_shell_get_call_window (world.shell));
  world_close (&world);
}

static void
test_unanswered_call_stays (void) {
  World world;
  world_open (&world);
  UiCall *call = made_up_call (world.session, "ada@example.org", UI_CALL_OUTGOING, FALSE);
  ui_call_end (call, "They did not answer.");
  run_ms (2000);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (ui_shell_get_call_window (world.shell))));
  world_close (&world);
}

static void
test_actions_name_one_call (void) {
  World world;
  world_open (&world);
  UiCall *call = made_up_call (world.session, "ada@example.org", UI_CALL_INCOMING, TRUE);
  g_action_group_activate_action (G_ACTION_GROUP (application), "answer",
                                  g_variant_new_string ("another-call"));
  g_assert_cmpint ((int)ui_call_get_state (call), ==, UI_CALL_RINGING);
  g_action_group_activate_action (G_ACTION_GROUP (application), "answer-audio",
                                  g_variant_new_string (ui_call_get_id (call)));
  g_assert_cmpint ((int)ui_call_get_state (call), ==, UI_CALL_CONNECTING);
  g_assert_false (ui_call_get_camera_on (call));
  world_close (&world);
}

static gboolean
is_rgb_red (GdkTexture *texture) {
  guchar pixels[4 * 4];
  gdk_texture_download (texture, pixels, 8);
  return pixels[2] == 255 && pixels[1] == 0 && pixels[0] == 0;
}

static void
test_paintable_shows_newest (void) {
  static const guchar green[12] = {0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0};
  static const guchar red[12] = {255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0};
  g_autoptr (UiFrameSlot) slot = ui_frame_slot_new ();
  g_autoptr (UiVideoPaintable) paintable = ui_video_paintable_new (slot, FALSE);
  g_autoptr (GBytes) first = g_bytes_new_static (green, sizeof green);
  g_autoptr (GBytes) second = g_bytes_new_static (red, sizeof red);
  g_assert_false (ui_video_paintable_has_picture (paintable));
  ui_frame_slot_push (slot, first, 2, 2, 6, UI_FRAME_FORMAT_RGB);
  ui_frame_slot_push (slot, second, 2, 2, 6, UI_FRAME_FORMAT_RGB);
  run_ms (20);
  g_assert_cmpuint (ui_video_paintable_get_shown (paintable), ==, 1);
  g_assert_cmpint (gdk_paintable_get_intrinsic_width (GDK_PAINTABLE (paintable)), ==, 2);

  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (GDK_PAINTABLE (paintable), snapshot, 2, 2);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  g_assert_cmpint ((int)gsk_render_node_get_node_type (node), ==, GSK_TEXTURE_NODE);
  g_assert_true (is_rgb_red (gsk_texture_node_get_texture (node)));

  ui_frame_slot_clear (slot);
  run_ms (20);
  g_assert_false (ui_video_paintable_has_picture (paintable));
}

static void
test_autostart_file (void) {
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("ahoy-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path =
      g_build_filename (folder, "autostart", UI_APPLICATION_ID ".desktop", NULL);
  g_assert_true (ui_autostart_set (folder, FALSE, &error)); /* nothing there is fine */
  g_assert_true (ui_autostart_set (folder, TRUE, &error));
  g_assert_no_error (error);
  g_autoptr (GKeyFile) entry = g_key_file_new ();
  g_assert_true (g_key_file_load_from_file (entry, path, G_KEY_FILE_NONE, &error));
  g_autofree char *command = g_key_file_get_string (entry, "Desktop Entry", "Exec", NULL);
  g_assert_cmpstr (command, ==, "ahoy --gapplication-service");
  g_assert_true (ui_autostart_set (folder, FALSE, &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (ui_autostart_set ("/dev/null", TRUE, &error));
  g_assert_nonnull (error);
}

static void
on_activate (GApplication *app G_GNUC_UNUSED, gpointer data) {
  *(int *)data = g_test_run ();
  g_application_quit (G_APPLICATION (application));
}

int
main (int argc, char *argv[]) {
  int status = 1;
  g_test_init (&argc, &argv, NULL);
  ui_init ("/nonexistent");
  application =
      g_object_new (ADW_TYPE_APPLICATION, "application-id", "org.ahoycall.Behaviour", "flags",
                    G_APPLICATION_NON_UNIQUE, "resource-base-path", UI_RESOURCE_PATH, NULL);
  g_test_add_func ("/ui/shell/closing-the-window-keeps-one-reachable", test_close_keeps_reachable);
  g_test_add_func ("/ui/shell/signing-out-shows-the-welcome", test_welcome_gives_way);
  g_test_add_func ("/ui/shell/actions-name-one-call", test_actions_name_one_call);
  g_test_add_func ("/ui/shell/call-window-comes-and-goes", test_call_window_comes_and_goes);
  g_test_add_func ("/ui/shell/unanswered-call-stays-to-be-read", test_unanswered_call_stays);
  g_test_add_func ("/ui/shell/autostart-file-is-written-and-removed", test_autostart_file);
  g_test_add_func ("/ui/contacts/stand-in-order", test_people_in_order);
  g_test_add_func ("/ui/contacts/a-thousand-come-and-go", test_many_people);
  g_test_add_func ("/ui/conversation/closes-with-a-removed-contact", test_removed_contact_closes);
  g_test_add_func ("/ui/conversation/shows-the-newest-line", test_newest_is_seen);
  g_test_add_func ("/ui/conversation/keeps-drafts", test_drafts_stay);
  g_test_add_func ("/ui/video/paintable-shows-the-newest-frame", test_paintable_shows_newest);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &status);
  g_application_hold (G_APPLICATION (application));
  const int run = g_application_run (G_APPLICATION (application), 0, NULL);
  return run != 0 ? run : status;
}
