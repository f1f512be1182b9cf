/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a made-up client. */
#include "tests/ui/gallery/made-up.h"

#include <cairo.h>
#include <string.h>

struct _MadeUp {
  GObject parent_instance;

  GApplication *application; /* borrowed */
  UiSession *session;        /* owned */
};

static void intents_init (UiIntentsInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MadeUp, made_up, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (UI_TYPE_INTENTS, intents_init))

#define MINUTE_US (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)

/* Conversations stand at the same distance from now in every run. */
static gint64
minutes_ago (gint64 minutes) {
  return g_get_real_time () - minutes * MINUTE_US;
}

typedef struct {
  gboolean outgoing;
  gint64 minutes_ago;
  const char *text;
  UiMessageState state;
} Line;

static void
say (UiContact *contact, const Line *lines, gsize count) {
  UiConversation *conversation = ui_contact_get_conversation (contact);
  for (gsize i = 0; i < count; i++) {
    g_autofree char *id = g_strdup_printf ("%s-%" G_GSIZE_FORMAT, ui_contact_get_name (contact), i);
    g_autoptr (UiMessage) message =
        ui_message_new (id, lines[i].outgoing, minutes_ago (lines[i].minutes_ago), lines[i].text);
    ui_message_set_state (message, lines[i].outgoing ? lines[i].state : UI_MESSAGE_DELIVERED);
    ui_conversation_add (conversation, message);
  }
}

static void
leave_call (UiContact *contact, const char *id, gboolean outgoing, gint64 ago, UiMessageKind kind,
            gboolean with_video, guint duration_s) {
  g_autoptr (UiMessage) trace =
      ui_message_new_call (id, outgoing, minutes_ago (ago), kind, with_video, duration_s);
  ui_conversation_add (ui_contact_get_conversation (contact), trace);
}

static UiContact *
add_person (UiSession *session, const char *address, const char *name, UiPresence presence,
            UiRelation relation) {
  g_autoptr (UiContact) contact = ui_contact_new (address, name);
  ui_contact_set_presence (contact, presence);
  ui_contact_set_relation (contact, relation);
  ui_contact_set_safety_number (contact, "29471 80133 55602\n17794 36208 91145\n60027 48813 27390");
  ui_session_add_contact (session, contact);
  return ui_session_find_contact (session, address);
}

static void
add_talk_with_ada (UiSession *session) {
  static const Line lines[] = {
      {FALSE, 1503, "Ahoy! Are you home on Sunday?", 0},
      {TRUE, 1500, "Yes, all day. The children are asking for you.", UI_MESSAGE_DELIVERED},
      {FALSE, 1499, "Then I’ll call in the afternoon 🙂", 0},
      {FALSE, 47, "The train is late, so a bit later than I said.", 0},
      {FALSE, 46, "Half past three?", 0},
      {TRUE, 44, "Half past three is fine.\nWe’ll have cake ready.", UI_MESSAGE_DELIVERED},
      {FALSE, 12, "Here are the pictures of the harbour: https://example.org/harbour", 0},
      {TRUE, 3, "Lovely. Is that the old lighthouse on the third one?", UI_MESSAGE_DELIVERED},
      {TRUE, 2, "See you in a minute.", UI_MESSAGE_STORED},
  };
  UiContact *ada = add_person (session, "ada@example.org", "Ada Lindqvist", UI_PRESENCE_ONLINE,
                               UI_RELATION_BOTH);
  say (ada, lines, G_N_ELEMENTS (lines));
  leave_call (ada, "c1", FALSE, 1420, UI_MESSAGE_CALL, TRUE, 1934);
  leave_call (ada, "c2", FALSE, 30, UI_MESSAGE_CALL_MISSED, TRUE, 0);
}

static void
add_talk_with_bruno (UiSession *session) {
  static const Line lines[] = {
      {FALSE, 95, "Did the parcel arrive?", 0},
      {TRUE, 90, "Not yet, I’ll look again this evening.", UI_MESSAGE_DELIVERED},
      {TRUE, 8, "It is here!", UI_MESSAGE_FAILED},
      {TRUE, 7, "All in one piece.", UI_MESSAGE_UNSENT},
  };
  UiContact *bruno =
      add_person (session, "bruno@example.org", "Bruno", UI_PRESENCE_OFFLINE, UI_RELATION_BOTH);
  say (bruno, lines, G_N_ELEMENTS (lines));
}

