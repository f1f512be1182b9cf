/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the whole of one call on screen: reaching, ringing, talking, and how it ended. */
#include "ui/pages/call-page.h"
#include "ui/video/video-view.h"
#include "ui/widgets/call-words.h"
#include "ui/widgets/device-list.h"
#include "ui/widgets/format.h"
#include "ui/widgets/level-meter.h"
#include "ui/widgets/path-button.h"
#include "ui/widgets/ripple-avatar.h"

#include <glib/gi18n.h>

#define IDLE_MS 3500u           /* the controls hide after that, while there is a picture to see */
#define NARROW_PIXELS 560       /* below it one's own picture stands above the controls */
#define DRAG_PIXELS 40          /* a shorter pull was no pull */
#define CLOSE_LEFT_MS 700u      /* a call the person left goes by itself, ... */
#define CLOSE_SPOKEN_MS 3000u   /* ... one that was spoken stays to be read, ... */
#define CLOSE_UNSPOKEN_MS 1500u /* ... one that stopped ringing here is in the conversation */

struct _UiCallPage {
  AdwBin parent_instance;

  /* owned */
  UiDevices *devices;
  UiIntents *intents;
  UiCall *call; /* NULL: none */

  guint idle_source;
  guint close_source;
  double pointer_x, pointer_y;
  gboolean updating; /* toggles are being set from the model */
  gboolean had_picture;
  gboolean was_live; /* this call was accepted */
  gboolean left;     /* the person hung up, cancelled or declined */

  /* template children */
  UiVideoView *remote_view;
  GtkWidget *person_box;
  UiRippleAvatar *avatar;
  GtkLabel *name_label;
  GtkLabel *state_label;
  GtkRevealer *top_revealer;
  GtkLabel *title_label;
  GtkLabel *time_label;
  UiPathButton *path_button;
  GtkButton *fullscreen_button;
  GtkWidget *reconnecting_pill;
  GtkSpinner *reconnecting_spinner;
  GtkWidget *warning_pill;
  GtkLabel *warning_label;
  GtkWidget *remote_muted_pill;
  GtkLabel *remote_muted_label;
  GtkRevealer *local_revealer;
  UiVideoView *local_view;
  GtkRevealer *controls_revealer;
  GtkStack *controls;
  GtkToggleButton *mute_button;
  GtkImage *mute_icon;
  UiLevelMeter *level_meter;
  GtkToggleButton *camera_button;
  GtkImage *camera_icon;
  GtkMenuButton *devices_button;
  AdwBin *devices_bin;
  GtkWidget *accept_audio_box;
  GtkButton *accept_button;
  GtkWidget *silence_button;
  GtkWidget *again_button;
};

G_DEFINE_FINAL_TYPE (UiCallPage, ui_call_page, ADW_TYPE_BIN)

enum { CLOSE, TOGGLE_FULLSCREEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean
shows_picture (UiCallPage *self) {
  return self->call != NULL && ui_call_is_live (self->call) &&
         ui_call_get_remote_camera_on (self->call) &&
         ui_video_view_get_has_picture (self->remote_view);
}

static gboolean
on_idle (gpointer data) {
  UiCallPage *self = data;
  self->idle_source = 0;
  if (!shows_picture (self) ||
      gtk_widget_get_visible (GTK_WIDGET (gtk_menu_button_get_popover (self->devices_button)))) {
    return G_SOURCE_REMOVE;
  }
  gtk_revealer_set_reveal_child (self->controls_revealer, FALSE);
  gtk_revealer_set_reveal_child (self->top_revealer, FALSE);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "none");
  return G_SOURCE_REMOVE;
}

void
ui_call_page_wake (UiCallPage *self) {
  g_return_if_fail (UI_IS_CALL_PAGE (self));
  g_clear_handle_id (&self->idle_source, g_source_remove);
  gtk_revealer_set_reveal_child (self->controls_revealer, TRUE);
  gtk_revealer_set_reveal_child (self->top_revealer, TRUE);
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
  if (shows_picture (self)) {
    self->idle_source = g_timeout_add (IDLE_MS, on_idle, self);
  }
}

static gboolean
close_now (gpointer data) {
  UiCallPage *self = data;
  self->close_source = 0;
  g_signal_emit (self, signals[CLOSE], 0);
  return G_SOURCE_REMOVE;
}

static void
update_time (UiCallPage *self) {
  const gboolean secured = ui_call_get_state (self->call) == UI_CALL_SECURED ||
                           ui_call_get_state (self->call) == UI_CALL_RECONNECTING;
  g_autofree char *time = ui_format_duration (ui_call_get_duration_s (self->call));
  gtk_label_set_text (self->time_label, secured ? time : "");
  gtk_widget_set_visible (GTK_WIDGET (self->time_label), secured);
}

