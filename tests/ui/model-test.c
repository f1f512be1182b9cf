/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the models: changes are told once, lists keep their order, bounds and finality hold.
 */
#include "ui/model/intents.h"

static void
count_notify (GObject *object G_GNUC_UNUSED, GParamSpec *pspec G_GNUC_UNUSED, gpointer data) {
  (*(guint *)data)++;
}

static void
test_message_replaces_bad_utf8 (void) {
  g_autoptr (UiMessage) message = ui_message_new ("1", FALSE, 5, "a\xff\nb ");
  g_assert_true (g_utf8_validate (ui_message_get_text (message), -1, NULL));
  g_autofree char *summary = ui_message_dup_summary (message);
  g_assert_cmpstr (summary, ==, "a\xef\xbf\xbd b");
  g_assert_cmpint ((int)ui_message_get_state (message), ==, UI_MESSAGE_DELIVERED);
}

static void
test_message_names_missed_calls (void) {
  g_autoptr (UiMessage) in = ui_message_new_call (NULL, FALSE, 0, UI_MESSAGE_CALL_MISSED, FALSE, 0);
  g_autoptr (UiMessage) out = ui_message_new_call (NULL, TRUE, 0, UI_MESSAGE_CALL_MISSED, TRUE, 0);
  g_autofree char *missed = ui_message_dup_summary (in);
  g_autofree char *unanswered = ui_message_dup_summary (out);
  g_assert_cmpstr (missed, ==, "Missed call");
  g_assert_cmpstr (unanswered, ==, "Video call, no answer");
}

static void
test_message_tells_state_once (void) {
  guint told = 0;
  g_autoptr (UiMessage) message = ui_message_new ("1", TRUE, 5, "hello");
  g_signal_connect (message, "notify::state", G_CALLBACK (count_notify), &told);
  ui_message_set_state (message, UI_MESSAGE_STORED);
  ui_message_set_state (message, UI_MESSAGE_STORED);
  g_assert_cmpuint (told, ==, 1);
}

static void
add_text (UiConversation *conversation, const char *id, gint64 time_us) {
  g_autoptr (UiMessage) message = ui_message_new (id, FALSE, time_us, id);
  ui_conversation_add (conversation, message);
}

static void
test_conversation_orders_by_time (void) {
  g_autoptr (UiConversation) conversation = ui_conversation_new ();
  add_text (conversation, "b", 20);
  add_text (conversation, "d", 30);
  add_text (conversation, "a", 10);
  add_text (conversation, "c", 20);
  add_text (conversation, "a", 99); /* known already */
  g_autoptr (GString) order = g_string_new (NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (conversation)); i++) {
    g_autoptr (UiMessage) message = g_list_model_get_item (G_LIST_MODEL (conversation), i);
    g_string_append (order, ui_message_get_id (message));
  }
  g_assert_cmpstr (order->str, ==, "abcd");
  g_assert_cmpstr (ui_message_get_id (ui_conversation_get_last (conversation)), ==, "d");
  g_assert_null (ui_conversation_find (conversation, "e"));
  ui_conversation_remove_all (conversation);
  g_assert_null (ui_conversation_find (conversation, "a"));
  g_assert_null (ui_conversation_get_last (conversation));
}

static void
test_conversation_tells_last (void) {
  guint told = 0;
  g_autoptr (UiConversation) conversation = ui_conversation_new ();
  g_signal_connect (conversation, "notify::last", G_CALLBACK (count_notify), &told);
  add_text (conversation, "b", 20);
  add_text (conversation, "a", 10);
  g_assert_cmpuint (told, ==, 1);
}

static void
test_contact_falls_back_to_local_part (void) {
  g_autoptr (UiContact) contact = ui_contact_new ("ada@example.org", NULL);
  g_assert_cmpstr (ui_contact_get_name (contact), ==, "ada");
  ui_contact_set_name (contact, "Ada L.");
  g_assert_cmpstr (ui_contact_get_name (contact), ==, "Ada L.");
  ui_contact_set_name (contact, "");
  g_assert_cmpstr (ui_contact_get_name (contact), ==, "ada");
}

static void
test_contact_changed_key_stops_talk (void) {
  g_autoptr (UiContact) contact = ui_contact_new ("ada@example.org", NULL);
  g_assert_true (ui_contact_may_talk (contact));
  ui_contact_set_key_changed (contact, TRUE);
  g_assert_false (ui_contact_may_talk (contact));
  ui_contact_set_key_changed (contact, FALSE);
  ui_contact_set_relation (contact, UI_RELATION_BLOCKED);
  g_assert_false (ui_contact_may_talk (contact));
}