void
made_up_add_people (UiSession *session) {
  static const Line from_chen[] = {
      {FALSE, 19, "I have sent you the draft.", 0},
      {FALSE, 18, "No hurry with it!", 0},
  };
  static const Line to_deniz[] = {
      {TRUE, 2900, "Good night", UI_MESSAGE_DELIVERED},
  };
  add_talk_with_ada (session);
  add_talk_with_bruno (session);
  UiContact *chen =
      add_person (session, "chen@calls.example", "Chen Wei", UI_PRESENCE_BUSY, UI_RELATION_BOTH);
  say (chen, from_chen, G_N_ELEMENTS (from_chen));
  ui_conversation_set_unread (ui_contact_get_conversation (chen), 2);
  UiContact *deniz =
      add_person (session, "deniz@example.org", "Deniz", UI_PRESENCE_ONLINE, UI_RELATION_BOTH);
  say (deniz, to_deniz, G_N_ELEMENTS (to_deniz));
  UiContact *fatou = add_person (session, "fatou@example.org", "Fatou Diop", UI_PRESENCE_OFFLINE,
                                 UI_RELATION_BOTH);
  leave_call (fatou, "c3", TRUE, 8000, UI_MESSAGE_CALL, FALSE, 421);
  ui_contact_set_key_changed (fatou, TRUE);
  add_person (session, "emil@calls.example", "Emil", UI_PRESENCE_UNKNOWN, UI_RELATION_REQUESTED);
  add_person (session, "greta@example.org", NULL, UI_PRESENCE_UNKNOWN, UI_RELATION_ASKED);
  add_person (session, "spam@elsewhere.example", NULL, UI_PRESENCE_UNKNOWN, UI_RELATION_BLOCKED);
}

void
made_up_add_devices (UiSession *session) {
  static const struct {
    UiDeviceKind kind;
    const char *id;
    const char *name;
  } all[] = {
      {UI_DEVICE_CAMERA, "cam1", "Built-in Camera"},
      {UI_DEVICE_CAMERA, "cam2", "USB Camera"},
      {UI_DEVICE_MICROPHONE, "mic1", "Built-in Microphone"},
      {UI_DEVICE_MICROPHONE, "mic2", "Headset"},
      {UI_DEVICE_SPEAKER, "spk1", "Built-in Speakers"},
      {UI_DEVICE_SPEAKER, "spk2", "Headset"},
  };
  UiDevices *devices = ui_session_get_devices (session);
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    g_autoptr (UiDevice) device = ui_device_new (all[i].kind, all[i].id, all[i].name);
    ui_devices_add (devices, device);
  }
  ui_devices_set_chosen (devices, UI_DEVICE_CAMERA, "cam1");
  ui_devices_set_chosen (devices, UI_DEVICE_MICROPHONE, "mic2");
  ui_devices_set_chosen (devices, UI_DEVICE_SPEAKER, "spk2");
}

void
made_up_sign_in (UiSession *session) {
  ui_session_set_address (session, "mara@example.org");
  ui_session_set_name (session, "Mara");
  ui_session_set_state (session, UI_SESSION_SIGNED_IN);
}

UiCall *
made_up_call (UiSession *session, const char *address, UiCallDirection direction,
              gboolean with_video) {
  UiContact *contact = ui_session_find_contact (session, address);
  g_autoptr (UiCall) call = ui_call_new ("call-1", contact, direction, with_video);
  ui_session_set_call (session, call);
  return ui_session_get_call (session);
}