static void
name_toggle (GtkToggleButton *button, const char *label) {
  gtk_widget_set_tooltip_text (GTK_WIDGET (button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
update_toggles (UiCallPage *self) {
  const gboolean has_microphone = ui_call_get_has_microphone (self->call);
  const gboolean has_camera = ui_call_get_has_camera (self->call);
  const gboolean muted = ui_call_get_muted (self->call) || !has_microphone;
  const gboolean camera_off = !ui_call_get_camera_on (self->call) || !has_camera;

  self->updating = TRUE;
  gtk_toggle_button_set_active (self->mute_button, muted);
  gtk_toggle_button_set_active (self->camera_button, camera_off);
  self->updating = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->mute_button), has_microphone);
  gtk_widget_set_sensitive (GTK_WIDGET (self->camera_button), has_camera);
  gtk_image_set_from_icon_name (self->mute_icon, muted ? "microphone-disabled-symbolic"
                                                       : "audio-input-microphone-symbolic");
  gtk_image_set_from_icon_name (self->camera_icon,
                                camera_off ? "ahoy-camera-off-symbolic" : "camera-video-symbolic");
  gtk_widget_set_visible (GTK_WIDGET (self->level_meter), !muted);
  name_toggle (self->mute_button, !has_microphone ? _ ("No Microphone")
                                  : muted         ? _ ("Unmute")
                                                  : _ ("Mute"));
  name_toggle (self->camera_button, !has_camera  ? _ ("No Camera")
                                    : camera_off ? _ ("Turn Camera On")
                                                 : _ ("Turn Camera Off"));
}

static void
update_pills (UiCallPage *self) {
  const gboolean live = ui_call_is_live (self->call);
  const gboolean reconnecting = ui_call_get_state (self->call) == UI_CALL_RECONNECTING;
  const char *warning = ui_call_get_warning (self->call);
  g_autofree char *muted =
      g_strdup_printf (_ ("%s is muted"), ui_contact_get_name (ui_call_get_contact (self->call)));
  gtk_widget_set_visible (self->reconnecting_pill, reconnecting);
  gtk_spinner_set_spinning (self->reconnecting_spinner, reconnecting);
  gtk_widget_set_visible (self->warning_pill,
                          warning != NULL && ui_call_get_state (self->call) != UI_CALL_ENDED);
  gtk_label_set_text (self->warning_label, warning != NULL ? warning : "");
  gtk_widget_set_visible (self->remote_muted_pill,
                          live && !reconnecting && ui_call_get_remote_muted (self->call));
  gtk_label_set_text (self->remote_muted_label, muted);
}

static void
update_pictures (UiCallPage *self) {
  const gboolean picture = shows_picture (self);
  const gboolean ended = ui_call_get_state (self->call) == UI_CALL_ENDED;
  const gboolean mine = !ended && ui_call_get_camera_on (self->call) &&
                        !ui_call_is_ringing_here (self->call) &&
                        ui_video_view_get_has_picture (self->local_view);
  gtk_widget_set_visible (self->person_box, !picture);
  gtk_widget_set_opacity (GTK_WIDGET (self->remote_view), picture ? 1 : 0);
  gtk_widget_set_visible (GTK_WIDGET (self->local_revealer), mine);
  gtk_revealer_set_reveal_child (self->local_revealer, mine);
  gtk_widget_set_visible (GTK_WIDGET (self->title_label), picture);
  gtk_widget_set_visible (GTK_WIDGET (self->fullscreen_button), picture);
  if (picture) {
    gtk_widget_add_css_class (GTK_WIDGET (self), "with-picture");
  } else {
    gtk_widget_remove_css_class (GTK_WIDGET (self), "with-picture");
  }
  if (picture != self->had_picture) {
    self->had_picture = picture;
    ui_call_page_wake (self);
  }
}

static void
update_controls (UiCallPage *self) {
  const UiCallState state = ui_call_get_state (self->call);
  const gboolean with_video = ui_call_get_with_video (self->call);
  const char *controls = state == UI_CALL_ENDED                 ? "ended"
                         : ui_call_is_ringing_here (self->call) ? "incoming"
                                                                : "live";
  gtk_stack_set_visible_child_name (self->controls, controls);
  gtk_widget_set_margin_bottom (self->person_box, state == UI_CALL_ENDED                 ? 96
                                                  : ui_call_is_ringing_here (self->call) ? 160
                                                                                         : 72);
  gtk_widget_set_visible (self->accept_audio_box, with_video);
  gtk_button_set_icon_name (self->accept_button,
                            with_video ? "camera-video-symbolic" : "call-start-symbolic");
  gtk_widget_set_sensitive (self->again_button,
                            ui_contact_may_talk (ui_call_get_contact (self->call)));
}

static void
update (UiCallPage *self) {
  if (self->call == NULL) {
    return;
  }
  UiContact *contact = ui_call_get_contact (self->call);
  const UiCallState state = ui_call_get_state (self->call);
  gtk_label_set_text (self->name_label, ui_contact_get_name (contact));
  gtk_label_set_text (self->title_label, ui_contact_get_name (contact));
  gtk_label_set_text (self->state_label, ui_call_words (self->call));
  ui_ripple_avatar_set_text (self->avatar, ui_contact_get_name (contact));
  ui_ripple_avatar_set_rippling (self->avatar, state == UI_CALL_RINGING);
  ui_ripple_avatar_set_level_permille (
      self->avatar, state == UI_CALL_SECURED ? ui_call_get_remote_level_permille (self->call) : 0);
  ui_level_meter_set_level_permille (self->level_meter, ui_call_get_level_permille (self->call));
  update_time (self);
  ui_path_button_update (self->path_button, self->call);
  update_toggles (self);
  update_pills (self);
  update_pictures (self);
  update_controls (self);
}

/* What comes many times a second touches nothing else. */
static void
on_notify (UiCall *call, GParamSpec *pspec, UiCallPage *self) {
  if (g_str_equal (pspec->name, "level-permille")) {
    ui_level_meter_set_level_permille (self->level_meter, ui_call_get_level_permille (call));
  } else if (g_str_equal (pspec->name, "remote-level-permille")) {
    ui_ripple_avatar_set_level_permille (self->avatar, ui_call_get_remote_level_permille (call));
  } else if (g_str_equal (pspec->name, "duration-s")) {
    update_time (self);
  } else {
    update (self);
  }
}

/* Enter must not answer a call that appeared under somebody's typing: the first focus is harmless.
 */
static void
place_focus (UiCallPage *self) {
  if (ui_call_is_ringing_here (self->call)) {
    gtk_widget_grab_focus (self->silence_button);
  } else if (ui_call_get_state (self->call) != UI_CALL_ENDED) {
    gtk_widget_grab_focus (GTK_WIDGET (self->mute_button));
  }
}

/* Returns: how long an ended call stays on screen, 0: until the person closes it (they rang, and
 * should read why nobody came). */
static guint
closing_time_ms (UiCallPage *self) {
  if (self->left) {
    return CLOSE_LEFT_MS;
  }
  if (self->was_live) {
    return CLOSE_SPOKEN_MS;
  }
  const gboolean incoming = ui_call_get_direction (self->call) == UI_CALL_INCOMING;
  return incoming || ui_call_get_end_reason (self->call) == NULL ? CLOSE_UNSPOKEN_MS : 0;
}

static void
on_state (UiCallPage *self) {
  g_clear_handle_id (&self->close_source, g_source_remove);
  if (self->call == NULL) {
    return;
  }
  self->was_live = self->was_live || ui_call_is_live (self->call);
  if (ui_call_get_state (self->call) == UI_CALL_ENDED && closing_time_ms (self) > 0) {
    self->close_source = g_timeout_add (closing_time_ms (self), close_now, self);
  }
  ui_call_page_wake (self);
  place_focus (self);
}

static void
leave_call (UiCallPage *self) {
  g_clear_handle_id (&self->idle_source, g_source_remove);
  g_clear_handle_id (&self->close_source, g_source_remove);
  if (self->call != NULL) {
    g_signal_handlers_disconnect_by_data (self->call, self);
    g_signal_handlers_disconnect_by_data (ui_call_get_contact (self->call), self);
    g_clear_object (&self->call);
  }
}

void
ui_call_page_set_call (UiCallPage *self, UiCall *call) {
  g_return_if_fail (UI_IS_CALL_PAGE (self));
  if (self->call == call) {
    return;
  }
  leave_call (self);
  self->was_live = FALSE;
  self->left = FALSE;
  self->call = call != NULL ? g_object_ref (call) : NULL;
  ui_video_view_set_slot (self->remote_view,
                          call != NULL ? ui_call_get_remote_frames (call) : NULL);
  ui_video_view_set_slot (self->local_view, call != NULL ? ui_call_get_local_frames (call) : NULL);
  if (call != NULL) {
    g_signal_connect_object (call, "notify", G_CALLBACK (on_notify), self, 0);
    g_signal_connect_object (call, "notify::state", G_CALLBACK (on_state), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (ui_call_get_contact (call), "notify", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    update (self);
    on_state (self);
  }
}

void
ui_call_page_set_fullscreen (UiCallPage *self, gboolean fullscreen) {
  g_return_if_fail (UI_IS_CALL_PAGE (self));
  const char *label = fullscreen ? _ ("Leave Full Screen") : _ ("Full Screen");
  gtk_button_set_icon_name (self->fullscreen_button,
                            fullscreen ? "view-restore-symbolic" : "view-fullscreen-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->fullscreen_button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->fullscreen_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
on_mute_toggled (UiCallPage *self) {
  if (!self->updating && self->call != NULL) {
    ui_intents_set_muted (self->intents, self->call,
                          gtk_toggle_button_get_active (self->mute_button));
  }
}

static void
on_camera_toggled (UiCallPage *self) {
  if (!self->updating && self->call != NULL) {
    ui_intents_set_camera (self->intents, self->call,
                           !gtk_toggle_button_get_active (self->camera_button));
  }
}

void
ui_call_page_leave (UiCallPage *self) {
  g_return_if_fail (UI_IS_CALL_PAGE (self));
  if (self->call == NULL || ui_call_get_state (self->call) == UI_CALL_ENDED) {
    return;
  }
  self->left = TRUE;
  if (ui_call_is_ringing_here (self->call)) {
    ui_intents_decline_call (self->intents, self->call);
  } else {
    ui_intents_hang_up (self->intents, self->call);
  }
}

static void
on_accept (UiCallPage *self) {
  ui_intents_accept_call (self->intents, self->call, ui_call_get_with_video (self->call));
}

static void
on_accept_audio (UiCallPage *self) {
  ui_intents_accept_call (self->intents, self->call, FALSE);
}

static void
on_silence (UiCallPage *self) {
  ui_intents_silence_call (self->intents, self->call);
}

static void
on_call_again (UiCallPage *self) {
  ui_intents_start_call (self->intents, ui_call_get_contact (self->call),
                         ui_call_get_with_video (self->call));
}

static void
on_close (UiCallPage *self) {
  g_signal_emit (self, signals[CLOSE], 0);
}

static void
on_fullscreen (UiCallPage *self) {
  g_signal_emit (self, signals[TOGGLE_FULLSCREEN], 0);
}

static void
on_motion (GtkEventControllerMotion *controller G_GNUC_UNUSED, double x, double y, gpointer data) {
  UiCallPage *self = data;
  /* Moving widgets under a still pointer make motion events too. */
  if (ABS (x - self->pointer_x) + ABS (y - self->pointer_y) > 2) {
    self->pointer_x = x;
    self->pointer_y = y;
    ui_call_page_wake (self);
  }
}

static gboolean
on_key (UiCallPage *self) {
  ui_call_page_wake (self);
  return GDK_EVENT_PROPAGATE;
}

static void
on_pressed (GtkGestureClick *gesture G_GNUC_UNUSED, int presses, double x G_GNUC_UNUSED,
            double y G_GNUC_UNUSED, gpointer data) {
  UiCallPage *self = data;
  if (presses == 2 && shows_picture (self)) {
    g_signal_emit (self, signals[TOGGLE_FULLSCREEN], 0);
  }
}

static void
put_local_view (UiCallPage *self, GtkAlign horizontal, GtkAlign vertical) {
  GtkWidget *local = GTK_WIDGET (self->local_revealer);
  gtk_widget_set_halign (local, horizontal);
  gtk_widget_set_valign (local, vertical);
  gtk_widget_set_margin_top (local, vertical == GTK_ALIGN_START ? 62 : 18);
}

/* One's own picture goes to the corner towards which it was drawn. */
static void
on_local_dragged (GtkGestureDrag *gesture G_GNUC_UNUSED, double offset_x, double offset_y,
                  gpointer data) {
  UiCallPage *self = data;
  GtkAlign horizontal = gtk_widget_get_halign (GTK_WIDGET (self->local_revealer));
  GtkAlign vertical = gtk_widget_get_valign (GTK_WIDGET (self->local_revealer));
  if (ABS (offset_x) > DRAG_PIXELS) {
    horizontal = offset_x < 0 ? GTK_ALIGN_START : GTK_ALIGN_END;
  }
  if (ABS (offset_y) > DRAG_PIXELS) {
    vertical = offset_y < 0 ? GTK_ALIGN_START : GTK_ALIGN_END;
  }
  put_local_view (self, horizontal, vertical);
}

void
ui_call_page_move_local_view (UiCallPage *self) {
  g_return_if_fail (UI_IS_CALL_PAGE (self));
  const gboolean right = gtk_widget_get_halign (GTK_WIDGET (self->local_revealer)) == GTK_ALIGN_END;
  const gboolean low = gtk_widget_get_valign (GTK_WIDGET (self->local_revealer)) == GTK_ALIGN_END;
  /* Clockwise: from low right to low left, up, to the right, and down again. */
  put_local_view (self, right == low ? GTK_ALIGN_START : GTK_ALIGN_END,
                  right ? GTK_ALIGN_END : GTK_ALIGN_START);
}

static void
place_local_view (UiCallPage *self, int width) {
  GtkWidget *local = GTK_WIDGET (self->local_revealer);
  gtk_widget_set_margin_bottom (local, width < NARROW_PIXELS ? 92 : 18);
  ui_path_button_set_brief (self->path_button, width < NARROW_PIXELS);
}

static void
on_layout (GdkSurface *surface G_GNUC_UNUSED, int width, int height G_GNUC_UNUSED, gpointer data) {
  place_local_view (data, width);
}

static void
on_realize (UiCallPage *self) {
  GdkSurface *surface = gtk_native_get_surface (gtk_widget_get_native (GTK_WIDGET (self)));
  g_signal_connect_object (surface, "layout", G_CALLBACK (on_layout), self, 0);
}

static void
add_controllers (UiCallPage *self) {
  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);

  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);

  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->remote_view), GTK_EVENT_CONTROLLER (click));

  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_local_dragged), self);
  gtk_widget_add_controller (GTK_WIDGET (self->local_view), GTK_EVENT_CONTROLLER (drag));
}