static void
test_call_end_is_final (void) {
  g_autoptr (UiContact) contact = ui_contact_new ("ada@example.org", NULL);
  g_autoptr (UiCall) call = ui_call_new ("1", contact, UI_CALL_INCOMING, TRUE);
  g_assert_true (ui_call_is_ringing_here (call));
  ui_call_set_state (call, UI_CALL_SECURED);
  g_assert_true (ui_call_is_live (call));
  ui_call_end (call, "They hung up.");
  ui_call_set_state (call, UI_CALL_SECURED);
  ui_call_end (call, "Another reason.");
  g_assert_cmpint ((int)ui_call_get_state (call), ==, UI_CALL_ENDED);
  g_assert_cmpstr (ui_call_get_end_reason (call), ==, "They hung up.");
  g_assert_false (ui_call_is_live (call));
}

static void
test_call_every_property_reads (void) {
  g_autoptr (UiContact) contact = ui_contact_new ("ada@example.org", NULL);
  g_autoptr (UiCall) call = ui_call_new ("1", contact, UI_CALL_OUTGOING, TRUE);
  ui_call_set_level_permille (call, 4000);
  ui_call_set_path (call, UI_CALL_PATH_RELAYED);
  g_autofree char *id = NULL;
  guint level = 0;
  gboolean camera = FALSE;
  UiCallPath path = UI_CALL_PATH_UNKNOWN;
  g_autoptr (UiFrameSlot) remote = NULL;
  g_object_get (call, "id", &id, "level-permille", &level, "camera-on", &camera, "path", &path,
                "remote-frames", &remote, NULL);
  g_assert_cmpstr (id, ==, "1");
  g_assert_cmpuint (level, ==, 1000);
  g_assert_true (camera);
  g_assert_cmpint ((int)path, ==, UI_CALL_PATH_RELAYED);
  g_assert_true (remote == ui_call_get_remote_frames (call));
}

static void
test_devices_replace_by_id (void) {
  g_autoptr (UiDevices) devices = ui_devices_new ();
  g_autoptr (UiDevice) one = ui_device_new (UI_DEVICE_CAMERA, "c1", "Camera");
  g_autoptr (UiDevice) again = ui_device_new (UI_DEVICE_CAMERA, "c1", "Camera (USB)");
  ui_devices_add (devices, one);
  ui_devices_add (devices, again);
  GListModel *cameras = ui_devices_get_list (devices, UI_DEVICE_CAMERA);
  g_assert_cmpuint (g_list_model_get_n_items (cameras), ==, 1);
  ui_devices_remove (devices, UI_DEVICE_MICROPHONE, "c1");
  g_assert_cmpuint (g_list_model_get_n_items (cameras), ==, 1);
  ui_devices_remove (devices, UI_DEVICE_CAMERA, "c1");
  g_assert_cmpuint (g_list_model_get_n_items (cameras), ==, 0);
}

static void
test_session_finds_without_case (void) {
  g_autoptr (UiSession) session = ui_session_new ();
  g_autoptr (UiContact) contact = ui_contact_new ("ada@example.org", NULL);
  g_autoptr (UiContact) twin = ui_contact_new ("Ada@Example.org", NULL);
  g_assert_true (ui_session_add_contact (session, contact));
  g_assert_false (ui_session_add_contact (session, twin));
  g_assert_true (ui_session_find_contact (session, "ADA@example.ORG") == contact);
  ui_session_remove_contact (session, contact);
  g_assert_null (ui_session_find_contact (session, "ada@example.org"));
}

static GBytes *
make_pixels (gsize count_bytes) {
  return g_bytes_new_take (g_malloc0 (count_bytes), count_bytes);
}

static void
push (UiFrameSlot *slot, guint width, guint height, gsize stride, gsize count_bytes) {
  g_autoptr (GBytes) pixels = make_pixels (count_bytes);
  ui_frame_slot_push (slot, pixels, width, height, stride, UI_FRAME_FORMAT_RGB);
}

static void
count_ready (UiFrameSlot *slot G_GNUC_UNUSED, gpointer data) {
  (*(guint *)data)++;
}

static void
test_frames_newest_wins (void) {
  guint told = 0;
  g_autoptr (UiFrameSlot) slot = ui_frame_slot_new ();
  g_signal_connect (slot, "frame-ready", G_CALLBACK (count_ready), &told);
  for (guint width = 1; width <= 10; width++) {
    push (slot, width, 2, 32, 64);
  }
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_cmpuint (told, ==, 1);
  g_assert_cmpuint (ui_frame_slot_get_pushed (slot), ==, 10);
  g_assert_cmpuint (ui_frame_slot_get_dropped (slot), ==, 9);
  UiFrame frame;
  g_assert_true (ui_frame_slot_take (slot, &frame));
  g_assert_cmpuint (frame.width_pixels, ==, 10);
  g_bytes_unref (frame.bytes);
  g_assert_false (ui_frame_slot_take (slot, &frame));
}