/* A room, a window with evening light, a head and shoulders: enough to judge a layout by. */
static void
draw_person (cairo_t *cr, int person, double width, double height) {
  static const double coats[][3] = {{0.16, 0.36, 0.46}, {0.55, 0.30, 0.24}};
  static const double hairs[][3] = {{0.20, 0.13, 0.10}, {0.72, 0.52, 0.30}};
  const int who = person % 2;
  cairo_pattern_t *wall = cairo_pattern_create_linear (0, 0, width, height);
  cairo_pattern_add_color_stop_rgb (wall, 0, who == 0 ? 0.93 : 0.62, 0.80, who == 0 ? 0.64 : 0.72);
  cairo_pattern_add_color_stop_rgb (wall, 1, 0.42, 0.44, 0.50);
  cairo_set_source (cr, wall);
  cairo_paint (cr);
  cairo_pattern_destroy (wall);
  cairo_set_source_rgba (cr, 1, 0.95, 0.8, 0.55);
  cairo_rectangle (cr, width * 0.08, height * 0.10, width * 0.22, height * 0.42);
  cairo_fill (cr);
  cairo_set_source_rgba (cr, 0.35, 0.30, 0.28, 0.7);
  cairo_rectangle (cr, width * 0.70, height * 0.34, width * 0.26, height * 0.03);
  cairo_fill (cr);

  const double unit = height / 10;
  const double center = width * 0.5;
  cairo_set_source_rgb (cr, coats[who][0], coats[who][1], coats[who][2]);
  cairo_save (cr);
  cairo_translate (cr, center, height * 1.08);
  cairo_scale (cr, unit * 3.7, unit * 3.5);
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, hairs[who][0], hairs[who][1], hairs[who][2]);
  cairo_arc (cr, center, height * 0.40, unit * 1.95, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.86, 0.66, 0.54);
  cairo_rectangle (cr, center - unit * 0.6, height * 0.55, unit * 1.2, unit * 1.7);
  cairo_fill (cr);
  cairo_save (cr);
  cairo_translate (cr, center, height * 0.44);
  cairo_scale (cr, unit * 1.55, unit * 1.9);
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.2, 0.14, 0.12);
  cairo_arc (cr, center - unit * 0.55, height * 0.42, unit * 0.13, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_arc (cr, center + unit * 0.55, height * 0.42, unit * 0.13, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_set_line_width (cr, unit * 0.13);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_arc (cr, center, height * 0.475, unit * 0.6, 0.15 * G_PI, 0.85 * G_PI);
  cairo_stroke (cr);
}

static GBytes *
take_rgb (cairo_surface_t *surface, int width, int height) {
  const guchar *from = cairo_image_surface_get_data (surface);
  const int from_stride = cairo_image_surface_get_stride (surface);
  const gsize size = (gsize)width * (gsize)height * 3;
  guchar *rgb = g_malloc (size);
  guchar *to = rgb;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      guint32 pixel;
      memcpy (&pixel, from + y * from_stride + x * 4, sizeof pixel);
      *to++ = (guchar)(pixel >> 16);
      *to++ = (guchar)(pixel >> 8);
      *to++ = (guchar)pixel;
    }
  }
  return g_bytes_new_take (rgb, size);
}

void
made_up_push_picture (UiFrameSlot *slot, int person, int width, int height) {
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);
  draw_person (cr, person, width, height);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  g_autoptr (GBytes) pixels = take_rgb (surface, width, height);
  cairo_surface_destroy (surface);
  ui_frame_slot_push (slot, pixels, (guint)width, (guint)height, (gsize)width * 3,
                      UI_FRAME_FORMAT_RGB);
}

/* What the made-up client does when it is asked. */