void
ui_call_page_set_up (UiCallPage *self, UiDevices *devices, UiIntents *intents) {
  g_return_if_fail (UI_IS_CALL_PAGE (self) && self->devices == NULL);
  self->devices = g_object_ref (devices);
  self->intents = g_object_ref (intents);
  adw_bin_set_child (self->devices_bin, ui_device_list_new (devices, intents));
}

static void
ui_call_page_dispose (GObject *object) {
  UiCallPage *self = UI_CALL_PAGE (object);
  leave_call (self);
  g_clear_object (&self->devices);
  g_clear_object (&self->intents);
  G_OBJECT_CLASS (ui_call_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class) {
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, remote_view);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, person_box);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, avatar);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, name_label);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, state_label);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, top_revealer);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, title_label);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, time_label);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, path_button);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, fullscreen_button);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, reconnecting_pill);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, reconnecting_spinner);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, warning_pill);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, warning_label);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, remote_muted_pill);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, remote_muted_label);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, local_revealer);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, local_view);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, controls_revealer);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, controls);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, mute_button);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, mute_icon);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, level_meter);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, camera_button);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, camera_icon);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, devices_button);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, devices_bin);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, accept_audio_box);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, accept_button);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, silence_button);
  gtk_widget_class_bind_template_child (widget_class, UiCallPage, again_button);
}