static void
test_frames_refuse_short (void) {
  g_autoptr (UiFrameSlot) slot = ui_frame_slot_new ();
  push (slot, 10, 2, 30, 59); /* one octet too few */
  push (slot, 10, 2, 29, 90); /* rows overlap */
  push (slot, 0, 2, 30, 60);
  push (slot, 10, 2, G_MAXSIZE, 60);
  UiFrame frame;
  g_assert_false (ui_frame_slot_take (slot, &frame));
  g_assert_cmpuint (ui_frame_slot_get_dropped (slot), ==, 4);
  push (slot, 10, 2, 30, 60);
  g_assert_true (ui_frame_slot_take (slot, &frame));
  g_bytes_unref (frame.bytes);
}

static void
test_frames_clear_blanks (void) {
  g_autoptr (UiFrameSlot) slot = ui_frame_slot_new ();
  g_assert_true (ui_frame_slot_is_blank (slot));
  push (slot, 10, 2, 30, 60);
  g_assert_false (ui_frame_slot_is_blank (slot));
  ui_frame_slot_clear (slot);
  g_assert_true (ui_frame_slot_is_blank (slot));
  UiFrame frame;
  g_assert_false (ui_frame_slot_take (slot, &frame));
}

static gpointer
push_many (gpointer data) {
  for (guint i = 0; i < 2000; i++) {
    push (data, 4, 4, 12, 48);
  }
  return NULL;
}

static void
test_frames_from_threads (void) {
  g_autoptr (UiFrameSlot) slot = ui_frame_slot_new ();
  GThread *threads[3];
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    threads[i] = g_thread_new ("frames", push_many, slot);
  }
  guint64 taken = 0;
  while (taken + ui_frame_slot_get_dropped (slot) < 6000) {
    UiFrame frame;
    if (ui_frame_slot_take (slot, &frame)) {
      g_bytes_unref (frame.bytes);
      taken++;
    }
  }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_thread_join (threads[i]);
  }
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_cmpuint (taken + ui_frame_slot_get_dropped (slot), ==, 6000);
}

/* An implementer that gives no method at all. */
#define TEST_TYPE_IDLE (test_idle_get_type ())
G_DECLARE_FINAL_TYPE (TestIdle, test_idle, TEST, IDLE, GObject)
struct _TestIdle {
  GObject parent_instance;
};
static void
idle_intents_init (UiIntentsInterface *iface G_GNUC_UNUSED) {
}
G_DEFINE_FINAL_TYPE_WITH_CODE (TestIdle, test_idle, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (UI_TYPE_INTENTS, idle_intents_init))
static void
test_idle_class_init (TestIdleClass *klass G_GNUC_UNUSED) {
}
static void
test_idle_init (TestIdle *self G_GNUC_UNUSED) {
}

static void
on_refused (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (GError) error = NULL;
  g_assert_false (ui_intents_finish (UI_INTENTS (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  *(gboolean *)data = TRUE;
}

static void
test_intents_missing_method_answers (void) {
  gboolean answered = FALSE;
  g_autoptr (TestIdle) idle = g_object_new (TEST_TYPE_IDLE, NULL);
  ui_intents_sign_out (UI_INTENTS (idle));
  ui_intents_sign_in_async (UI_INTENTS (idle), "a@b", "secret", NULL, on_refused, &answered);
  while (!answered) {
    g_main_context_iteration (NULL, TRUE);
  }
}

int
main (int argc, char *argv[]) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/model/message/replaces-bad-utf8", test_message_replaces_bad_utf8);
  g_test_add_func ("/ui/model/message/names-missed-calls", test_message_names_missed_calls);
  g_test_add_func ("/ui/model/message/tells-state-once", test_message_tells_state_once);
  g_test_add_func ("/ui/model/conversation/orders-by-time", test_conversation_orders_by_time);
  g_test_add_func ("/ui/model/conversation/tells-last-only-if-newest",
                   test_conversation_tells_last);
  g_test_add_func ("/ui/model/contact/falls-back-to-local-part",
                   test_contact_falls_back_to_local_part);
  g_test_add_func ("/ui/model/contact/changed-key-stops-talk", test_contact_changed_key_stops_talk);
  g_test_add_func ("/ui/model/call/end-is-final", test_call_end_is_final);
  g_test_add_func ("/ui/model/call/every-kind-of-property-reads", test_call_every_property_reads);
  g_test_add_func ("/ui/model/devices/replace-by-id", test_devices_replace_by_id);
  g_test_add_func ("/ui/model/session/finds-without-case", test_session_finds_without_case);
  g_test_add_func ("/ui/model/frames/newest-wins", test_frames_newest_wins);
  g_test_add_func ("/ui/model/frames/refuse-short", test_frames_refuse_short);
  g_test_add_func ("/ui/model/frames/clear-blanks", test_frames_clear_blanks);
  g_test_add_func ("/ui/model/frames/from-threads", test_frames_from_threads);
  g_test_add_func ("/ui/model/intents/missing-method-answers", test_intents_missing_method_answers);
  return g_test_run ();
}