static gboolean
answer_later (gpointer data) {
  g_autoptr (GTask) task = data;
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

/* The password "wrong" is wrong, the server of a name at "nowhere" does not answer. */
static void
sign_in_async (UiIntents *intents, const char *address, const char *password,
               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data) {
  MadeUp *self = MADE_UP (intents);
  GTask *task = g_task_new (self, cancellable, callback, data);
  if (g_str_equal (password, "wrong")) {
    g_task_return_new_error (task, UI_INTENT_ERROR, UI_INTENT_ERROR_PASSWORD,
                             "The password is not right. Try again.");
  } else if (g_str_has_suffix (address, "@nowhere")) {
    g_task_return_new_error (
        task, UI_INTENT_ERROR, UI_INTENT_ERROR_UNREACHABLE,
        "The server “nowhere” does not answer. Check its name and your network.");
  } else {
    made_up_sign_in (self->session);
    ui_session_set_address (self->session, address);
    g_timeout_add (300, answer_later, task);
    return;
  }
  g_object_unref (task);
}

static void
create_account_async (UiIntents *intents, const char *address, const char *password,
                      const char *invite G_GNUC_UNUSED, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data) {
  sign_in_async (intents, address, password, cancellable, callback, data);
}

static void
serve_async (UiIntents *intents, const char *name, const char *password, GCancellable *cancellable,
             GAsyncReadyCallback callback, gpointer data) {
  MadeUp *self = MADE_UP (intents);
  g_autofree char *address = g_strdup_printf ("%s@harbour.example", name);
  ui_session_set_serving (self->session, TRUE);
  ui_session_set_server_address (self->session, "harbour.example");
  sign_in_async (intents, address, password, cancellable, callback, data);
}

static void
sign_out (UiIntents *intents) {
  MadeUp *self = MADE_UP (intents);
  ui_session_remove_all_contacts (self->session);
  ui_session_set_address (self->session, NULL);
  ui_session_set_state (self->session, UI_SESSION_SIGNED_OUT);
}

static void
retry_now (UiIntents *intents) {
  ui_session_set_state (MADE_UP (intents)->session, UI_SESSION_SIGNED_IN);
}

static void
add_contact_async (UiIntents *intents, const char *address, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer data) {
  MadeUp *self = MADE_UP (intents);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  if (g_str_has_prefix (address, "nobody@")) {
    g_task_return_new_error (task, UI_INTENT_ERROR, UI_INTENT_ERROR_ADDRESS,
                             "There is nobody of this name. Check the spelling.");
    return;
  }
  add_person (self->session, address, NULL, UI_PRESENCE_UNKNOWN, UI_RELATION_ASKED);
  g_task_return_boolean (task, TRUE);
}

static void
redeem_invite_async (UiIntents *intents, const char *link, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer data) {
  g_autofree char *address = g_strndup (link + strlen ("ahoy:"), strcspn (link, "?") - 5);
  add_contact_async (intents, address, cancellable, callback, data);
}

static void
make_invite_async (UiIntents *intents, GCancellable *cancellable, GAsyncReadyCallback callback,
                   gpointer data) {
  g_autoptr (GTask) task = g_task_new (intents, cancellable, callback, data);
  g_task_return_pointer (task, g_strdup ("ahoy:mara@example.org?t=AAAAAAAAAAAAAAAAAAAAAA"), g_free);
}

static void
accept_contact (UiIntents *intents G_GNUC_UNUSED, UiContact *contact) {
  ui_contact_set_relation (contact, UI_RELATION_BOTH);
  ui_contact_set_presence (contact, UI_PRESENCE_ONLINE);
}

static void
remove_contact (UiIntents *intents, UiContact *contact) {
  ui_session_remove_contact (MADE_UP (intents)->session, contact);
}

static void
set_blocked (UiIntents *intents G_GNUC_UNUSED, UiContact *contact, gboolean blocked) {
  ui_contact_set_relation (contact, blocked ? UI_RELATION_BLOCKED : UI_RELATION_BOTH);
}

static void
rename_contact (UiIntents *intents G_GNUC_UNUSED, UiContact *contact, const char *name) {
  ui_contact_set_name (contact, name);
}

static void
confirm_key (UiIntents *intents G_GNUC_UNUSED, UiContact *contact, gboolean verified) {
  ui_contact_set_key_changed (contact, FALSE);
  ui_contact_set_verified (contact, verified);
}

static gboolean
deliver (gpointer data) {
  UiMessage *message = data;
  const UiMessageState state = ui_message_get_state (message);
  if (state == UI_MESSAGE_UNSENT) {
    ui_message_set_state (message, UI_MESSAGE_STORED);
    return G_SOURCE_CONTINUE;
  }
  ui_message_set_state (message, UI_MESSAGE_DELIVERED);
  return G_SOURCE_REMOVE;
}

static void
send_message (UiIntents *intents G_GNUC_UNUSED, UiContact *contact, const char *text) {
  g_autoptr (UiMessage) message = ui_message_new (NULL, TRUE, g_get_real_time (), text);
  ui_conversation_add (ui_contact_get_conversation (contact), message);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 500, deliver, g_object_ref (message), g_object_unref);
}

static void
resend_message (UiIntents *intents G_GNUC_UNUSED, UiContact *contact G_GNUC_UNUSED,
                UiMessage *message) {
  ui_message_set_state (message, UI_MESSAGE_UNSENT);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 500, deliver, g_object_ref (message), g_object_unref);
}

static void
mark_read (UiIntents *intents G_GNUC_UNUSED, UiContact *contact) {
  ui_conversation_set_unread (ui_contact_get_conversation (contact), 0);
}

static void
connect_media (UiCall *call) {
  ui_call_set_state (call, UI_CALL_SECURED);
  ui_call_set_path (call, UI_CALL_PATH_DIRECT);
  if (ui_call_get_camera_on (call)) {
    made_up_push_picture (ui_call_get_local_frames (call), 1, 640, 480);
  }
  if (ui_call_get_with_video (call)) {
    ui_call_set_remote_camera_on (call, TRUE);
    made_up_push_picture (ui_call_get_remote_frames (call), 0, 1280, 720);
  }
}