static void
bind_callbacks (GtkWidgetClass *widget_class) {
  gtk_widget_class_bind_template_callback (widget_class, on_mute_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_camera_toggled);
  gtk_widget_class_bind_template_callback_full (widget_class, "on_leave",
                                                G_CALLBACK (ui_call_page_leave));
  gtk_widget_class_bind_template_callback (widget_class, on_accept);
  gtk_widget_class_bind_template_callback (widget_class, on_accept_audio);
  gtk_widget_class_bind_template_callback (widget_class, on_silence);
  gtk_widget_class_bind_template_callback (widget_class, on_call_again);
  gtk_widget_class_bind_template_callback (widget_class, on_close);
  gtk_widget_class_bind_template_callback (widget_class, on_fullscreen);
}

static void
ui_call_page_class_init (UiCallPageClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_call_page_dispose;
  signals[CLOSE] = g_signal_new ("close", UI_TYPE_CALL_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  signals[TOGGLE_FULLSCREEN] =
      g_signal_new ("toggle-fullscreen", UI_TYPE_CALL_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 0);

  g_type_ensure (UI_TYPE_VIDEO_VIEW);
  g_type_ensure (UI_TYPE_RIPPLE_AVATAR);
  g_type_ensure (UI_TYPE_LEVEL_METER);
  g_type_ensure (UI_TYPE_PATH_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/pages/call-page.ui");
  bind_children (widget_class);
  bind_callbacks (widget_class);
}

static void
ui_call_page_init (UiCallPage *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  add_controllers (self);
  g_signal_connect (self, "realize", G_CALLBACK (on_realize), NULL);
  g_signal_connect_object (self->remote_view, "notify::has-picture", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->local_view, "notify::has-picture", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
}