static gboolean
proceed (gpointer data) {
  UiCall *call = data;
  switch (ui_call_get_state (call)) {
  case UI_CALL_REACHING:
    ui_call_set_state (call, UI_CALL_RINGING);
    return G_SOURCE_CONTINUE;
  case UI_CALL_RINGING:
    ui_call_set_state (call, UI_CALL_CONNECTING);
    return G_SOURCE_CONTINUE;
  case UI_CALL_CONNECTING:
    connect_media (call);
    return G_SOURCE_REMOVE;
  default:
    return G_SOURCE_REMOVE;
  }
}

static void
start_call (UiIntents *intents, UiContact *contact, gboolean with_video) {
  UiCall *call = made_up_call (MADE_UP (intents)->session, ui_contact_get_address (contact),
                               UI_CALL_OUTGOING, with_video);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 1000, proceed, g_object_ref (call), g_object_unref);
}

static void
accept_call (UiIntents *intents G_GNUC_UNUSED, UiCall *call, gboolean with_video) {
  ui_call_set_camera_on (call, with_video);
  ui_call_set_state (call, UI_CALL_CONNECTING);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 1000, proceed, g_object_ref (call), g_object_unref);
}

static void
hang_up (UiIntents *intents G_GNUC_UNUSED, UiCall *call) {
  ui_call_end (call, NULL);
}

static void
set_muted (UiIntents *intents G_GNUC_UNUSED, UiCall *call, gboolean muted) {
  ui_call_set_muted (call, muted);
}

static void
set_camera (UiIntents *intents G_GNUC_UNUSED, UiCall *call, gboolean on) {
  ui_call_set_camera_on (call, on);
  if (on) {
    made_up_push_picture (ui_call_get_local_frames (call), 1, 640, 480);
  } else {
    ui_frame_slot_clear (ui_call_get_local_frames (call));
  }
}

static void
choose_device (UiIntents *intents, UiDeviceKind kind, const char *id) {
  ui_devices_set_chosen (ui_session_get_devices (MADE_UP (intents)->session), kind, id);
}

static void
set_preview (UiIntents *intents, gboolean on) {
  UiDevices *devices = ui_session_get_devices (MADE_UP (intents)->session);
  ui_devices_set_level_permille (devices, on ? 620 : 0);
  if (on) {
    made_up_push_picture (ui_devices_get_preview_frames (devices), 1, 640, 480);
  } else {
    ui_frame_slot_clear (ui_devices_get_preview_frames (devices));
  }
}

static void
quit (UiIntents *intents) {
  g_application_quit (MADE_UP (intents)->application);
}

static void
intents_init (UiIntentsInterface *iface) {
  iface->create_account_async = create_account_async;
  iface->sign_in_async = sign_in_async;
  iface->serve_async = serve_async;
  iface->sign_out = sign_out;
  iface->retry_now = retry_now;
  iface->add_contact_async = add_contact_async;
  iface->redeem_invite_async = redeem_invite_async;
  iface->make_invite_async = make_invite_async;
  iface->accept_contact = accept_contact;
  iface->decline_contact = remove_contact;
  iface->remove_contact = remove_contact;
  iface->set_blocked = set_blocked;
  iface->rename_contact = rename_contact;
  iface->confirm_key = confirm_key;
  iface->send_message = send_message;
  iface->resend_message = resend_message;
  iface->mark_read = mark_read;
  iface->start_call = start_call;
  iface->accept_call = accept_call;
  iface->decline_call = hang_up;
  iface->hang_up = hang_up;
  iface->set_muted = set_muted;
  iface->set_camera = set_camera;
  iface->choose_device = choose_device;
  iface->set_preview = set_preview;
  iface->quit = quit;
}

MadeUp *
made_up_new (GApplication *application, UiSession *session) {
  MadeUp *self = g_object_new (MADE_TYPE_UP, NULL);
  self->application = application;
  self->session = g_object_ref (session);
  return self;
}

static void
made_up_finalize (GObject *object) {
  g_clear_object (&MADE_UP (object)->session);
  G_OBJECT_CLASS (made_up_parent_class)->finalize (object);
}

static void
made_up_class_init (MadeUpClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = made_up_finalize;
}

static void
made_up_init (MadeUp *self G_GNUC_UNUSED) {
}
